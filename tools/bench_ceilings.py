"""What the machine would allow, for tools/bench.py.

`serve` runs FieldOps' own web server with two more pages. /bench/page/CODE draws the page /J/CODE from the values it
had at the first request: the same template, filters, hooks and headers without the look-up. /bench/bytes/CODE answers
with the finished bytes, so it costs what the server and the framework cost.
`raw` runs the smallest transaction that sells a seat through the plain driver: claim a free seat, insert the booking,
commit, flushed to disk.
"""

import argparse
import json
import os
import random
import sqlite3
import sys
import threading
import time
import traceback
from urllib.parse import urlsplit

SEATS = 15_000  # for each client, more than it can sell in a second
TABLES = """
create table if not exists bench_seat(id integer primary key, booking_id bigint);
create table if not exists bench_booking(id bigint primary key, token varchar(26) unique, code varchar(9) unique,
  name varchar(100), made_at varchar(40));
"""
CLAIM = "update bench_seat set booking_id = ? where id = ? and booking_id is null"
INSERT = "insert into bench_booking(id, token, code, name, made_at) values(?, ?, ?, ?, ?)"


def serve(bind):
    """FieldOps as `fieldops serve` runs it, with the two pages; the factory alone is wrapped."""
    from flask import make_response, render_template, template_rendered

    from fieldops import serve as server
    from fieldops import settings
    from fieldops.kit import access, keys, memory, throttle

    made, kept, lock = server.create_app, {}, threading.Lock()

    def values_of(app, code):
        """The template and the values of the slot page as they are now, then for ever."""
        with lock:
            if code not in kept:
                drawn = []
                memory._kept.clear()  # the slot page is to be drawn, not remembered

                def keep(_app, template, context, **_more):
                    drawn.append((template.name, context))

                with template_rendered.connected_to(keep, app):
                    answer = app.view_functions["booking.page_show"](code=code)
                name, context = drawn[-1]
                mine = {key: value for key, value in context.items() if key not in {"request", "session", "g"}}
                kept[code] = name, mine, answer.get_data()
            return kept[code]

    def with_constants(known):
        app = made(known)

        @app.get("/bench/page/<code>")
        @access.public
        def bench_page(code):
            name, context, _ = values_of(app, code)
            answer = make_response(render_template(name, **context), 200)
            answer.headers["Cache-Control"] = "public, max-age=2"
            return answer

        @app.get("/bench/bytes/<code>")
        @access.public
        def bench_bytes(code):
            answer = make_response(values_of(app, code)[2])
            answer.headers["Cache-Control"] = "public, max-age=2"
            return answer

        return app

    known = settings.load()
    keys.use(known.secret)
    throttle.use(known.var_dir / "throttle.db")
    server.create_app = with_constants
    sys.exit(server.serve(known, bind=bind))


def raw(url, clients, seconds):
    """Transactions a second by `clients` processes of one connection each."""
    deadline = time.monotonic() + 0.3 + seconds
    pipes = []
    for client in range(clients):
        reading, writing = os.pipe()
        if os.fork() == 0:
            status = 1
            try:
                os.write(writing, json.dumps(_sell(url, client, deadline - seconds, deadline)).encode())
                status = 0
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(status)
        os.close(writing)
        pipes.append(reading)
    done = 0
    for pipe in pipes:
        with os.fdopen(pipe) as file:
            done += json.loads(file.read())
        os.wait()
    print(json.dumps({"rate": done / seconds}))


def _sell(url, client, start, deadline):
    sell = _sqlite(url) if url.startswith("sqlite") else _postgres(url)
    made = 0
    time.sleep(max(0.0, start - time.monotonic()))
    while time.monotonic() < deadline:
        seat, n = client * SEATS + made + 1, random.getrandbits(60)
        sell(seat, (n, f"{n:026d}", f"{seat * 7919 % 10**9:09d}", "Siti Nurhaliza", "2026-11-28 00:00:00"))
        made += 1
    return made


def _sqlite(url):
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")

    def sell(seat, row):
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute(CLAIM, (row[0], seat)).rowcount != 1:
            raise RuntimeError("the seat was taken")
        connection.execute(INSERT, row)
        connection.execute("COMMIT")

    return sell


def _postgres(url):
    import psycopg

    connection = psycopg.connect(url)
    claim, insert = CLAIM.replace("?", "%s"), INSERT.replace("?", "%s")

    def sell(seat, row):
        if connection.execute(claim, (row[0], seat)).rowcount != 1:
            raise RuntimeError("the seat was taken")
        connection.execute(insert, row)
        connection.commit()

    return sell


def prepare(url, clients):
    """Fresh tables with seats enough for all."""
    seats = clients * SEATS
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.executescript(f"drop table if exists bench_seat; drop table if exists bench_booking; {TABLES}")
        connection.execute("BEGIN")
        connection.executemany("insert into bench_seat(id) values(?)", ((n,) for n in range(1, seats + 1)))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
        return
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"drop table if exists bench_seat; drop table if exists bench_booking; {TABLES}")
        connection.execute("insert into bench_seat(id) select generate_series(1, %s)", (seats,))
        connection.execute("vacuum analyze bench_seat")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve").add_argument("--bind", required=True)
    made = commands.add_parser("raw")
    made.add_argument("url")
    made.add_argument("--clients", type=int, default=1)
    made.add_argument("--seconds", type=float, default=1.0)
    asked = parser.parse_args()
    if asked.command == "serve":
        serve(asked.bind)
    else:
        if not urlsplit(asked.url).scheme:
            parser.error("url: sqlite:///FILE or postgresql://…")
        prepare(asked.url, asked.clients)
        raw(asked.url, asked.clients, asked.seconds)


if __name__ == "__main__":
    main()
