"""Everything the engine may know beside the person: flows, covers, instruments, languages, services, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flows.directory.search import Directory
from flows.engine.model import Cover, Flow, Instrument
from flows.safety.danger import Reader
from flows.text.catalogue import Catalogues


@dataclass(frozen=True, slots=True)
class Rules:
    """The programme's own settings, read from its folder; the defaults are those of SAFETY.md."""

    idle_lock: timedelta = timedelta(minutes=5)
    worker_lock: timedelta = timedelta(minutes=15)
    fresh_checkin: timedelta = timedelta(hours=4)
    keyword: str = "harvest"
    language: str = "en"
    zone: str = "Europe/London"
    cover: str = "recipes"
    joining: str = "join"
    opening: str = "checkin"
    menu: str = "menu"
    place: str = ""


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
    old: Mapping[tuple[str, str], Flow] = field(default_factory=dict)
    directory: Directory = field(default_factory=Directory)

    def flow(self, name: str, revision: str) -> Flow | None:
        current = self.flows.get(name)
        if current is not None and current.revision == revision:
            return current
        return self.old.get((name, revision))
