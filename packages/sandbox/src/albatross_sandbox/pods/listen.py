"""Closing a listening port without losing the connections that are just arriving."""

import asyncio


async def close(server: asyncio.Server) -> None:
    """Stop accepting, let what was accepted become a connection, then close the port.

    `Server.close()` alone loses, unclosed, a connection accepted in the same turn of the loop: its transport finds no
    server to belong to (asserted in asyncio.base_events.Server._attach, Python 3.11).
    """
    loop = asyncio.get_running_loop()
    for socket in server.sockets:
        loop.remove_reader(socket.fileno())
    for _ in range(3):
        await asyncio.sleep(0)
    server.close()
