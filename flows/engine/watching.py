"""A time that she sets herself: from then on somebody looks for her, unless she has said that she is back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from msgspec.structs import replace

from flows.engine.conversation import Watch
from flows.engine.draft import Draft
from flows.engine.effects import Cancel, Raise, Schedule
from flows.engine.events import Heard
from flows.engine.matching import Answer, clock
from flows.safety.hours import zone

State = Literal["none", "waits", "late"]
TIMER = "watch"
UNTIL, WORDS, OVER = "watch.until", "watch.words", "watch.over"  # where answers go; the last is `set`
TARGETS = frozenset({UNTIL, WORDS})
BACK, OFF = "back", "off"  # what OVER is set to: she is back, or nobody is to wait for her any more
HOURS = {"one": 1, "two": 2, "three": 3, "four": 4}  # choices of a question whose answer goes into UNTIL
LONGEST_WORDS = 200  # characters: what a worker reads at once
IS_BACK = "Has opened her chat and says that she is back."
UNVERIFIED = "Says that she is back, but nobody has verified who it is: ask the agreed question."
CALLED_OFF = "Called off the time at which somebody was to look for her."
OFF_UNVERIFIED = (
    "Called off the time at which somebody was to look for her, but nobody has verified who it is: "
    "ask the agreed question."
)


def state(draft: Draft) -> State:
    watch = draft.memory.watch
    if watch is None:
        return "none"
    return "late" if draft.at >= watch.until else "waits"


def fill(draft: Draft, target: str, answer: Answer, event: Heard) -> bool:
    """Take the time, which replaces one that stood, or her words for it. False: no time can be read from that."""
    watch = draft.memory.watch
    if target == WORDS:
        if watch is not None:
            _keep(draft, replace(watch, words=str(answer.value)[:LONGEST_WORDS]))
        return True
    until = _moment(draft, answer, event)
    if until is None:
        return False
    _keep(draft, Watch(until, watch.words if watch else ""))
    draft.effects.append(Schedule(TIMER, until))
    draft.note("watch", f"{until:%d %b %H:%M} UTC")
    return True


def over(draft: Draft, value: str) -> None:
    """She is back, or calls it off. Whoever has been told by then is told this too, and who it was where nobody has
    verified it. Called off, it is never without a word to a worker."""
    watch = draft.memory.watch
    if watch is None:
        return
    _keep(draft, None)
    draft.effects.append(Cancel(TIMER))
    draft.note("watch_over")
    off = value == OFF
    if watch.told:
        draft.effects.append(Raise("P3", "missed", "watch", ("watch.back",), (CALLED_OFF if off else IS_BACK,)))
    if draft.memory.verify_first and not watch.told:
        draft.task("task.back_unverified", OFF_UNVERIFIED if off else UNVERIFIED, "P2")
    elif off and not watch.told:
        draft.task("task.left", CALLED_OFF, "P2")


def _keep(draft: Draft, watch: Watch | None) -> None:
    draft.memory = replace(draft.memory, watch=watch)


def _moment(draft: Draft, answer: Answer, event: Heard) -> datetime | None:
    """In whole seconds, so that no rounding on the way makes a timer fire before it."""
    if answer.name:
        return draft.at.astimezone(UTC).replace(microsecond=0) + timedelta(hours=HOURS[answer.name])
    return min(_times(draft, clock(event.text)), default=None)


def _times(draft: Draft, minutes: Iterable[int]) -> Iterable[datetime]:
    """When her wall clock shows these next. Where it could be morning or evening, the sooner is the safer."""
    here = zone(draft.contact.zone)
    today = draft.at.astimezone(here).date()
    for since in minutes:
        for day in range(3):
            for fold in (0, 1):  # an hour that comes twice has passed only with its second time
                wall = time(since // 60, since % 60, fold=fold, tzinfo=here)
                moment = datetime.combine(today + timedelta(days=day), wall).astimezone(UTC)
                if moment > draft.at:
                    yield moment
