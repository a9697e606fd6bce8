"""Files for browsers: copied to var/static under names that hold their content's hash, compressed once.

Old builds stay for 30 days, so that a page opened before an update still finds its files.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from pathlib import Path

from whitenoise.compress import Compressor

_KEEP_SECONDS = 30 * 86_400
HASHED = r"^.+\.[0-9a-f]{10}\..+$"


class MissingFiles(SystemExit):
    """The set-up step that installs third-party browser files has not run."""


def build(source: Path, target: Path) -> dict[str, str]:
    """Bring `target` up to date with `source`; returns {'css/app.css': 'css/app.<hash>.css', …}.

    Safe when two processes do it at once (files appear by rename). Third-party files come already hashed with
    static/vendor/manifest.json, made by the set-up.
    """
    manifest_file = source / "vendor" / "manifest.json"
    if not manifest_file.exists():
        raise MissingFiles("Browser files are not installed yet: run `make setup`.")
    names = {}
    compressor = Compressor(quiet=True)
    for file in sorted(source.rglob("*")):
        if not file.is_file() or file.name.startswith(".") or file == manifest_file:
            continue
        name = file.relative_to(source).as_posix()
        content = file.read_bytes()
        mark = hashlib.sha256(content).hexdigest()[:10]
        hashed = name if mark in name else f"{name.removesuffix(file.suffix)}.{mark}{file.suffix}"
        names[name] = hashed
        placed = target / hashed
        if not placed.exists():
            placed.parent.mkdir(parents=True, exist_ok=True)
            fresh = placed.with_name(f".{os.getpid()}.{placed.name}")
            shutil.copyfile(file, fresh)
            fresh.replace(placed)
            if compressor.should_compress(placed.name):
                for _ in compressor.compress(str(placed)):
                    pass
        os.utime(placed)
    vendor = json.loads(manifest_file.read_text("utf-8"))
    names |= {f"vendor:{short}": f"vendor/{hashed}" for short, hashed in vendor.items()}
    _drop_old(target)
    return names


def _drop_old(target: Path) -> None:
    limit = time.time() - _KEEP_SECONDS
    for file in target.rglob("*"):
        original = file.with_suffix("") if file.suffix in {".gz", ".br"} else file
        if file.is_file() and (not original.exists() or original.stat().st_mtime < limit):
            file.unlink(missing_ok=True)
