"""What every view may reach: the ports, the clock, the words. Built once in `app`, passed on as an argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from escalation.console.clocks import Clock
from escalation.console.passwords import PasswordCheck
from escalation.console.settings import ConsoleSettings
from escalation.console.strings import Strings
from escalation.ports import Accounts, Chat, Desk, People, Sheets
from flows.engine.forms import Form


@dataclass(frozen=True, slots=True)
class Wiring:
    """`names` are the flows' own words by message id (`plan/keys`: 'Keys and papers'), in the console's language;
    `forms` the instruments with items, by name, in its words."""

    desk: Desk
    chat: Chat
    people: People
    accounts: Accounts
    sheets: Sheets
    clock: Callable[[], datetime]
    settings: ConsoleSettings
    strings: Strings
    names: Mapping[str, str]
    forms: Mapping[str, Form]
    passwords: PasswordCheck = field(default_factory=PasswordCheck)

    def times(self, now: datetime) -> Clock:
        return Clock(now, self.settings.zone, self.strings)

    def name(self, message: str) -> str:
        """What the flows call it; without a name the id itself, made readable."""
        return self.names.get(message) or message.rpartition("/")[2].replace("_", " ").capitalize()

    def title(self, instrument: str) -> str:
        """What staff call an instrument: a word of ours for those that ship, else its name made readable."""
        message = f"instrument.{instrument}"
        return self.strings.say(message) if self.strings.has(message) else self.name(f"instrument/{instrument}")

    async def staff_names(self) -> dict[str, str]:
        return {person.id: person.name for person in await self.accounts.staff()}
