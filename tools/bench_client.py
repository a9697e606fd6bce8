"""The load for tools/bench.py: visitors and officers on raw sockets, nothing but the standard library.

One process drives many visitors through one epoll loop. It reads a job as one line of JSON on standard input, answers
`ready`, waits for a line with the moment to start (CLOCK_MONOTONIC, which all processes share), and prints one line of
JSON: when each piece of work ended and how long it took, what became of it, and the CPU time that this process used.
"""

import json
import random
import resource
import select
import socket
import sys
import time
from collections import Counter
from urllib.parse import quote_plus

BROWSER = (
    "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
    "Safari/537.36\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: id-ID,id;q=0.9,en-US;q=0.8\r\n"
    "Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\n"
    "Sec-Fetch-Dest: document\r\nConnection: keep-alive\r\n"
)
FIRST = ("Siti", "Budi", "Andi", "Rahmat", "Dewi", "Putri", "Agus", "Joko", "Fitri", "Hendra", "Maya", "Rizky")
LAST = ("Nurhaliza", "Santoso", "Wijaya", "Saputra", "Lestari", "Rahmawati", "Hidayat", "Pratiwi", "Kurniawan")
PATIENCE = 30  # seconds after the end of the work until whoever still waits counts as failed


class Wrong(Exception):  # noqa: N818
    """An answer that no visitor should get."""


def request(host, address, method, path, form=None, cookie=None):
    """One request as a browser behind a proxy sends it."""
    body = b""
    extra = ""
    if form is not None:
        body = "&".join(f"{name}={quote_plus(value)}" for name, value in form.items()).encode()
        extra = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\nOrigin: http://{host}\r\n"
    if cookie:
        extra += f"Cookie: {cookie}\r\n"
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{BROWSER}X-Forwarded-For: {address}\r\n{extra}\r\n"
    return head.encode() + body


def location(head):
    """The path that a redirect leads to."""
    at = head.lower().find(b"\r\nlocation: ")
    return head[at + 12 : head.find(b"\r\n", at + 12)].decode() if at >= 0 else ""


def hidden(body, name):
    """The value of a hidden field."""
    mark = b'name="' + name + b'" value="'
    at = body.find(mark)
    if at < 0:
        raise Wrong(f"no field {name.decode()}")
    return body[at + len(mark) : body.find(b'"', at + len(mark))].decode()


def free_sessions(body):
    """The sessions of a page that can still be chosen."""
    found, at, mark = [], 0, b'name="session" value="'
    while (at := body.find(mark, at)) >= 0:
        end = body.find(b">", at)
        if body.find(b" disabled", at, end) < 0:
            found.append(body[at + len(mark) : at + len(mark) + 36].decode())
        at = end
    return found


def booking(job, n):
    """A visitor with a NIK, phone and address of her own: from the first page to the ticket."""
    host, code = job["host"], job["code"]
    address = f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
    status, _, body = yield request(host, address, "GET", f"/J/{code}")
    if status != 200:
        raise Wrong(f"first page {status}")
    free = free_sessions(body)
    if not free:
        return "refused"
    session = random.choice(free)
    status, _, body = yield request(host, address, "GET", f"/J/{code}/data?session={session}&people=1")
    if status == 422:
        return "refused"
    if status != 200:
        raise Wrong(f"data page {status}")
    form = {
        "key": hidden(body, b"key"),
        "people": "1",
        "pool": hidden(body, b"pool"),
        "website": "",
        "session": session,
        "name_1": f"{FIRST[n % len(FIRST)]} {LAST[n % len(LAST)]}",
        "nik_1": f"647499{n:010d}",
        "service_1": "baru",
        "help_1": "",
        "phone": f"0812{n:08d}",
    }
    status, head, body = yield request(host, address, "POST", f"/J/{code}/data", form)
    if status == 422 and body.find(b'href="#session"') >= 0:
        return "refused"
    draft = location(head)
    if status != 303 or not draft.startswith("/D/"):
        raise Wrong(f"data {status} {draft[:3]}")
    status, _, body = yield request(host, address, "GET", draft)
    if status != 200:
        raise Wrong(f"check page {status}")
    status, head, body = yield request(host, address, "POST", draft, {})
    ticket = location(head)
    if status != 303 or not ticket.startswith("/T/"):
        raise Wrong(f"confirm {status} {ticket[:3]}")
    status, _, body = yield request(host, address, "GET", ticket)
    if status != 200 or body.find(b'class="ticket-code"') < 0:
        raise Wrong(f"ticket {status}")
    return "booked"


def looking(job, n):
    """Somebody who opens one page."""
    status, _, body = yield request(job["host"], f"10.9.{n >> 8 & 255}.{n & 255}", "GET", job["path"])
    if status != 200:
        raise Wrong(f"page {status}")
    return str(len(body))


