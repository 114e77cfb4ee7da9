"""Ports for servers of tests."""

from __future__ import annotations

import secrets
import socket

FIRST, LAST = 10_000, 32_767  # below those that the system gives to whoever calls out: nobody takes one in between


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
