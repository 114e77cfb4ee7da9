"""Everything the engine may know beside the person: flows, covers, instruments, languages, services, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from flows.directory.search import Directory
from flows.engine.conversation import Contact
from flows.engine.model import Cover, Flow, Instrument
from flows.safety.danger import Reader
from flows.text.catalogue import Catalogues
from flows.text.phrases import Phrase


@dataclass(frozen=True, slots=True)
class Keep:
    """Days that each kind is kept; None: until she is erased (SAFETY 29).

    `talk`: what was said. `words`: what else she wrote: text answers, what raised an alert, versions of the plan that
    no longer stand. `notes`: workers' own. `alerts`: resolved ones. `contact_history`: how her safe contact changed.
    """

    talk: int = 30
    words: int = 30
    notes: int | None = None
    alerts: int | None = None
    contact_history: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The programme's own settings, read from its folder; the defaults are those of SAFETY.md."""

    idle_lock: timedelta = timedelta(minutes=5)
    worker_lock: timedelta = timedelta(minutes=15)
    fresh_checkin: timedelta = timedelta(hours=4)
    watch_grace: timedelta = timedelta(minutes=30)
    confirm_every: timedelta = timedelta(days=30)
    long_silence: timedelta = timedelta(days=60)
    keyword: str = "harvest"
    language: str = "en"
    zone: str = "Europe/London"
    cover: str = "recipes"
    joining: str = "join"
    opening: str = "checkin"
    menu: str = "menu"
    confirming: str = "still_good"
    place: str = ""
    emergency: str = ""
    keep: Keep = Keep()


@dataclass(frozen=True, slots=True)
class Programme:
    """One loaded state of all content. `flow` finds a pinned revision, or None when it is gone."""

    flows: Mapping[str, Flow]
    covers: Mapping[str, Cover]
    instruments: Mapping[str, Instrument]
    catalogues: Catalogues
    reader: Reader
    rules: Rules = Rules()
    own: Mapping[str, str] = field(default_factory=dict)  # the engine's own messages: id to English
    several: Mapping[str, str] = field(default_factory=dict)  # and of those that count something, the other form
    old: Mapping[tuple[str, str], Flow] = field(default_factory=dict)
    directory: Directory = field(default_factory=Directory)
    phrases: Mapping[str, Phrase] = field(default_factory=dict)  # for workers, who send them; the engine never looks
    pages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # the programme's own words, by language
    console: Catalogues = field(default_factory=Catalogues)  # what staff read on screens; the engine never looks here

    def flow(self, name: str, revision: str) -> Flow | None:
        current = self.flows.get(name)
        if current is not None and current.revision == revision:
            return current
        return self.old.get((name, revision))

    def cover(self, contact: Contact) -> Cover:
        """The one she chose; the programme's own when it is gone, and on Telegram, where the bot bears its name."""
        chosen = "" if contact.channel == "telegram" else contact.cover
        return self.covers.get(chosen) or self.covers[self.rules.cover]

    def may_run(self, name: str, at: datetime) -> bool:
        """Whether a flow may begin: not when it asks what an instrument may not ask any more. Who is in it goes on."""
        today = at.astimezone(UTC).date()
        return not any(each.flow == name and each.licence.refuses(today) for each in self.instruments.values())

    def refused(self, today: date) -> dict[str, str]:
        """Instruments that do not run on this day, with the reason."""
        why = {name: each.licence.refuses(today) for name, each in self.instruments.items()}
        return {name: said for name, said in why.items() if said}
