"""What every view may reach: the ports, the clock, the words. Built once in `app`, passed on as an argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from escalation.console.clocks import Clock
from escalation.console.passwords import PasswordCheck
from escalation.console.settings import ConsoleSettings
from escalation.console.strings import Strings
from escalation.ports import Accounts, Chat, Desk, People
from flows.text.languages import SOURCE


@dataclass(frozen=True, slots=True)
class Wiring:
    """`strings` are in the visitor's language, once `tongue.spoken` has seen who asks.

    `names` are the flows' own words by language and message id: `names['en']['plan/keys']` is 'Keys and papers'.
    """

    desk: Desk
    chat: Chat
    people: People
    accounts: Accounts
    clock: Callable[[], datetime]
    settings: ConsoleSettings
    strings: Strings
    names: Mapping[str, Mapping[str, str]]
    passwords: PasswordCheck = field(default_factory=PasswordCheck)

    def times(self, now: datetime) -> Clock:
        return Clock(now, self.settings.zone, self.strings)

    def name(self, message: str) -> str:
        """What the flows call it; without a name the id itself, made readable."""
        own, english = self.names.get(self.strings.language, {}), self.names.get(SOURCE, {})
        return own.get(message) or english.get(message) or message.rpartition("/")[2].replace("_", " ").capitalize()

    async def staff_names(self) -> dict[str, str]:
        return {person.id: person.name for person in await self.accounts.staff()}
