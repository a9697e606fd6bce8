"""One command for web and worker: the code is loaded once, then forked, so that the processes share their memory."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import time
import traceback
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server
from sqlalchemy.orm import configure_mappers

from fieldops import worker
from fieldops.app import create_app, with_files
from fieldops.kit import db, logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

    from flask import Flask

    from fieldops.settings import Settings


# A connection that waits costs a little memory, so a rush may have many; requests beyond the threads wait in line.
_CONNECTIONS = 4096
_FINISH_SECONDS = 15  # how long requests in work may take when the server is told to end


def _web(settings: Settings, wsgi: WSGIApplication, *, bind: str, workers: int, threads: int) -> None:
    host, _, port = bind.rpartition(":")

    def connected(*_arguments: object) -> WSGIApplication:
        """Runs in each web process, after the fork."""
        _end_with_parent()
        db.connect(settings.database_url, pool=threads)
        return wsgi

    multiprocessing.set_start_method("fork", force=True)  # shares what was loaded; later Pythons have another default
    Server(
        "fieldops",
        address=host.strip("[]"),
        port=int(port),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=15_000, max_buffer_size=64 * 1024),
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        runtime_blocking_threads=1,
        backlog=_CONNECTIONS * workers,
        backpressure=_CONNECTIONS,
        respawn_failed_workers=True,
        respawn_interval=1,
        workers_kill_timeout=_FINISH_SECONDS,
        log_level=LogLevels.warning,
    ).serve(target_loader=connected)


def serve(
    settings: Settings,
    *,
    bind: str = "127.0.0.1:8000",
    workers: int = 2,
    threads: int = 4,
    with_worker: bool = True,
    ready: Callable[[], None] | None = None,
) -> int:
    """Run the web server and the worker until a signal; returns an exit status.

    A worker that dies is started again; when the web server ends, all ends. `ready` runs once in its own process
    after both were started.
    """
    logs.set_up(settings.log_level)
    app = create_app(settings)
    wsgi = with_files(app)
    _warm(app)
    gc.collect()
    gc.freeze()
    jobs: dict[str, Callable[[], None]] = {
        "web": lambda: _web(settings, wsgi, bind=bind, workers=workers, threads=threads)
    }
    if with_worker:
        jobs["worker"] = lambda: worker.run(settings)
    if ready is not None:
        jobs["ready"] = ready
    running = {_fork(job): name for name, job in jobs.items()}
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        for child in running:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    status = 0
    while running:
        try:
            child, code = os.wait()
        except InterruptedError:
            continue
        name = running.pop(child, "")
        if name == "web":
            status = os.waitstatus_to_exitcode(code)
            if not stopping:
                stop(0, None)
        elif name == "worker" and not stopping:
            logs.log().error("worker ended, starting it again", code=code)
            time.sleep(1)
            running[_fork(jobs["worker"])] = "worker"
    return 0 if stopping and status in {0, -signal.SIGTERM} else status


def _warm(app: Flask) -> None:
    """What every web process would make for itself, made once before they part: how classes lie on tables, and the
    public's pages in bytecode."""
    configure_mappers()
    app.url_map.update()
    for name in app.jinja_env.list_templates(filter_func=_is_public):
        app.jinja_env.get_template(name)


def _is_public(name: str) -> bool:
    return name.startswith(("booking/", "components/")) or name in {"base.html", "public.html"}


def _fork(job: Callable[[], None]) -> int:
    sys.stdout.flush()  # what is still in the buffer would be printed by both
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()
    status = 1
    try:
        job()
        status = 0
    except SystemExit as asked:
        status = asked.code if isinstance(asked.code, int) else 1
    except KeyboardInterrupt:
        status = 0
    except Exception:  # told here, because nothing above a forked child would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _end_with_parent() -> None:
    """Whoever kills the first process with -9 leaves nobody behind who holds the port (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1: PR_SET_PDEATHSIG
