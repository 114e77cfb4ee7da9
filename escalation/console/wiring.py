"""What every view may reach: the ports, the clock, the words. Built once by who serves it, passed on as an argument."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from escalation.access import Access
from escalation.accounts import Accounts
from escalation.auditing import Auditing
from escalation.case_audit import Samples
from escalation.casefile import Casefile
from escalation.claims import Claims
from escalation.console.clocks import Clock
from escalation.console.passwords import PasswordCheck
from escalation.console.settings import ConsoleSettings
from escalation.console.strings import Strings
from escalation.decisions import Decisions
from escalation.keeping import Keeping
from escalation.ladder.trying import Trying
from escalation.meeting import Meetings
from escalation.methods import Methods
from escalation.people import People
from escalation.ports import Chat, Desk, Sheets
from escalation.receivers import shipped
from escalation.referral import Receiver
from escalation.rota.port import Rotas
from escalation.safe_contact import SafeContacts
from escalation.shifts import Shifts
from escalation.supervision import Supervision
from escalation.tasks import Tasks
from flows.engine.forms import Form
from flows.text.languages import SOURCE
from flows.text.phrases import Phrases


@dataclass(frozen=True, slots=True)
class Wiring:
    """`strings` are in the visitor's language, once `tongue.spoken` has seen who asks.

    `names` are the flows' own words by language and message id: `names['en']['plan/keys']` is 'Keys and papers'; of
    questions and their choices too, in every language that a recipient may have.
    `pages` gives the words of a message that goes to no recipient, by its id, what is filled in, and the language.
    `papers` are the instruments with items, by language and name. `feed` asks for a calendar at an https address and
    raises Refused.
    """

    desk: Desk
    chat: Chat
    people: People
    accounts: Accounts
    sheets: Sheets
    contacts: SafeContacts
    claims: Claims
    rotas: Rotas
    methods: Methods
    clock: Callable[[], datetime]
    settings: ConsoleSettings
    papers: Mapping[str, Mapping[str, Form]]
    access: Access = field(kw_only=True)
    auditing: Auditing = field(kw_only=True)
    keeping: Keeping = field(kw_only=True)
    meetings: Meetings = field(kw_only=True)
    trying: Trying = field(kw_only=True)
    tasks: Tasks = field(kw_only=True)
    casefile: Casefile = field(kw_only=True)
    decisions: Decisions = field(kw_only=True)
    receivers: Mapping[str, Receiver] = field(default_factory=shipped, kw_only=True)
    shifts: Shifts = field(kw_only=True)
    supervision: Supervision = field(kw_only=True)
    samples: Samples = field(kw_only=True)
    feed: Callable[[str], Awaitable[str]] = field(kw_only=True)
    pages: Callable[[str, dict[str, str], str], str] = field(kw_only=True)
    strings: Strings = field(default_factory=Strings)  # English only
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    phrases: Phrases = field(default_factory=Phrases)
    passwords: PasswordCheck = field(default_factory=PasswordCheck)

    def times(self, now: datetime) -> Clock:
        return Clock(now, self.settings.zone, self.strings)

    def name(self, message: str) -> str:
        """What the flows call it; without a name the id itself, made readable."""
        own, english = self.names.get(self.strings.language, {}), self.names.get(SOURCE, {})
        return own.get(message) or english.get(message) or message.rpartition("/")[2].replace("_", " ").capitalize()

    def hers(self, language: str) -> Callable[[str], str]:
        """What the flows say in her language, by message id; '' for what they do not say."""
        own, english = self.names.get(language, {}), self.names.get(SOURCE, {})
        return lambda message: own.get(message) or english.get(message, "")

    def covers(self) -> dict[str, str]:
        """The covers that may be chosen, with what they are called."""
        known = [message for message in self.names.get(SOURCE, {}) if message.startswith("cover/")]
        return {message.removeprefix("cover/"): self.name(message) for message in known}

    @property
    def forms(self) -> Mapping[str, Form]:
        """By name, in the visitor's language where there are words in it."""
        return self.papers.get(self.strings.language) or self.papers.get(SOURCE, {})

    def title(self, instrument: str) -> str:
        """What staff call an instrument: a word of ours for those that ship, else its name made readable."""
        message = f"instrument.{instrument}"
        return self.strings.say(message) if self.strings.has(message) else self.name(f"instrument/{instrument}")

    async def staff_names(self) -> dict[str, str]:
        return {person.id: person.name for person in await self.accounts.staff()}
