# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measures what listening.c measures, for asyncio: opening and closing a listener."""
import asyncio
import os
import socket
import sys
import time

TIMES = 50


async def measure(what, open_one):
    begin = time.monotonic_ns()
    for _ in range(TIMES):
        server = await open_one()
        server.close()
        await server.wait_closed()
        if what == "path":
            os.unlink("a")
    print("%s;asyncio;%.1f" % (what, (time.monotonic_ns() - begin) / TIMES))


def ignore(*_):
    pass


async def main():
    with socket.create_server(("127.0.0.1", 0)) as free:
        at = free.getsockname()
    for _ in sys.stdin:
        await measure("IPv4", lambda: asyncio.start_server(ignore, *at))
        await measure("path", lambda: asyncio.start_unix_server(ignore, "a"))
        print("end", flush=True)


asyncio.run(main())
