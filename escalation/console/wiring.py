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


@dataclass(frozen=True, slots=True)
class Wiring:
    """`names` are the flows' own words by message id (`plan/keys`: 'Keys and papers'), in the console's language."""

    desk: Desk
    chat: Chat
    people: People
    accounts: Accounts
    clock: Callable[[], datetime]
    settings: ConsoleSettings
    strings: Strings
    names: Mapping[str, str]
    passwords: PasswordCheck = field(default_factory=PasswordCheck)

    def times(self, now: datetime) -> Clock:
        return Clock(now, self.settings.zone, self.strings)

    def name(self, message: str) -> str:
        """What the flows call it; without a name the id itself, made readable."""
        return self.names.get(message) or message.rpartition("/")[2].replace("_", " ").capitalize()

    async def staff_names(self) -> dict[str, str]:
        return {person.id: person.name for person in await self.accounts.staff()}
