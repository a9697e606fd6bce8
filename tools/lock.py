"""Pin requirements.in, requirements-test.in and web/package.json again: exact versions, hashes, no addresses.

What is pinned stays where the .in files allow it; `make lock ARGS=--upgrade` takes newer releases. One lock serves
every CPython from 3.11 on and every platform (uv's universal resolution lists the hashes of all files of a release).
uv asks the package index that its own settings name; it does not see pip's extra indexes.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from assets import WEB, npm

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-header", "-q"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print("lock: getting uv (about 25 MB to download)", flush=True)
        venv.create(folder, with_pip=False)
        pip = [sys.executable, "-m", "pip", "--python", f"{folder}/bin/python"]
        subprocess.run([*pip, "install", "-q", "uv"], check=True)
        # In this order: the test packages are held to the versions that the application has.
        for name in ("requirements", "requirements-test"):
            print(f"lock: {name}.in -> {name}.lock", flush=True)
            compile_to = [f"{folder}/bin/uv", "pip", "compile", *OPTIONS, *sys.argv[1:], "-o", f"{name}.lock"]
            subprocess.run([*compile_to, f"{name}.in"], cwd=ROOT, check=True)
    print("lock: web/package.json -> web/package-lock.json", flush=True)
    command, environment = npm()
    relock = [command, "install", "--package-lock-only", "--ignore-scripts"]
    subprocess.run(relock, cwd=WEB, env=environment, check=True)


if __name__ == "__main__":
    main()
