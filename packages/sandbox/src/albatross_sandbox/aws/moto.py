"""moto in a process of its own, so that its stalls and its import time are not the front's."""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import orjson


def serve(port: int) -> None:
    """Serve moto on loopback until stdin ends; prints one JSON line when ready."""
    os.environ.update(MOTO_EC2_LOAD_DEFAULT_AMIS="false", MOTO_IAM_LOAD_MANAGED_POLICIES="false")
    os.environ["MOTO_ACM_VALIDATION_WAIT"] = str(72 * 3600)  # ACM gives up waiting for DNS after 72 hours
    _read_once()
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    from albatross_sandbox.aws import amend

    class Handler(MotoRequestHandler):
        """Keeps connections open, and keeps quiet."""

        protocol_version = "HTTP/1.1"

        def log_request(self, *_: Any) -> None:
            """Say nothing: the front keeps the journal."""

    for number in (signal.SIGTERM, signal.SIGINT):  # a signal to the whole group is the front's to answer
        signal.signal(number, signal.SIG_IGN)
    amend.apply()
    application = serialised(DomainDispatcherApplication(_transparent(create_backend_app)))
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=Handler)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    print(json.dumps({"ready": True, "port": server.server_port}), flush=True)
    server.serve_forever()


def _read_once() -> None:
    """Let botocore read each of its files once, and quickly: moto asks a new session for the same ones dozens of times as it starts."""
    from botocore.loaders import JSONFileLoader

    @cache
    def read(path: str, opened: Callable[..., Any]) -> Any:
        if not os.path.isfile(path):
            return None
        with opened(path, "rb") as file:
            return orjson.loads(file.read())

    JSONFileLoader._load_file = lambda self, full_path, open_method: read(full_path, open_method)


def serialised(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The application under one lock: moto's backends are not safe to enter twice."""
    lock = threading.Lock()

    def one_at_a_time(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        try:
            with lock:
                return list(application(environ, start))
        except Exception as error:
            return _fallen(error, start)

    return one_at_a_time


def _transparent(make: Callable[..., Any]) -> Callable[..., Any]:
    """Backend applications that let exceptions through instead of printing them."""

    def backend(name: Any) -> Any:
        made = make(name)
        made.config["PROPAGATE_EXCEPTIONS"] = True
        return made

    return backend


def _fallen(error: Exception, start: Callable[..., Any]) -> Iterable[bytes]:
    """An answer that the front can tell apart: 501 for what moto does not have, 500 for where it broke."""
    gap = isinstance(error, RuntimeError)  # what moto raises for an operation that it has no code for is one
    start("501 Not Implemented" if gap else "500 Internal Server Error", [("Content-Type", "text/html")])
    return [f"{type(error).__name__}: {error}".encode()]


def _leave_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    serve(parser.parse_args().port)
