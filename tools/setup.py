"""Make the virtual environment in .venv and keep it equal to the locks.

Runs under the system's Python with the standard library only. Without arguments it installs what the
application needs; `--check` adds what the checks and tests need, `--test` sees to Chromium too. What is up to date
is left alone, judged by the content of the locks, so a second run costs a few hundredths of a second.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
APT_PACKAGES = ["chromium", "libatomic1"]  # libatomic1: the Node inside Playwright does not start without it

# Finds the Python beside itself: a first line with its path would break on a space in it.
LAUNCHER = """\
#!/bin/sh
'''exec' "$(dirname "$(readlink -f "$0")")/python" "$0" "$@" # '''
import sys

from fieldops.cli import main

sys.exit(main())
"""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def stop(text: str) -> None:
    sys.exit(f"setup: {text}")


def make_environment() -> None:
    """Create .venv. Debian's python3 comes without ensurepip, so pip works on it from outside."""
    say(f"making a virtual environment in .venv (Python {sys.version.split()[0]})")
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], check=True)


def pip() -> list[str | Path]:
    """The pip that serves .venv: the system's from outside, otherwise one put inside by ensurepip."""
    outside = [sys.executable, "-m", "pip", "--python", PYTHON]
    if subprocess.run([*outside, "--version"], capture_output=True, check=False).returncode == 0:
        return outside
    if subprocess.run([PYTHON, "-m", "ensurepip"], capture_output=True, check=False).returncode == 0:
        return [PYTHON, "-m", "pip"]
    stop("pip 22.3 or newer is missing. On Debian: apt-get install python3-pip")
    return []


def install(locks: list[Path], size: str) -> None:
    """Install the locks' packages, each checked against its hash. Shows every download and its size."""
    names = {line.split("==")[0] for lock in locks for line in lock.read_text().splitlines() if "==" in line}
    say(f"installing {len(names)} Python packages ({size} to download)")
    began = time.monotonic()
    command = [*pip(), "install", "--require-hashes", "--disable-pip-version-check"]
    for lock in locks:
        command += ["-r", lock]
    if sys.stdout.isatty():  # pip draws its own progress bar
        failed = subprocess.run(command, check=False).returncode
    else:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                if line.lstrip().startswith("Downloading"):
                    print("  " + line.strip(), flush=True)
        failed = process.returncode
    if failed:
        stop("pip failed, see its message above; nothing is lost, run the same command again")
    say(f"packages are in place ({time.monotonic() - began:.0f} s)")


def link_project() -> None:
    """Make `import fieldops` and the command `fieldops` work without building a package."""
    site = next(VENV.glob("lib/python*/site-packages"))
    (site / "fieldops.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "fieldops"
    command.write_text(LAUNCHER)
    command.chmod(0o755)


def install_browser() -> None:
    """See that Chromium and Playwright's Node start; on Debian as root, install what is missing."""
    node = next(VENV.glob("lib/python*/site-packages/playwright/driver/node"))

    def ready() -> bool:
        starts = subprocess.run([node, "--version"], capture_output=True, check=False).returncode == 0
        return starts and shutil.which("chromium") is not None

    if ready():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        stop(
            "the browser tests need Chromium and libatomic1. On Debian, as root: "
            f"apt-get install --no-install-recommends {' '.join(APT_PACKAGES)}\n"
            "setup: everything else runs without them: .venv/bin/pytest -m 'not browser'"
        )
    say("installing Chromium for the browser tests through apt-get (about 190 MB to download)")
    began = time.monotonic()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    fetch = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *APT_PACKAGES]
    with (VENV / "apt.log").open("w") as log:
        # A foreign source that does not answer fails the update; Debian's own may be fresh all the same.
        subprocess.run(["apt-get", "update", "-q"], stdout=log, stderr=log, env=environment, check=False)
        subprocess.run(fetch, stdout=log, stderr=log, env=environment, check=False)
    if not ready():
        stop("Chromium did not install or does not start; what apt-get said is in .venv/apt.log")
    say(f"Chromium is in place ({time.monotonic() - began:.0f} s)")


def environment_works() -> bool:
    """Whether .venv exists and still belongs to the Python that it was made with."""
    if not PYTHON.exists():
        return False
    ask = "import sys; print('python%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([PYTHON, "-S", "-c", ask], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and (VENV / "lib" / answer.stdout.strip()).is_dir()


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is the one that an older Python may get to run
        stop(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Try: make PYTHON=python3.12 setup")
    more = sys.argv[1:] in (["--check"], ["--test"])
    locks = [ROOT / "requirements.lock"] + ([ROOT / "requirements-test.lock"] if more else [])
    wanted = "".join(f"{lock.name} {hashlib.sha256(lock.read_bytes()).hexdigest()}\n" for lock in locks)
    stamp = VENV / "installed"  # where the checkout lies (pip's scripts name it), then the locks' hashes
    installed = stamp.read_text() if stamp.exists() else ""
    if not environment_works() or not installed.startswith(f"{ROOT}\n"):
        make_environment()
        installed = ""
    if not installed.startswith(f"{ROOT}\n{wanted}"):
        install(locks, "about 150 MB" if more else "about 30 MB")
        link_project()
        stamp.write_text(f"{ROOT}\n{wanted}")
    if sys.argv[1:] == ["--test"]:
        install_browser()


if __name__ == "__main__":
    main()
