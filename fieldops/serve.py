"""One command for web and worker: the code is loaded once, then forked, so that the processes share their memory."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from fieldops import worker
from fieldops.app import create_app, with_files
from fieldops.kit import db, logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from fieldops.settings import Settings


class _Web(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings instead of its command line."""

    def __init__(self, wsgi: Any, options: dict[str, Any]) -> None:
        self._wsgi, self._options = wsgi, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._wsgi


def _web(settings: Settings, wsgi: Any, *, bind: str, workers: int, threads: int) -> None:
    def connect(_arbiter: object, _worker: object) -> None:
        db.connect(settings.database_url, pool=threads)

    options = {
        "bind": bind.split(","),
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "reuse_port": True,
        "control_socket_disable": True,
        "preload_app": True,
        "keepalive": 5,
        "graceful_timeout": 15,
        "timeout": 60,
        "post_fork": connect,
        "loglevel": "warning",
        "forwarded_allow_ips": "127.0.0.1,::1",
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108 (heartbeat files only)
        "proc_name": "fieldops-web",
    }
    _Web(wsgi, options).run()


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
    wsgi = with_files(create_app(settings))
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


def _fork(job: Callable[[], None]) -> int:
    sys.stdout.flush()  # what is still in the buffer would be printed by both
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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
