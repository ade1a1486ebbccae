"""`albatross demo`: everything at work on this machine, from nothing to requests that are answered."""

import sys

import click


@click.command()
def demo() -> None:
    """Start a sandbox, make an Ingress a load balancer in it, and send it requests.

    On a terminal the sandbox stays until Ctrl-C; elsewhere the demo ends by itself.
    """
    import asyncio

    from albatross.cli.demo import show

    asyncio.run(show.play(stay=sys.stdout.isatty() and sys.stdin.isatty()))
