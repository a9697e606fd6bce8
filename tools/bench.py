"""`make bench`: how fast FieldOps is on this machine, beside what the machine would allow (docs/bench.md).

Starts FieldOps as an office would, on loopback, once with SQLite and once with PostgreSQL that flushes to disk, and
sends visitors through the whole way from poster to ticket. Prints tables, and PASS or MISS beside each target. The
exit status is 1 only for wrong results (a seat sold twice, a failed answer, a broken invariant), never for slowness.
"""

import argparse
import http.client
import json
import os
import platform
import re
import resource
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import postgres

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"
CLIENTS = (1, 8, 32)
SESSIONS, SEATS = 10, 200  # of the page that is booked, fresh for every run
WARM = 0.3  # seconds of load before a measured window begins
TICK = os.sysconf("SC_CLK_TCK")
PAGES = {"slot": "/J/", "page": "/bench/page/", "bytes": "/bench/bytes/"}


# -- processes --------------------------------------------------------------------------------------------------


def family(root):
    """The ids of a process and all below it."""
    below = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            below.setdefault(parent, []).append(int(entry))
    found, open_ = [], [root]
    while open_:
        found.append(open_.pop())
        open_ += below.get(found[-1], [])
    return found


def cpu_ms(root):
    """CPU time so far of a process, all below it, and those that ended and were waited for."""
    ticks = 0
    for pid in family(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks * 1000 / TICK


def machine_ms():
    """CPU time so far of everything on this machine, also what the host took away."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (sum(map(int, fields[1:9])) - int(fields[4]) - int(fields[5])) * 1000 / TICK


def memory_mb(root):
    """Proportional set size: shared pages count once."""
    total = 0
    for pid in family(root):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])
    return total * 1024 / 1e6


class Server:
    """A web server that was started here; answers `path` with 200 when it is up."""

    def __init__(self, command, place, path):
        self.port = place.port
        began = time.monotonic()
        self.log = (place.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{place.port}"],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("FIELDOPS_")}
            | place.environment
            | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        while self._status(path) != 200:
            if self.process.poll() is not None or time.monotonic() - began > 60:
                self.stop()
                tail = (place.folder / "server.log").read_text()[-3000:]
                sys.exit(f"bench: the server did not start:\n{tail}")
            time.sleep(0.005)
        self.ready = time.monotonic() - began

    def _status(self, path):
        try:
            return fetch(self.port, path)[0]
        except OSError:
            return 0

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.log.close()


def fetch(port, path, *, host=None, method="GET", headers=None, body=None):
    """One request; returns status, headers, body, and the bytes that came over the line."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request(method, path, body=body, headers={"Host": host or f"127.0.0.1:{port}"} | (headers or {}))
        answer = line.getresponse()
        content = answer.read()
        head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + 19
        return answer.status, answer.headers, content, head + len(content)
    finally:
        line.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# -- load -------------------------------------------------------------------------------------------------------


class Load:
    """The client processes of one job. `share` is the part of this machine's CPU that they used."""

    def __init__(self, job, clients, *, processes=None):
        many = processes or min(clients, 2)
        self.each = [clients // many + (n < clients % many) for n in range(many)]
        self.clients = []
        for n, at_once in enumerate(self.each):
            mine = job | {"clients": at_once, "base": job["base"] + sum(self.each[:n]) * (0 if "seconds" in job else 1)}
            if "seconds" in job:
                mine["base"] += 40_000 * n
            else:
                mine["count"] = at_once
            client = subprocess.Popen(
                [sys.executable, TOOLS / "bench_client.py"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            print(json.dumps(mine), file=client.stdin, flush=True)
            self.clients.append(client)
        for client in self.clients:
            if client.stdout.readline().strip() != "ready":
                sys.exit("bench: a client did not start")

    def go(self):
        start = time.monotonic() + 0.05
        for client in self.clients:
            print(start, file=client.stdin, flush=True)
        return start

    def results(self):
        self.outcomes, self.pieces, cpu, wall = Counter(), [], 0.0, 0.001
        for client in self.clients:
            found = json.loads(client.stdout.readline())
            client.stdin.close()
            client.wait()
            self.outcomes.update(found["outcomes"])
            self.pieces += zip(found["ended"], found["took"], strict=True)
            cpu, wall = cpu + found["cpu"], max(wall, found["wall"])
        self.share = cpu / wall / os.cpu_count()
        self.failed = sum(count for outcome, count in self.outcomes.items() if outcome.startswith("failed"))
        return self


def window(job, clients, seconds, server, database=None):
    """Load in a closed loop; what ended inside a window of `seconds`, and the CPU that was used in it."""
    load = Load(job | {"seconds": WARM + seconds + 0.1}, clients)
    start = load.go()
    time.sleep(start + WARM - time.monotonic())
    first, before = time.monotonic(), [machine_ms(), cpu_ms(server), cpu_ms(database) if database else 0]
    time.sleep(seconds)
    last, after = time.monotonic(), [machine_ms(), cpu_ms(server), cpu_ms(database) if database else 0]
    load.results()
    everything, ours, databases = (then - now for then, now in zip(after, before, strict=True))
    cores = (last - first) * 1000 * os.cpu_count()
    took = sorted(took * 1000 for ended, took in load.pieces if first <= ended < last)
    done = max(len(took), 1)
    return {
        "rate": len(took) / (last - first),
        "p50": at(took, 0.50),
        "p95": at(took, 0.95),
        "p99": at(took, 0.99),
        "cpu": ours / done,
        "database": databases / done,
        "share": load.share * 100,
        "others": max(0.0, (everything - ours - databases) / cores * 100 - load.share * 100),
        "load": load,
    }


def at(ordered, part):
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")


# -- databases --------------------------------------------------------------------------------------------------


class Place:
    """Where one installation lives: folder, port, environment, and for PostgreSQL its server's process."""

    def __init__(self, folder, url, postmaster=None):
        self.folder, self.url, self.postmaster = folder, url, postmaster
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "FIELDOPS_VAR": str(folder / "var"),
            "FIELDOPS_DATABASE_URL": url,
            "FIELDOPS_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "FIELDOPS_STAFF_URL": f"http://localhost:{self.port}",
            "FIELDOPS_TRUSTED_HOPS": "1",
        }

    def raw_url(self):
        """For the ceiling: a file beside SQLite's, the driver's own address for PostgreSQL."""
        if self.postmaster is None:
            return f"sqlite:///{self.folder / 'raw.db'}"
        return self.url.replace("postgresql+psycopg:", "postgresql:")

    def run(self, *command):
        known = {name: value for name, value in os.environ.items() if not name.startswith("FIELDOPS_")}
        environment = known | self.environment | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"bench: {command} failed:\n{done.stdout}{done.stderr}")
        return done.stdout


@contextmanager
def sqlite_place(folder):
    yield Place(folder, f"sqlite:///{folder / 'var' / 'fieldops.db'}")


@contextmanager
def postgres_place(folder):
    """The tests' throwaway server does not flush; here it starts again with PostgreSQL's defaults, which do."""
    with postgres.throwaway() as url:
        where = Path(parse_qs(urlsplit(url).query)["host"][0])
        pid = int((where / "data" / "postmaster.pid").read_text().split()[0])
        pg_ctl = Path(os.readlink(f"/proc/{pid}/exe")).parent / "pg_ctl"
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        options = f"-k {where} -c listen_addresses= -c fsync=on -c synchronous_commit=on -c max_connections=100"
        subprocess.run(
            [pg_ctl, "-D", where / "data", "-w", "-m", "fast", "-l", where / "log", "-o", options, "restart"],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
            **user,
        )
        postmaster = int((where / "data" / "postmaster.pid").read_text().split()[0])
        yield Place(folder, url, postmaster)


# -- measurements -----------------------------------------------------------------------------------------------


class Bench:
    """All measurements on one database."""

    def __init__(self, name, place, asked):
        self.name, self.place = name, place
        self.runs = 1 if asked.quick else 3
        self.starts = 2 if asked.quick else 5
        self.seconds = 1.5 if asked.quick else 3.0
        self.page_seconds = 0.5 if asked.quick else 0.75
        self.found = {"bookings": {}, "pages": {}, "raw": {}}
        self.wrong = []
        self.next_base = 1

    def say(self, text):
        print(f"  {self.name}: {text} …", file=sys.stderr, flush=True)

    def bases(self, many=100_000):
        """Numbers of visitors that nobody had before: NIK, phone and address follow from them."""
        self.next_base += many
        return self.next_base - many

    def run(self):
        """Everything; returns the figures."""
        self.say("setting up")
        self.place.run("-m", "fieldops", "init")
        from bench_office import Office

        self.office = Office(self.place.environment)
        self.code = self.office.page(SESSIONS, SEATS)
        self.measure_ceilings()
        self.measure_starts()
        server = Server([sys.executable, "-m", "fieldops", "serve"], self.place, f"/J/{self.code}")
        try:
            self.first_visit()
            self.measure_bookings(server)
            self.measure_race()
            self.measure_scans()
            self.found["memory"]["server"] = max(self.found["memory"]["server"], memory_mb(server.process.pid))
        finally:
            server.stop()
        self.say("checking the invariants")
        self.wrong += [f"fieldops check: {problem}" for problem in self.office.problems()]
        self.office.close()
        return self.found

    def job(self, kind, **more):
        port = self.place.port
        host = f"localhost:{port}" if kind == "scan" else f"127.0.0.1:{port}"
        return {"kind": kind, "address": "127.0.0.1", "port": port, "host": host, "base": self.bases(), **more}

    def measure_ceilings(self):
        """The slot page beside two constant pages of the same server; the bare transaction."""
        command = [sys.executable, TOOLS / "bench_ceilings.py", "serve"]
        server = Server(command, self.place, f"/bench/bytes/{self.code}")
        try:
            sizes = {name: len(fetch(self.place.port, path + self.code)[2]) for name, path in PAGES.items()}
            if len(set(sizes.values())) != 1:
                self.wrong.append(f"the constant pages are not as large as the slot page: {sizes}")
            self.found["page_bytes"] = sizes["slot"]
            for path in PAGES.values():  # every worker draws each of them once
                load = Load(self.job("look", path=path + self.code, seconds=0.3), 8)
                load.go()
                load.results()
            for turn in range(self.runs):
                self.say(f"slot page and constant pages, run {turn + 1} of {self.runs}")
                for clients in CLIENTS:
                    for name, path in PAGES.items():
                        job = self.job("look", path=path + self.code)
                        found = window(job, clients, self.page_seconds, server.process.pid)
                        self.keep("pages", (name, clients), found, {str(sizes["slot"])})
        finally:
            server.stop()
        self.say("bare transactions")
        for _ in range(self.runs):
            for clients in CLIENTS:
                asked = ["--clients", str(clients), "--seconds", "0.5" if self.runs == 1 else "0.75"]
                said = self.place.run(TOOLS / "bench_ceilings.py", "raw", self.place.raw_url(), *asked)
                self.found["raw"].setdefault(clients, []).append(json.loads(said)["rate"])

    def keep(self, table, cell, found, fine):
        """Note the figures of one run; anything but `fine` outcomes is wrong."""
        load = found.pop("load")
        found["failed"] = sum(count for outcome, count in load.outcomes.items() if outcome not in fine)
        if found["failed"]:
            self.wrong.append(f"{table} {cell}: {dict(load.outcomes)}")
        self.found[table].setdefault(cell, []).append(found)
        return load

    def measure_starts(self):
        """From the command to the first page."""
        self.say("starts")
        found = []
        for _ in range(self.starts):
            server = Server([sys.executable, "-m", "fieldops", "serve"], self.place, f"/J/{self.code}")
            found.append(server.ready)
            server.stop()
        self.found["ready"] = found

    def measure_bookings(self, server):
        """Whole bookings, each run on a page of its own."""
        self.found["memory"] = {"server": 0.0, "database": 0.0}
        for turn in range(self.runs):
            self.say(f"whole bookings, run {turn + 1} of {self.runs}")
            for clients in CLIENTS:
                code = self.office.page(SESSIONS, SEATS)
                job = self.job("book", code=code)
                found = window(job, clients, self.seconds, server.process.pid, self.place.postmaster)
                load = self.keep("bookings", clients, found, {"booked"})
                sold, seats = self.office.booked(code)
                if not sold == seats == load.outcomes["booked"]:
                    self.wrong.append(f"{load.outcomes['booked']} tickets shown, {sold} sold, {seats} seats taken")
                memory = self.found["memory"]
                memory["server"] = max(memory["server"], memory_mb(server.process.pid))
                if self.place.postmaster:
                    memory["database"] = max(memory["database"], memory_mb(self.place.postmaster))

    def measure_race(self):
        """200 visitors at the same moment, 50 seats."""
        self.say("200 visitors, 50 seats")
        self.found["race"] = []
        for _ in range(self.runs):
            code = self.office.page(1, 50)
            load = Load(self.job("book", code=code), 200, processes=2)
            start = load.go()
            load.results()
            sold, seats = self.office.booked(code)
            outcomes = load.outcomes
            last = max((ended for ended, _ in load.pieces), default=start) - start
            found = {"sold": sold, "refused": outcomes["refused"], "failed": load.failed, "seconds": last}
            self.found["race"].append(found)
            if not sold == seats == outcomes["booked"] == 50 or load.failed or outcomes["refused"] != 150:
                self.wrong.append(f"race: {sold} sold, {seats} seats taken, visitors were told {dict(outcomes)}")

    def measure_scans(self):
        """16 officers scan the same ticket at the same moment."""
        self.say("16 officers, one ticket")
        port, host = self.place.port, f"localhost:{self.place.port}"
        cookies = []
        for n, link in enumerate(self.office.links(16)):
            headers = {"X-Forwarded-For": f"10.7.0.{n}", "Origin": f"http://{host}", "Content-Length": "0"}
            answer = fetch(port, f"/sign-in/{link}", host=host, method="POST", headers=headers)
            cookies.append(answer[1]["Set-Cookie"].partition(";")[0])
        tickets = self.office.tickets_for_today(self.runs * 3)
        self.found["scans"] = []
        for n, ticket in enumerate(tickets):
            job = self.job("scan", cookies=cookies, tickets=tickets) | {"base": n * 16}
            load = Load(job, 16, processes=1)
            start = load.go()
            load.results()
            admitted = self.office.admitted(ticket)
            last = max((ended for ended, _ in load.pieces), default=start) - start
            self.found["scans"].append({"admitted": admitted, "failed": load.failed, "seconds": last})
            if not admitted == load.outcomes["admitted"] == 1 or load.failed:
                self.wrong.append(f"scan: {admitted} admitted, officers were told {dict(load.outcomes)}")

    def first_visit(self):
        """What a browser with an empty cache fetches for the slot page: bytes with headers, as they travel."""
        headers = {"Accept-Encoding": "gzip, br"}
        page = f"/J/{self.code}"
        status, _, body, size = fetch(self.place.port, page, headers=headers)
        sizes = {page: size}
        text = body.decode()
        found = re.findall(r"<(?:link|script|use|img)\b[^>]*?\b(?:href|src)=\"([^\"]+)\"", text)
        for address in dict.fromkeys(urljoin(page, one.partition("#")[0]) for one in found):
            status, _, body, size = fetch(self.place.port, address, headers=headers)
            sizes[address] = size
            if status != 200:
                self.wrong.append(f"first visit: {address} answered {status}")
        self.found["first_visit"] = sizes


# -- report -----------------------------------------------------------------------------------------------------


def spread(values, digits=0):
    """Median (min-max)."""
    low, middle, high = min(values), statistics.median(values), max(values)
    if len(values) == 1:
        return f"{middle:,.{digits}f}"
    return f"{middle:,.{digits}f} ({low:,.{digits}f}-{high:,.{digits}f})"


def column(runs, name):
    return [run[name] for run in runs]


def middle(runs, name):
    return statistics.median(column(runs, name))


def table(head, rows):
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    for row in [head, *rows]:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        print("  " + "  ".join(cells).rstrip())
    print()


def report(name, found):
    """The tables of one database."""
    print(f"{name}\n")
    head = ["whole booking, clients", "bookings/s", "p50 ms", "p95 ms", "p99 ms", "server CPU ms"]
    with_database = any(run["database"] for runs in found["bookings"].values() for run in runs)
    head += ["database CPU ms"] if with_database else []
    rows = []
    for clients, runs in found["bookings"].items():
        row = [str(clients), spread(column(runs, "rate"), 1)]
        row += [spread(column(runs, part)) for part in ("p50", "p95", "p99")]
        row += [spread(column(runs, "cpu"), 1)]
        row += [spread(column(runs, "database"), 1)] if with_database else []
        shares = [f"{middle(runs, part):.0f} %" for part in ("share", "others")]
        rows.append([*row, str(sum(column(runs, "failed"))), *shares])
    table([*head, "failed", "clients' CPU", "others' CPU"], rows)

    names = {"slot": "slot page", "page": "constant page", "bytes": "constant bytes"}
    rows = []
    for (kind, clients), runs in sorted(found["pages"].items(), key=lambda item: item[0][1]):
        slot = middle(found["pages"]["slot", clients], "rate")
        ratio = "" if kind == "slot" else f"{slot / middle(runs, 'rate'):.2f}"
        row = [f"{names[kind]}, {clients}", spread(column(runs, "rate")), spread(column(runs, "p95"), 1)]
        shares = [f"{middle(runs, part):.0f} %" for part in ("share", "others")]
        rows.append([*row, spread(column(runs, "cpu"), 2), ratio, *shares])
    size = f"{found['page_bytes'] / 1000:.1f} kB"
    head = [f"page of {size}, clients", "pages/s", "p95 ms", "server CPU ms", "slot page / this"]
    table([*head, "clients' CPU", "others' CPU"], rows)

    rows = []
    for clients, rates in found["raw"].items():
        ours = middle(found["bookings"][clients], "rate")
        rows.append([str(clients), spread(rates), f"{ours / statistics.median(rates):.3f}"])
    table(["bare claim + insert, clients", "transactions/s", "bookings / this"], rows)

    race, scans = found["race"], found["scans"]
    said = [f"{part} {column(race, part)}" for part in ("sold", "refused", "failed")]
    print(f"  200 visitors, 50 seats: {', '.join(said)}, last answer after {spread(column(race, 'seconds'), 2)} s")
    print(f"  16 officers, one ticket, {len(scans)} times: admitted {sorted(set(column(scans, 'admitted')))}, "
          f"last answer after {spread([scan['seconds'] * 1000 for scan in scans])} ms")  # fmt: skip
    visit = found["first_visit"]
    parts = ", ".join(f"{address.rpartition('/')[2].split('.')[0]}{Path(address).suffix} {size / 1000:.1f}"
                      for address, size in visit.items())  # fmt: skip
    print(f"  first visit: {len(visit)} requests, {sum(visit.values()) / 1000:.1f} kB ({parts})")
    memory = found["memory"]
    extra = f", PostgreSQL besides {memory['database']:.0f} MB" if memory["database"] else ""
    print(f"  memory (PSS) under the load, all processes: {memory['server']:.0f} MB{extra}")
    print(f"  start to first page: {spread(found['ready'], 2)} s, {len(found['ready'])} starts\n")


def targets(found):
    """(what, measured, wanted, reached) for one database."""
    at_32 = found["bookings"][32]
    slot = min(
        middle(found["pages"]["slot", clients], "rate") / middle(found["pages"]["page", clients], "rate")
        for clients in CLIENTS
    )
    cpu = max(middle(runs, "cpu") for runs in found["bookings"].values())
    rate, p95 = middle(at_32, "rate"), middle(at_32, "p95")
    sold, last = column(found["race"], "sold"), max(column(found["race"], "seconds"))
    admitted = column(found["scans"], "admitted")
    visit = found["first_visit"]
    size, memory, ready = sum(visit.values()) / 1000, found["memory"]["server"], statistics.median(found["ready"])
    return [
        ("slot page / constant page, worst of 1, 8, 32", f"{slot:.2f}", ">= 0.6", slot >= 0.6),
        ("server CPU of a whole booking, worst", f"{cpu:.1f} ms", "<= 10 ms", cpu <= 10),
        ("bookings at 32 clients", f"{rate:.0f}/s", ">= 120/s", rate >= 120),
        ("p95 at 32 clients", f"{p95:.0f} ms", "<= 400 ms", p95 <= 400),
        ("200 visitors, 50 seats: sold", str(min(sold, key=lambda one: -abs(one - 50))), "50", set(sold) == {50}),
        ("the same, last answer", f"{last:.2f} s", "<= 3 s", last <= 3),
        ("16 scans of one ticket admit", str(max(admitted)), "1", set(admitted) == {1}),
        ("first visit, bytes", f"{size:.1f} kB", "<= 60 kB", size <= 60),
        ("first visit, requests", str(len(visit)), "<= 6", len(visit) <= 6),
        ("memory (PSS)", f"{memory:.0f} MB", "<= 200 MB", memory <= 200),
        ("start to first page", f"{ready:.2f} s", "<= 2 s", ready <= 2),
    ]


def machine(folder):
    """What this ran on, and how long a flush of 4 KiB takes here."""
    cpu = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    took = []
    handle = os.open(folder / "flush", os.O_WRONLY | os.O_CREAT)
    for _ in range(200):
        began = time.monotonic()
        os.write(handle, bytes(4096))
        os.fdatasync(handle)
        took.append((time.monotonic() - began) * 1e6)
    os.close(handle)
    asked = ["git", "-C", ROOT, "describe", "--always", "--dirty"]
    git = subprocess.run(asked, capture_output=True, text=True, check=False) if shutil.which("git") else None
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": git.stdout.strip() if git and git.returncode == 0 else "",
        "cores": os.cpu_count(),
        "cpu": cpu[1] if cpu else platform.machine(),
        "memory_gib": round(int(memory[1]) / 1024**2, 1) if memory else 0,
        "system": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "flush_us": round(statistics.median(took)),
        "load_before": os.getloadavg()[0],
    }


PLACES = {"SQLite": sqlite_place, "PostgreSQL": postgres_place}


def main():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short run a cell, to see that all works")
    parser.add_argument("--only", choices=[name.lower() for name in PLACES])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures of all runs there too")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.path.insert(0, str(ROOT))
    folder = Path(tempfile.mkdtemp(prefix="fieldops-bench-"))
    found, wrong = {}, []
    try:
        about = machine(folder)
        print(f"FieldOps {about['revision']}, {about['at']}: {about['cores']} cores {about['cpu']}, "
              f"{about['memory_gib']} GiB, Linux {about['system']}, Python {about['python']}, "
              f"SQLite {about['sqlite']}; a flush of 4 KiB takes {about['flush_us']} µs; "
              f"load before {about['load_before']:.2f}")  # fmt: skip
        print("Median (min-max) of the runs. Server, database and clients share the machine; 'others': all else.\n")
        for name, place in PLACES.items():
            if asked.only in {None, name.lower()}:
                with place(folder / name.lower()) as here:
                    bench = Bench(name, here, asked)
                    found[name] = bench.run()
                    wrong += [f"{name}: {one}" for one in bench.wrong]
                report(name, found[name])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows = [
        [f"{what} [{name}]", measured, wanted, "PASS" if reached else "MISS"]
        for name, figures in found.items()
        for what, measured, wanted, reached in targets(figures)
    ]
    table(["target", "measured", "wanted", ""], rows)
    for one in wrong:
        print(f"WRONG: {one}")
    print(f"{'All results are right' if not wrong else f'{len(wrong)} wrong result(s)'}, "
          f"{time.monotonic() - began:.0f} s in all.")  # fmt: skip
    if asked.json:
        asked.json.write_text(json.dumps(plain({"machine": about, "figures": found, "wrong": wrong}), indent=1))
    sys.exit(1 if wrong else 0)


def plain(value):
    """Keys as text, for JSON."""
    if isinstance(value, dict):
        words = {key: " ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in value}
        return {words[key]: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
