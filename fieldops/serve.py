"""One command for web and worker: the code is loaded once, then forked, so that the processes share their memory."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server
from sqlalchemy.orm import configure_mappers

from fieldops import worker
from fieldops.app import create_app, with_files
from fieldops.core.people import queries as people
from fieldops.kit import clock, db, logs

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
    threads: int = 3,
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
    _warm(app, settings)
    gc.collect()
    gc.freeze()
    _give_back()
    beside: list[_Child] = []
    if with_worker:
        beside.append(_Child(lambda: worker.run(settings), again="worker"))
    if ready is not None:
        beside.append(_Child(ready))
    try:
        _web(settings, wsgi, bind=bind, workers=workers, threads=threads)
    except RuntimeError as error:  # the port is another program's, or not ours to take
        sys.stderr.write(f"fieldops: cannot listen on {bind}: {error}\n")
        return 1
    except SystemExit as asked:
        return asked.code if isinstance(asked.code, int) else 1
    finally:
        for child in beside:
            child.stop()
    return 0


class _Child:
    """A process beside the web server, and a thread that waits for its end. One that has a name for `again` is started
    again whenever it ends by itself."""

    def __init__(self, job: Callable[[], None], *, again: str = "") -> None:
        self._job, self._again = job, again
        self._starting, self._stopping = threading.Lock(), threading.Event()
        self._pid = _fork(job)
        self._watch = threading.Thread(target=self._wait, daemon=True)
        self._watch.start()

    def _wait(self) -> None:
        while True:
            _, code = os.waitpid(self._pid, 0)
            self._pid = 0
            if not self._again or self._stopping.is_set():
                return
            logs.log().error(f"{self._again} ended, starting it again", code=code)
            self._stopping.wait(1)
            with self._starting:
                if self._stopping.is_set():
                    return
                self._pid = _fork(self._job)

    def stop(self) -> None:
        with self._starting:
            self._stopping.set()
            if self._pid:
                os.kill(self._pid, signal.SIGTERM)
        self._watch.join(_FINISH_SECONDS)


def _warm(app: Flask, settings: Settings) -> None:
    """What every web process would make for itself, made once before they part: how classes lie on tables, the
    public's pages in bytecode, and all that the first look at a page makes. No connection is left for the others."""
    configure_mappers()
    app.url_map.update()
    for name in app.jinja_env.list_templates(filter_func=_is_public):
        app.jinja_env.get_template(name)
    db.connect(settings.database_url, pool=1)
    for address, view in ((settings.public_url, "booking.home"), (settings.staff_url, "people.sign_in")):
        with app.test_request_context(base_url=address):
            app.view_functions[view]()
    with db.reading() as session:
        people.signed_in(session, "", now=clock.now())
    db.database().dispose()


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


def _give_back() -> None:
    """What loading the code took and left goes back to the system before the fork: each process would carry it along
    (glibc only)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _end_with_parent() -> None:
    """Whoever kills the first process with -9 leaves nobody behind who holds the port (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1: PR_SET_PDEATHSIG
