"""The command `fieldops`: init, migrate, serve, run, demo, check, backup, restore, sign-in-link, add-person,
drop-second-step."""

from __future__ import annotations

import argparse
import os
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fieldops import migrate
from fieldops import settings as configuration
from fieldops.kit import clock, db, keys, throttle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fieldops.core.people.queries import PersonRow
    from fieldops.settings import Settings


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point; exits with 0 when all went well, 1 when a check failed, 2 on a wrong call."""
    parser = argparse.ArgumentParser(prog="fieldops", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init", help="make the office's key, the database, the plan's data and weekly templates")
    commands.add_parser("migrate", help="bring the database to the newest revision")
    for name, text in (("serve", "web and worker"), ("run", "init, demo office when empty, serve, print the links")):
        made = commands.add_parser(name, help=text)
        made.add_argument("--bind", default=os.environ.get("FIELDOPS_BIND", ""), help="host:port")
        made.add_argument("--workers", type=int, default=int(os.environ.get("FIELDOPS_WORKERS", "2")))
        made.add_argument("--threads", type=int, default=int(os.environ.get("FIELDOPS_THREADS", "3")))
    demo = commands.add_parser("demo", help="fill an empty database with a demonstration office")
    demo.add_argument("--weeks-back", type=int, default=8)
    commands.add_parser("check", help="check the invariants; exit 1 when one is broken")
    backup = commands.add_parser("backup", help="write everything into one zip")
    backup.add_argument("file", nargs="?", type=Path)
    restore = commands.add_parser("restore", help="fill an empty database from a backup")
    restore.add_argument("file", type=Path)
    link = commands.add_parser("sign-in-link", help="a one-time sign-in link for a member of staff")
    link.add_argument("name", help="part of the name")
    person = commands.add_parser("add-person", help="a new member of staff")
    person.add_argument("name")
    person.add_argument("role", choices=["officer", "supervisor", "tu", "head", "admin", "auditor"])
    for option in ("--section", "--email", "--nip"):
        person.add_argument(option, default="")
    drop = commands.add_parser("drop-second-step", help="ask somebody who lost his phone and his codes for no code")
    drop.add_argument("name", help="part of the name")
    asked = parser.parse_args(arguments)
    from fieldops.core.roster.posts.queries import use_limits

    os.umask(0o077)  # the database and its backups are nobody else's to read
    known = configuration.load(create=asked.command in {"init", "run", "demo"})
    keys.use(known.secret)
    throttle.use(known.var_dir / "throttle.db")
    use_limits(known)
    db.connect(known.database_url)
    raise SystemExit(_COMMANDS[asked.command](known, asked) or 0)


def _init(known: Settings, _asked: argparse.Namespace) -> None:
    from fieldops import demo, seed

    migrate.upgrade(db.database())
    with db.transaction() as session:
        seed.load_plan(session, now=clock.now(), office_name=known.office_name, office_address=known.office_address)
        demo.set_templates(session, now=clock.now())
    print(f"Ready: {db.database().url.render_as_string()} at revision {migrate.head()}, plan 2025-2029 loaded.")


def _migrate(_known: Settings, _asked: argparse.Namespace) -> None:
    migrate.upgrade(db.database())
    print(f"At revision {migrate.head()}.")


def _bind(known: Settings, asked: argparse.Namespace) -> str:
    return asked.bind or f"127.0.0.1:{urlsplit(known.public_url).port or os.environ.get('FIELDOPS_PORT', '8000')}"


def _serve(known: Settings, asked: argparse.Namespace) -> int:
    from fieldops.serve import serve

    found = migrate.current(db.database())
    if found != migrate.head():
        print(f"The database is at revision {found}, the code at {migrate.head()}: run `fieldops migrate`.")
        return 1
    db.database().dispose()
    return serve(known, bind=_bind(known, asked), workers=asked.workers, threads=asked.threads)


def _run(known: Settings, asked: argparse.Namespace) -> int:
    from fieldops import demo
    from fieldops.serve import serve

    _init(known, asked)
    with db.reading() as session:
        empty = demo.is_empty(session)
    if empty:
        demo.fill(now=clock.now(), settings=known, say=_say)
    bind = _bind(known, asked)
    db.database().dispose()

    def ready() -> None:
        db.connect(known.database_url, pool=1)
        _wait_until_up(known, bind)
        _print_links(known)

    return serve(known, bind=bind, workers=asked.workers, threads=asked.threads, ready=ready)


def _say(text: str) -> None:
    print(text, flush=True)


def _wait_until_up(known: Settings, bind: str) -> None:
    address = f"http://{bind}/healthz"
    asked = urllib.request.Request(address, headers={"Host": known.public_host})
    for _ in range(100):
        try:
            with urllib.request.urlopen(asked, timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)


def _print_links(known: Settings) -> None:
    from fieldops.core.booking.queries.public import open_pages
    from fieldops.core.office.queries import is_demo
    from fieldops.core.people import queries, service
    from fieldops.kit import qr

    now = clock.now()
    with db.reading() as session:
        pages = open_pages(session, now=now)
        people = queries.active_people(session)
    demo = is_demo()
    bookable = next((one for one in pages if one.opens_at <= now), pages[0] if pages else None)
    link = f"{known.public_url}/J/{bookable.code}" if bookable else known.public_url
    print()
    print(f"  Public page{' (' + bookable.title + ')' if bookable else ''}: {link}")
    print()
    print(qr.terminal(link.upper(), ansi=True))
    if not demo:
        print(f"  Staff: {known.staff_url}/sign-in (make a link with `fieldops sign-in-link NAME`)")
        return
    print("  Sign in as (each link works once, within 24 hours):")
    shown: set[str] = set()
    for person in people:
        if person.role.value in shown:
            continue
        shown.add(person.role.value)
        with db.transaction() as session:
            token = service.make_link(session, person.id, now=now)
        print(f"    {person.role.label:<16} {person.name:<20} {known.staff_url}/sign-in/{token}")
    print("  All people in this office are invented. Stop with Ctrl+C.", flush=True)


def _demo(known: Settings, asked: argparse.Namespace) -> None:
    from fieldops import demo

    _init(known, asked)
    demo.fill(now=clock.now(), weeks_back=asked.weeks_back, settings=known, say=_say)


def _check(_known: Settings, _asked: argparse.Namespace) -> int:
    from fieldops import check

    found = check.problems()
    for problem in found:
        print(problem)
    for warning in check.warnings() if migrate.current(db.database()) == migrate.head() else ():
        print(f"Warning: {warning}")
    print("All invariants hold." if not found else f"{len(found)} problem(s).")
    return 1 if found else 0


def _backup(known: Settings, asked: argparse.Namespace) -> None:
    from fieldops import backup

    target = asked.file or known.var_dir / f"backup-{datetime.now(clock.ZONE):%Y%m%d-%H%M%S}.zip"
    counts = backup.backup(target)
    print(f"{sum(counts.values())} rows in {target}. Keep {known.var_dir / 'secret.key'} somewhere else, and safe.")


def _restore(_known: Settings, asked: argparse.Namespace) -> None:
    from fieldops import backup

    migrate.upgrade(db.database())
    counts = backup.restore(asked.file)
    print(f"{sum(counts.values())} rows restored. Run `fieldops check`.")


def _the_one(part: str) -> PersonRow | None:
    """The active person whose name contains `part`; says so when it is nobody or more than one."""
    from fieldops.core.people import queries

    with db.reading() as session:
        found = [one for one in queries.active_people(session) if part.casefold() in one.name.casefold()]
    if len(found) == 1:
        return found[0]
    print(f"{len(found)} people match {part!r}: {', '.join(one.name for one in found) or '-'}")
    return None


def _link(known: Settings, asked: argparse.Namespace) -> int:
    from fieldops.core.people import service

    person = _the_one(asked.name)
    if person is None:
        return 1
    with db.transaction() as session:
        token = service.make_link(session, person.id, now=clock.now())
    print(f"{person.name}: {known.staff_url}/sign-in/{token}")
    return 0


def _add_person(_known: Settings, asked: argparse.Namespace) -> int:
    from fieldops.core.people import service
    from fieldops.core.people.rules import facts
    from fieldops.kit.errors import Refusal

    try:
        name, section = facts.read_name(asked.name), facts.read_text(asked.section)
        email, nip = facts.read_email(asked.email), facts.read_nip(asked.nip)
        with db.transaction() as session:
            service.add_person(
                session, name=name, role=asked.role, section=section, email=email, nip=nip, now=clock.now()
            )
    except Refusal as refusal:
        print(refusal.sentence)
        return 1
    print(f"{name} added as {asked.role}.")
    return 0


def _drop_second_step(_known: Settings, asked: argparse.Namespace) -> int:
    from fieldops.core.audit.rules import SYSTEM
    from fieldops.core.credentials import service as credentials
    from fieldops.core.people.service import entry

    person = _the_one(asked.name)
    if person is None:
        return 1
    with db.transaction() as session:
        had = credentials.drop_second_step(session, person.id, actor=SYSTEM, reason="command", now=clock.now())
        entry.end_all(session, person.id, actor=SYSTEM, now=clock.now(), why="second-step.drop")
    print(f"{person.name}: {'the second step is gone, every session has ended' if had else 'had no second step'}.")
    return 0


_COMMANDS = {
    "init": _init,
    "migrate": _migrate,
    "serve": _serve,
    "run": _run,
    "demo": _demo,
    "check": _check,
    "backup": _backup,
    "restore": _restore,
    "sign-in-link": _link,
    "add-person": _add_person,
    "drop-second-step": _drop_second_step,
}

if __name__ == "__main__":
    main(sys.argv[1:])
