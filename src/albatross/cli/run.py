"""`albatross run`: the controller. Its options are the rows of `catalog.settings`."""

import asyncio
import gc
import logging
import os
import ssl
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import click

from albatross.catalog.settings import SETTINGS, Flag, read


def _option(row: Flag) -> Callable[[Any], Any]:
    name = row.flag.replace("-", "_")
    words = row.help or f"One of {', '.join(row.choices)}."
    shown = f" [default: {row.default}]" if row.default else ""
    # A flag without a value means true, as in Go; a value needs `=`.
    alone: dict[str, Any] = {"is_flag": False, "flag_value": "true"} if row.kind == "flag" else {}
    return click.option(f"--{row.flag}", name, default=None, metavar=row.kind.upper(), help=words + shown, hidden=not row.field, **alone)


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for row in reversed(SETTINGS):
        function = _option(row)(function)
    return function


def given(flags: dict[str, str | None]) -> dict[str, str]:
    """Texts by flag, from the command line, otherwise from the environment."""
    found = {}
    for row in SETTINGS:
        text = flags.get(row.flag.replace("-", "_"))
        text = os.environ.get(row.env) if text is None else text
        if text is not None:
            found[row.flag] = text
    return found


@click.command()
@_options
def run(**flags: str | None) -> int:
    """Run the controller until SIGTERM or Ctrl-C.

    Each option can also be set as an environment variable: --cluster-name is ALBATROSS_CLUSTER_NAME.
    """
    settings = read(given(flags))
    if settings.complaints:
        raise click.ClickException("\n".join(settings.complaints))
    gc.disable()  # imports leave almost nothing to collect (2,000 objects)
    _lean()
    _log(settings.options.log_level)
    import structlog

    from albatross.controller.process import run as serve  # the import of the AWS client is slow; --help does not need it
    from albatross.web.server import page

    gc.freeze()
    gc.set_threshold(COLLECTED)
    gc.enable()
    for flag in settings.idle:
        structlog.get_logger("run").warning("setting has no effect", flag=f"--{flag}")
    return asyncio.run(serve(settings.config, settings.options, page))


COLLECTED = 10_000
"""New objects until the garbage collector looks at them (chosen by us: with Python's 700, it needs 4 % of the CPU of a build, so 1 %)."""


def _lean() -> None:
    """Import two libraries without parts that the controller never uses.

    structlog would import rich, for tracebacks on a terminal: a tenth of the time that the start computes. aiohttp would read the
    certificates of the system (0.07 s and 2 MiB), for clients that do not say what they trust. Ours say it; such a client trusts nobody.
    """
    complete = ssl.create_default_context
    if "aiohttp" not in sys.modules:
        ssl.create_default_context = partial(ssl.SSLContext, ssl.PROTOCOL_TLS_CLIENT)
        try:
            import aiohttp  # noqa: F401
        finally:
            ssl.create_default_context = complete
    if "rich" not in sys.modules:
        sys.modules["rich"] = None  # type: ignore[assignment]  # the documented way to make an import fail
        try:
            import structlog  # noqa: F401
        finally:
            del sys.modules["rich"]


def _log(level: str) -> None:
    """JSON lines on standard error."""
    import structlog

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,  # without the values of variables, because they may be secrets
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if level == "debug" else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


command = run
