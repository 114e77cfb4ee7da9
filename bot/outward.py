"""Asking at an address that somebody gave us: https only, and never an address inside, whatever its name says."""

from __future__ import annotations

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

SECONDS = 20.0


class NotAsked(ValueError):
    """What is never asked. A sentence without the address, which is a secret."""


@dataclass(frozen=True, slots=True)
class Door:
    """What may be asked, and for how long. Tests have another one, for a server of their own."""

    schemes: Collection[str] = ("https",)
    outside_only: bool = True
    seconds: float = SECONDS

    @property
    def resolver(self) -> AbstractResolver | None:
        """Who looks names up; None for anybody. Made where a loop runs."""
        return OutsideOnly() if self.outside_only else None


class OutsideOnly(AbstractResolver):
    """Looks a name up at the moment of connecting, so that no name can be another one by then."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await aiohttp.ThreadedResolver().resolve(host, port, family)
        if not found or not all(is_outside(one["host"]) for one in found):
            raise OSError("an address inside")
        return found

    async def close(self) -> None:
        """Nothing is held open."""


def is_outside(address: str) -> bool:
    """A public address, and not one that stands for a private one (IPv4 written as IPv6)."""
    given = ip_address(address.partition("%")[0])
    inner = getattr(given, "ipv4_mapped", None) or getattr(given, "sixtofour", None)
    return given.is_global and not given.is_multicast and (inner is None or inner.is_global)


def check_address(url: str, door: Door) -> None:
    """Raises NotAsked."""
    parts = urlsplit(url)
    if parts.scheme not in door.schemes or not parts.hostname:
        raise NotAsked("Its address begins with https://, or it is not asked.")
    if parts.username or parts.password:
        raise NotAsked("An address with a user name in it is never asked.")
    try:
        literal = is_outside(parts.hostname)
    except ValueError:  # a name: looked up when it is asked
        return
    if door.outside_only and not literal:
        raise NotAsked("An address of this network is never asked.")
