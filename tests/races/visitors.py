"""Visitors and officers over real connections, many at once from processes of their own.

Runs in the client processes too, so it imports nothing but the standard library.
"""

from __future__ import annotations

import html
import http.client
import multiprocessing
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode, urlsplit

Job = TypeVar("Job")
Done = TypeVar("Done")

_barrier: Any = None


def _take_barrier(barrier: Any) -> None:
    global _barrier
    _barrier = barrier


def wait_for_all() -> None:
    """Stand still until every process of `together` is here."""
    _barrier.wait(30)


def together(function: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
    """Run `function` on each job, each in its own new process. It calls `wait_for_all` when it is ready to begin."""
    context = multiprocessing.get_context("spawn")
    pool = context.Pool(len(jobs), initializer=_take_barrier, initargs=(context.Barrier(len(jobs)),))
    try:
        return pool.map_async(function, jobs, chunksize=1).get(60)
    finally:
        pool.terminate()
        pool.join()


def at_once(functions: Sequence[Callable[[], Done]]) -> list[Done]:
    """Run the functions in threads that begin at the same moment; what one raised is raised here."""
    begin = threading.Barrier(len(functions))
    results: list[Any] = [None] * len(functions)
    failed: list[BaseException] = []

    def run(n: int) -> None:
        try:
            begin.wait(30)
            results[n] = functions[n]()
        except BaseException as error:  # told in the thread that waits
            failed.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failed:
        raise failed[0]
    return results


@dataclass
class Page:
    """One answer."""

    status: int
    location: str
    body: str
    cookie: str = ""

    def value(self, name: str) -> str:
        """What the hidden input of this name holds."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.body)
        if found is None:
            raise AssertionError(f"no input {name} in an answer {self.status}: {self.sentence}")
        return html.unescape(found[1])

    @property
    def sentence(self) -> str:
        """What the page complains about, or its heading."""
        found = re.search(r'class="errors".*?<li>(.*?)</li>', self.body, re.DOTALL) or re.search(
            r"<h1[^>]*>(.*?)</h1>", self.body, re.DOTALL
        )
        return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


class Browser:
    """One visitor's connection. `address` is what the proxy in front says about where he comes from."""

    opened: ClassVar[list[Browser]] = []

    def __init__(self, base: str, address: str = "", cookie: str = "") -> None:
        self.opened.append(self)
        self.host = urlsplit(base).netloc
        self.connection = http.client.HTTPConnection("127.0.0.1", int(self.host.rpartition(":")[2]), timeout=40)
        self.address = address
        self.cookie = cookie

    def get(self, path: str) -> Page:
        return self._ask("GET", path)

    def post(self, path: str, form: dict[str, Any]) -> Page:
        return self._ask("POST", path, urlencode(form))

    def follow(self, page: Page) -> Page:
        return self.get(page.location)

    def _ask(self, method: str, path: str, body: str | None = None) -> Page:
        headers = {"Host": self.host, "Sec-Fetch-Site": "same-origin" if method == "POST" else "none"}
        if self.address:
            headers["X-Forwarded-For"] = self.address
        if self.cookie:
            headers["Cookie"] = self.cookie
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        for again in (False, True):
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # An idle connection that the server gave up; what was sent over it may still have arrived, and that
                # is what keys are for.
                self.connection.close()
                if again:
                    raise
        text = answer.read().decode()
        location = urlsplit(answer.headers.get("Location", ""))
        where = location.path + (f"?{location.query}" if location.query else "")
        cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
        if cookie:
            self.cookie = cookie
        return Page(answer.status, where, text, cookie)

    def close(self) -> None:
        self.connection.close()

    @classmethod
    def close_all(cls) -> None:
        """Hang up everywhere."""
        while cls.opened:
            cls.opened.pop().close()


@dataclass
class Buyer:
    """Somebody who wants a seat on a page, in this session when it is given. 647499 is no kecamatan."""

    base: str
    page_code: str
    number: int
    session_id: str = ""
    people: int = 1

    @property
    def address(self) -> str:
        return f"10.{self.number >> 16 & 255}.{self.number >> 8 & 255}.{self.number & 255}"

    @property
    def phone(self) -> str:
        return f"0812991{self.number:05d}"

    def nik(self, person: int = 1) -> str:
        return f"647499{person}{self.number:09d}"

    def data(self, page: Page) -> dict[str, str]:
        """The data page filled in."""
        form = {name: page.value(name) for name in ("key", "people", "pool", "session")}
        for n in range(1, int(form["people"]) + 1):
            form |= {f"name_{n}": f"Pembeli {self.number}", f"nik_{n}": self.nik(n), f"service_{n}": "baru"}
            form[f"help_{n}"] = ""
        return form | {"phone": self.phone, "website": ""}


@dataclass
class Story:
    """What became of one buyer: the statuses of his pages in order, his ticket's address, what he was told."""

    number: int
    statuses: list[int] = field(default_factory=list)
    ticket: str = ""
    told: str = ""
    seconds: float = 0.0

    @property
    def end(self) -> int:
        return self.statuses[-1] if self.statuses else 0


def buy(buyer: Buyer, story: Story | None = None) -> Story:
    """The whole path: choose, data, check, send, ticket. Ends early where a page refuses."""
    story = story or Story(buyer.number)
    browser = Browser(buyer.base, buyer.address)
    begun = time.monotonic()
    try:
        _buy(buyer, browser, story)
    finally:
        story.seconds = time.monotonic() - begun
        browser.close()
    return story


def _buy(buyer: Buyer, browser: Browser, story: Story) -> None:
    def note(page: Page, wanted: int) -> bool:
        story.statuses.append(page.status)
        if page.status != wanted:
            story.told = page.sentence
        return page.status == wanted

    first = browser.get(f"/J/{buyer.page_code}")
    if not note(first, 200):
        return
    free = re.findall(r'<input type="radio" name="session" value="([^"]+)"(?:(?! disabled)[^>])*>', first.body)
    chosen = buyer.session_id or (free[0] if free else "")
    data = browser.get(f"/J/{buyer.page_code}/data?" + urlencode({"session": chosen, "people": buyer.people}))
    if not note(data, 200):
        return
    held = browser.post(f"/J/{buyer.page_code}/data", buyer.data(data))
    if not note(held, 303):
        return
    check = browser.follow(held)
    if not note(check, 200):
        return
    sent = browser.post(held.location, {})
    if not note(sent, 303):
        return
    story.ticket = sent.location
    if note(browser.follow(sent), 200):
        story.told = "ticket"


def crowd(buyers: list[Buyer]) -> list[Story]:
    """All of them at once, each in a thread; for `together`."""
    wait_for_all()
    return at_once([lambda one=one: buy(one) for one in buyers])  # type: ignore[misc]


def rush(buyers: Sequence[Buyer], processes: int = 4) -> list[Story]:
    """Everybody at the same moment, from several client processes."""
    shares = [list(buyers[n::processes]) for n in range(processes)]
    return [story for found in together(crowd, shares) for story in found]
