"""The phones there are, and which three lie on the table: one that texts, one with Telegram, one of a worker."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Literal, get_args

from bot.demo.cast import Phone
from bot.demo.stage import ChannelName

Slot = Literal["one", "two", "worker"]
SLOTS: tuple[Slot, ...] = get_args(Slot)
CHANNEL: dict[Slot, ChannelName] = {"one": "sms", "two": "telegram"}
FRESH = range(200, 800)  # the last three digits that no phone of the cast has


class NoMorePhones(Exception):
    """Every free number was used: start the demo again."""


class Shelf:
    """Phones by their key. Everybody who looks at the demo sees the same three."""

    def __init__(self, phones: Iterable[Phone]) -> None:
        self._phones: dict[str, Phone] = {}
        self._on: dict[Slot, str] = {}
        self._numbers = count(FRESH.start)
        for phone in phones:
            self.add(phone)

    def add(self, phone: Phone) -> None:
        """The first of its kind lies on the table at once."""
        self._phones[phone.key] = phone
        self._on.setdefault(slot_of(phone), phone.key)

    def on(self, slot: Slot) -> Phone:
        return self._phones[self._on[slot]]

    def lay(self, slot: Slot, key: str) -> bool:
        """Put this phone on its place. False when there is none of that key for it."""
        phone = self._phones.get(key)
        if phone is None or slot_of(phone) != slot:
            return False
        self._on[slot] = key
        return True

    def of(self, slot: Slot) -> list[Phone]:
        """All that may lie there, oldest first."""
        return [phone for phone in self._phones.values() if slot_of(phone) == slot]

    def recipients(self) -> list[Phone]:
        return [phone for phone in self._phones.values() if phone.kind != "worker"]

    def unused(self, channel: ChannelName) -> tuple[str, str]:
        """(key, address) of a phone nobody has seen. Raises NoMorePhones."""
        number = next(self._numbers)
        if number not in FRESH:
            raise NoMorePhones
        address = f"+447700900{number}" if channel == "sms" else f"900{number}"
        return f"n{number}", address


def slot_of(phone: Phone) -> Slot:
    if phone.kind == "worker":
        return "worker"
    return "one" if phone.channel == "sms" else "two"
