"""A load generator in its own process: keep-alive connections that post prepared requests and time every answer.

Raw sockets over asyncio streams, because an HTTP client library would be slower than what it measures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path


async def post_all(host: str, port: int, requests: Sequence[bytes], connections: int) -> tuple[float, list[float]]:
    """Post every request once over `connections`; returns (seconds, latency of each in seconds).

    Raises RuntimeError for any answer that is not 200.
    """
    waiting = list(reversed(requests))
    latencies: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        while waiting:
            request = waiting.pop()
            began = time.perf_counter()
            writer.write(request)
            await _answer(reader)
            latencies.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return time.perf_counter() - began, latencies


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.split(b"\r\n")[0].decode())
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    if length:
        await reader.readexactly(length)


async def post_paced(
    host: str, port: int, requests: Sequence[bytes], per_second: float
) -> tuple[float, list[float], list[float]]:
    """Post at a fixed rate over 64 connections, as arrivals that do not wait for each other.

    As `post_all`, and when each was to go: seconds of the machine's monotonic clock, in the order of the requests."""
    pool: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(64):
        pool.put_nowait(await asyncio.open_connection(host, port))
    latencies: list[float] = []
    posted: list[float] = []

    async def one(request: bytes) -> None:
        began = time.perf_counter()
        reader, writer = await pool.get()
        writer.write(request)
        await _answer(reader)
        latencies.append(time.perf_counter() - began)
        pool.put_nowait((reader, writer))

    began, tasks = time.perf_counter(), []
    for number, request in enumerate(requests):
        delay = began + number / per_second - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        posted.append(time.monotonic())
        tasks.append(asyncio.create_task(one(request)))
    await asyncio.gather(*tasks)
    return time.perf_counter() - began, latencies, posted


def main() -> None:
    """`python -m bot.bench.load FILE HOST PORT CONNECTIONS [RATE]`: FILE holds the requests, each after its length.

    Prints {"seconds", "latencies", "posted"} as JSON, in seconds; "posted" only where there is a rate.
    """
    path, host, port, connections = sys.argv[1:5]
    requests = read_requests(Path(path))
    posted: list[float] = []
    if len(sys.argv) > 5:
        seconds, latencies, posted = asyncio.run(post_paced(host, int(port), requests, float(sys.argv[5])))
    else:
        seconds, latencies = asyncio.run(post_all(host, int(port), requests, int(connections)))
    json.dump({"seconds": seconds, "latencies": latencies, "posted": posted}, sys.stdout)


def write_requests(path: Path, requests: Sequence[bytes]) -> None:
    path.write_bytes(b"".join(len(request).to_bytes(4, "big") + request for request in requests))


def read_requests(path: Path) -> list[bytes]:
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return found


if __name__ == "__main__":
    main()
