"""`albatross demo`: everything at work on this machine, from an empty sandbox to answered requests."""

import sys

import click


@click.command()
def demo() -> None:
    """Start a sandbox, install the controller in it, turn an Ingress and a Service into load balancers, and send requests to them.

    On a terminal, the sandbox runs until Ctrl-C; otherwise the demo ends by itself.
    """
    import asyncio

    from albatross.cli.demo import show

    asyncio.run(show.play(stay=sys.stdout.isatty() and sys.stdin.isatty()))
