"""The port, taken before anything else is opened: one that is in use is a sentence, not a start that dies half-way."""

from __future__ import annotations

import errno
import socket

from bot.secret_files import WrongSettings


def listen(host: str, port: int) -> list[socket.socket]:
    """Bound at every address of the host, for a server to serve on. Raises WrongSettings where none can be had."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise _refused(host, port, error) from None
    bound: list[socket.socket] = []
    last: OSError | None = None
    for family, kind, protocol, _, address in dict.fromkeys(found):
        try:
            bound.append(_bound(family, kind, protocol, address))
        except OSError as error:
            last = error
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):  # this machine has no such address
                break
    if last is not None and (not bound or last.errno == errno.EADDRINUSE):
        for one in bound:
            one.close()
        raise _refused(host, port, last) from None
    return bound


def _bound(family: int, kind: int, protocol: int, address: object) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)  # type: ignore[arg-type]
    except BaseException:
        made.close()
        raise
    return made


def _refused(host: str, port: int, error: OSError) -> WrongSettings:
    says = error.strerror or str(error)
    return WrongSettings(
        f"Port {port} of {host} cannot be used: {says}. Stop what uses it, or set ROWAN_PORT and ROWAN_HOST to others."
    )
