"""FieldOps as a process of its own: `fieldops serve` with its own port, folder and database, ended by its id.

The process runs the real command; only the office's clock may be put forward or back, also while it runs, so that a
test can stand on a Saturday. The clock goes on running from there. It is forked from a process that has loaded the
code, which takes a second of a core; what `Server.run` runs and the workers of `races/clients.py` start from nothing.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import ForkServerProcess

ROOT = Path(__file__).resolve().parent.parent
SHIFT = "FIELDOPS_TEST_SHIFT_FILE"


def shift_to(instant: datetime) -> timedelta:
    """How far the clock has to be moved for it to be `instant` now."""
    return instant.astimezone(UTC) - datetime.now(UTC)


def move_clock(file: Path) -> None:
    """Let this process's office live as many seconds away from the real time as the file says at each moment."""
    from fieldops.kit import clock

    clock.now = lambda: datetime.now(UTC) + timedelta(seconds=float(file.read_text()))


_loaded = multiprocessing.get_context("forkserver")
_loaded.set_forkserver_preload(["fieldops.cli", "fieldops.serve"])


def serve(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    """In a process that was forked: be `fieldops serve`."""
    os.setsid()  # a process group of its own: kill() ends exactly these
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    from fieldops.cli import main

    move_clock(Path(os.environ[SHIFT]))
    main(arguments)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Server:
    """One running `fieldops serve`. `public` and `staff` are the addresses; `files` are the browser's, made before."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        *,
        secret: bytes,
        files: Path | None = None,
        shift: timedelta = timedelta(),
        workers: int = 2,
        threads: int = 4,
        **settings: str,
    ) -> None:
        self.database_url = database_url
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        if files is not None:
            (self.folder / "var").mkdir()
            (self.folder / "var" / "static").symlink_to(files)
        self.shift = shift
        self.port = free_port()
        self.public = f"http://127.0.0.1:{self.port}"
        self.staff = f"http://localhost:{self.port}"
        self.log_file = folder / "server.log"
        self._arguments = ["serve", "--workers", str(workers), "--threads", str(threads)]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FIELDOPS_")},
            "FIELDOPS_VAR": str(folder / "var"),
            "FIELDOPS_PORT": str(self.port),
            "FIELDOPS_DATABASE_URL": database_url,
            "FIELDOPS_SECRET": secret.decode(),
            "FIELDOPS_OFFICE_PHONE": "0548 123456",
            **{f"FIELDOPS_{name.upper()}": value for name, value in settings.items()},
            SHIFT: str(self.folder / "shift"),
        }
        self._process: ForkServerProcess | None = None

    @property
    def shift(self) -> timedelta:
        return self._shift

    @shift.setter
    def shift(self, shift: timedelta) -> None:
        """Put the clock forward or back; whatever runs sees it at once."""
        self._shift = shift
        written = self.folder / "shift.new"
        written.write_text(str(shift.total_seconds()))
        written.replace(self.folder / "shift")

    def now(self) -> datetime:
        """What the server's clock shows."""
        return datetime.now(UTC) + self.shift

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command with the same settings, as `check`."""
        return subprocess.run(
            [sys.executable, "-m", "tests.server", *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def start(self) -> Server:
        """Start it and wait until it answers."""
        self._process = _loaded.Process(target=serve, args=(self._arguments, self._environment, self.log_file))
        self._process.start()
        for _ in range(1500):
            if self._process.exitcode is not None:
                break
            if self._answers():
                return self
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"the server did not start:\n{self.log_file.read_text()[-3000:]}")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> int:
        """SIGTERM to the process that holds the others; its exit status."""
        if self._process is None:
            return 0
        self._process.terminate()
        self._process.join(30)
        status = self._process.exitcode
        if status is None:
            self.kill()
            raise TimeoutError("the server does not end")
        self._process = None
        return status

    def kill(self) -> None:
        """SIGKILL to all its processes at once: as if the power had gone."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.join(10)
            self._process = None

    # -- what it wrote

    def log_lines(self) -> list[dict[str, Any]]:
        """The log as it stands; a line that is not of ours is {'text': line}."""
        lines = []
        for line in self.log_file.read_text(encoding="utf-8").splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                lines.append({"text": line})
        return [line if isinstance(line, dict) else {"text": line} for line in lines]

    def complaints(self) -> list[dict[str, Any]]:
        """What must not be in the log: faults, failed jobs, answers 500, locked databases, stopped scripts."""
        bad = {"fault", "job failed", "invariant broken", "worker ended, starting it again", "csp"}
        return [
            line
            for line in self.log_lines()
            if line.get("event") in bad
            or line.get("status") == 500
            or "database is locked" in str(line)
            or "Traceback" in line.get("text", "")
        ]


@contextmanager
def serving(database_url: str, folder: Path, **options: Any) -> Iterator[Server]:
    """A server for the time of a `with` block; afterwards it must end by itself and have logged nothing bad."""
    server = Server(database_url, folder, **options).start()
    try:
        yield server
    except BaseException:
        server.kill()
        raise
    status = server.stop()
    assert status == 0, f"the server ended with {status}:\n{server.log_file.read_text()[-2000:]}"
    assert not server.complaints()


if __name__ == "__main__":
    from fieldops.cli import main

    move_clock(Path(os.environ[SHIFT]))
    main(sys.argv[1:])
