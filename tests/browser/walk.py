"""A person in front of a browser, and what every page must be for that person."""

from __future__ import annotations

import os
import re
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response

SHOTS = os.environ.get("FIELDOPS_SHOTS", "")
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
# A page that refuses a form is a 422, and Chromium says so on the console.
EXPECTED = [r"Failed to load resource: the server responded with a status of 422"]

_TELLS_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) => {
  window.tellViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""

# What a person with a thumb and bad eyes would complain about. `tap` is the height in CSS pixels that a button needs.
_LAYOUT = """
(tap) => {
  const found = [];
  const name = (node) => node.tagName.toLowerCase() + (node.id ? '#' + node.id : '')
    + (typeof node.className === 'string' && node.className ? '.' + node.className.trim().replace(/\\s+/g, '.') : '')
    + ' "' + (node.textContent || node.value || '').trim().slice(0, 30) + '"';
  const shown = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getBoundingClientRect().width > 1;
  const root = document.scrollingElement, width = root.clientWidth;
  if (root.scrollWidth > width) {
    found.push(`scrolls sideways: ${root.scrollWidth} > ${width}`);
    const wide = [...document.body.querySelectorAll('*')].filter((node) => shown(node)
      && node.getBoundingClientRect().right > width + 1 && !node.closest('.table-wrap, .vh'));
    wide.slice(-3).forEach((node) => found.push(`too wide: ${name(node)}`));
  }
  const targets = '.btn, input.input, select, textarea, summary, label.choice, label.slot, .back, .foot-links a,'
    + '.nav a, a.card';
  for (const node of document.querySelectorAll(targets)) {
    if (!shown(node)) continue;
    const high = node.getBoundingClientRect().height;
    const needed = node.matches('.btn, .input, select') ? tap : 44;
    if (high < needed - 0.5) found.push(`only ${Math.round(high)} px high: ${name(node)}`);
  }
  for (const node of document.body.querySelectorAll('*')) {
    if (!shown(node) || node.closest('.vh, .clip, svg, .table-wrap, input, textarea, select')) continue;
    const style = getComputedStyle(node);
    if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
    if (node.scrollWidth > node.clientWidth + 1 && node.clientWidth) found.push(`text cut off: ${name(node)}`);
  }
  const heads = [...document.querySelectorAll('h1, h2, h3')].filter(shown).map((node) => Number(node.tagName[1]));
  heads.forEach((level, n) => {
    if (n && level > heads[n - 1] + 1) found.push(`h${level} after h${heads[n - 1]}`);
  });
  return found;
}
"""

# Where the focus is, whether it can be seen there, and whether a ring is drawn around it.
_FOCUS = """
() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const box = (one) => one.getBoundingClientRect();
  const ringed = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && one.checkVisibility();
  };
  const label = node.closest('label');
  const drawn = [node, label, node.parentElement].find((one) => one && ringed(one)) || null;
  const place = box(drawn || node);
  const x = Math.min(Math.max(place.left + place.width / 2, 1), innerWidth - 1);
  const spots = [place.top + 3, place.top + place.height / 2, place.bottom - 3]
    .filter((y) => y > 0 && y < innerHeight).map((y) => document.elementFromPoint(x, y));
  const mine = (one) => one && (one === node || node.contains(one) || one.contains(node) || one === label
    || label?.contains(one)) && one.tagName !== 'HTML' && one.tagName !== 'BODY';
  return {
    tag: node.tagName.toLowerCase(), id: node.id, name: node.getAttribute('name') || '', value: node.value || '',
    text: (node.textContent || node.getAttribute('aria-label') || '').trim().replace(/\\s+/g, ' '),
    ring: Boolean(drawn),
    hidden: !spots.some(mine),
    over: spots.filter((one) => !mine(one)).map((one) => one ? one.tagName + '.' + one.className : 'nothing'),
    outside: place.bottom <= 0 || place.top >= innerHeight,
  };
}
"""

_numbers = count(1)


class Walk:
    """One tab. It counts taps and pages, and keeps what the browser complained about."""

    def __init__(
        self, context: BrowserContext, base: str, *, label: str = "", scripts: bool = True, touch: bool = False
    ) -> None:
        self.context = context
        self.base = base
        self.label = label
        self.scripts = scripts
        self.touch = touch
        self.taps = 0
        self.pages: list[str] = []
        self.complaints: list[str] = []
        self.expected = list(EXPECTED)
        self.hosts: set[str] = set()
        self.posts: list[str] = []
        if scripts:
            context.expose_binding("tellViolation", lambda _source, text: self.complaints.append(f"CSP: {text}"))
            context.add_init_script(_TELLS_VIOLATIONS)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(8000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error in a script: {error}"))
        self.page.on("response", self._response)
        self.page.on("request", lambda request: request.method == "POST" and self.posts.append(request.url))
        self.page.on("framenavigated", lambda frame: self.pages.append(frame.url) if not frame.parent_frame else None)

    def _console(self, message: ConsoleMessage) -> None:
        if not any(re.search(pattern, message.text) for pattern in self.expected):
            self.complaints.append(f"console {message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        parts = urlsplit(response.url)
        if parts.scheme in {"http", "https"}:
            self.hosts.add(parts.netloc)
        if response.status >= 500:
            self.complaints.append(f"{response.status} from {parts.path}")

    # -- ways

    def go(self, path: str) -> Walk:
        self.page.goto(path if path.startswith("http") else self.base + path)
        return self

    def find(self, selector: str, **options: Any) -> Locator:
        return self.page.locator(selector, **options)

    def button(self, text: str) -> Locator:
        return self.page.get_by_role("button", name=text)

    def link(self, text: str) -> Locator:
        return self.page.get_by_role("link", name=text)

    def tap(self, where: Locator) -> None:
        """A tap of the thumb (a click where there is no touch screen)."""
        self.taps += 1
        if self.touch:
            where.tap()
        else:
            where.click()

    def send(self, where: Locator) -> None:
        """A tap that brings another page; waits for it."""
        with self.page.expect_navigation():
            self.tap(where)

    def type(self, where: Locator, text: str) -> None:
        """Tap into a field and type (all at once: taps faster than a hand's are taken for double taps)."""
        self.tap(where)
        where.fill(text)

    def arrive(self, heading: str) -> None:
        """Wait until the page with this heading is here."""
        expect(self.find("h1")).to_have_text(heading)
        self.page.wait_for_load_state("load")

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    # -- judgement

    def check(self, name: str, *, axe: bool = True) -> None:
        """This page, as it is now, is fit for people. `name` is for the picture and for the message."""
        problems = self.layout()
        if axe and self.scripts:
            problems += self.axe()
        self.picture(name)
        assert not problems, f"{name} ({self.path}): {problems}"
        self.quiet(name)

    def picture(self, name: str) -> None:
        """Keep a picture of the page when somebody wants to look at them."""
        if SHOTS:
            folder = Path(SHOTS)
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"{next(_numbers):03d}-{self.label}-{name}.png"
            self.page.screenshot(path=str(file), full_page=True)

    def quiet(self, name: str = "") -> None:
        """The browser had nothing to complain about, and nobody else was asked for anything."""
        assert not self.complaints, f"{name}: {self.complaints}"
        ours = {urlsplit(self.base).netloc}
        assert self.hosts <= ours, f"{name}: asked {self.hosts - ours}"

    def layout(self) -> list[str]:
        tap = 48 if "/localhost" in self.base else 44
        return list(self.page.evaluate(_LAYOUT, tap)) if self.scripts else []

    def axe(self) -> list[str]:
        self.page.evaluate(AXE_SCRIPT)
        found: dict[str, Any] = self.page.evaluate("(options) => axe.run(document, options)", AXE_OPTIONS)
        return [
            f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}: {one['nodes'][0]['failureSummary']}"
            for one in found["violations"]
        ]

    def focus(self) -> dict[str, Any] | None:
        """The element that has the keyboard."""
        return self.page.evaluate(_FOCUS)  # type: ignore[no-any-return]

    def close(self) -> None:
        self.context.close()