def scanning(job, n):
    """An officer who scans a ticket."""
    ticket = job["tickets"][n // len(job["cookies"])]
    officer = n % len(job["cookies"])
    key = f"{random.getrandbits(32):08x}-0000-4000-8000-{random.getrandbits(48):012x}"
    form = {"key": key, "code": ticket}
    cookie = job["cookies"][officer]
    status, _, body = yield request(job["host"], f"10.8.0.{officer}", "POST", "/scan", form, cookie)
    title = body[body.find(b"<title>") + 7 : body.find(b" \xc2\xb7 ")].decode()
    if status != 200 or title not in {"Hadir", "Sudah hadir"}:
        raise Wrong(f"scan {status} {title[:40]}")
    return "admitted" if title == "Hadir" else "already there"


KINDS = {"book": booking, "look": looking, "scan": scanning}


class Line:
    """One connection and whoever uses it."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.need = -1
        self.used = 0
        self.who = None
        self.began = 0.0


class Crowd:
    """Work in a closed loop: `clients` at once, each takes the next piece when its last one is done.

    Ends at the job's `seconds`, or when `count` pieces are done. A booking has a connection of its own; whoever looks
    at pages keeps one for 50 of them, so that no server process keeps more than its share.
    """

    def __init__(self, job, tell):
        self.job, self.tell = job, tell
        self.kind = KINDS[job["kind"]]
        self.address = (job["address"], job["port"])
        self.per_line = 50 if job["kind"] == "look" else 1
        self.next = job["base"]
        self.left = job.get("count", 1 << 60)
        self.lines, self.poll = {}, select.epoll()
        self.outcomes, self.ended, self.took = Counter(), [], []

    def run(self):
        """Do the job; returns what happened."""
        ready = [Line(self.address) for _ in range(self.job["clients"])] if "count" in self.job else []
        self.tell("ready")
        start = float(sys.stdin.readline())
        time.sleep(max(0.0, start - time.monotonic()))
        before = resource.getrusage(resource.RUSAGE_SELF)
        self.until = start + self.job.get("seconds", 600)
        for n in range(self.job["clients"]):
            self.begin(ready[n] if ready else None)
        last = self.until + PATIENCE if "seconds" in self.job else time.monotonic() + PATIENCE
        while self.lines:
            for number, _ in self.poll.poll(0.5):
                self.heard(self.lines[number])
            if time.monotonic() > last:
                self.outcomes["failed: no answer"] += len(self.lines)
                break
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        wall = time.monotonic() - start
        return {"ended": self.ended, "took": self.took, "outcomes": self.outcomes, "cpu": cpu, "wall": wall}

    def begin(self, line=None):
        """The next piece of work, on this connection or on a new one."""
        if self.left <= 0 or time.monotonic() >= self.until:
            if line is not None:
                self.close(line)
            return
        self.left -= 1
        began = time.monotonic()
        if line is not None and line.used >= self.per_line:
            self.close(line)
            line = None
        try:
            line = line or Line(self.address)
        except OSError as error:
            self.outcomes[f"failed: {error.__class__.__name__}"] += 1
            return
        if line.socket.fileno() not in self.lines:
            self.lines[line.socket.fileno()] = line
            self.poll.register(line.socket.fileno(), select.EPOLLIN)
        line.who, line.began, line.used = self.kind(self.job, self.next), began, line.used + 1
        self.next += 1
        line.socket.sendall(next(line.who))

    def close(self, line):
        if self.lines.pop(line.socket.fileno(), None):
            self.poll.unregister(line.socket.fileno())
        line.socket.close()

    def finish(self, line, outcome):
        now = time.monotonic()
        self.outcomes[outcome] += 1
        if not outcome.startswith("failed"):
            self.ended.append(now)
            self.took.append(now - line.began)
        else:
            line.used = 1 << 30
        self.begin(line)

    def heard(self, line):
        """Something arrived: when the answer is whole, the visitor goes on."""
        try:
            got = line.socket.recv(65536)
        except OSError as error:
            self.finish(line, f"failed: {error.__class__.__name__}")
            return
        if not got:
            self.finish(line, "failed: connection closed")
            return
        line.buffer += got
        if line.need < 0:
            at = line.buffer.find(b"\r\n\r\n")
            if at < 0:
                return
            head = line.buffer[: at + 2]
            length = head.lower().find(b"\r\ncontent-length: ")
            if length < 0:
                self.finish(line, "failed: no Content-Length")
                return
            line.need = at + 4 + int(head[length + 18 : head.find(b"\r\n", length + 18)])
        if len(line.buffer) < line.need:
            return
        whole, line.buffer, line.need = line.buffer, b"", -1
        at = whole.find(b"\r\n\r\n")
        try:
            line.socket.sendall(line.who.send((int(whole[9:12]), whole[: at + 2], whole[at + 4 :])))
        except StopIteration as done:
            self.finish(line, done.value)
        except Wrong as wrong:
            self.finish(line, f"failed: {wrong}")
        except OSError as error:
            self.finish(line, f"failed: {error.__class__.__name__}")


def main():
    job = json.loads(sys.stdin.readline())
    print(json.dumps(Crowd(job, lambda text: print(text, flush=True)).run()), flush=True)


if __name__ == "__main__":
    main()
