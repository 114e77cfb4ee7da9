"""What the demo's page shows: three phones, the queue as the desk has it, the clock, and what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined

from bot.channels.simulated import Bubble
from bot.demo.cast import LINES, PASSWORD, SPEECH, STAFF, Phone
from bot.demo.drill import Drill
from bot.demo.hands import Due
from bot.demo.shelf import SLOTS, Slot
from bot.demo.stage import WORDS
from escalation.console.clocks import Clock
from escalation.console.queue_rows import queue
from escalation.console.strings import Strings
from flows.engine.conversation import Conversation

if TYPE_CHECKING:
    from bot.demo.table import Table

ZONE = "Europe/London"
SHOWN = 60  # bubbles of a phone; older ones are scrolled far away on a real one too
ENTRIES = 12  # of the chronicle
STEPS = (("5m", "+5 min"), ("2h", "+2 h"), ("1d", "+1 day"))

Mode = Literal["closed", "open", "waiting", "worker", "paused", "stranger", "staff"]
DUE: Mapping[str, str] = {
    "checkin": "check-in",
    "missed": "missed check-in",
    "watch": "a time she set",
    "lock": "idle lock",
    "page": "page",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A bubble as the phone shows it: its time of day and, on the first of a day, the day, as she would read it."""

    bubble: Bubble
    clock: str
    day: str


@dataclass(frozen=True, slots=True)
class Seat:
    """One place on the table and the phone that lies there. The oldest line comes first."""

    slot: Slot
    phone: Phone
    mode: Mode
    lines: Sequence[Shown]
    others: Sequence[Phone]
    tries: Sequence[str]
    drill: Drill | None


@dataclass(frozen=True, slots=True)
class Next:
    """What the clock's last button leads to: 'check-in · SMS · English', in so long."""

    what: str
    at: datetime


@cache
def _templates() -> Environment:
    """The demo's own templates, and the console's pieces under `console/`."""
    rooms = {"demo": PackageLoader("bot.demo"), "console": PackageLoader("escalation.console")}
    return Environment(
        loader=PrefixLoader(rooms), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


async def draw(table: Table, template: str) -> str:
    """`page.html`, or `parts.html`: the moving parts alone."""
    service = table.stage.service
    now, strings = service.clock.now(), Strings()
    clock = Clock(now, ZONE, strings)
    alerts = await service.desk.queue(now)
    everybody = await service.accounts.staff()
    return (
        _templates()
        .get_template(f"demo/{template}")
        .render(
            t=strings.say,
            tn=strings.count,
            csrf="",
            now=now,
            times=clock,
            face=_face(now),
            zone=ZONE,
            seats={slot: await _seat(table, slot) for slot in SLOTS},
            speech=SPEECH,
            queue=queue(alerts, "", clock),
            duty_of={one.username: one.duty for one in everybody},
            next=_named(table, await table.hands.next()),
            moving=table.hands.moving,
            steps=STEPS,
            entries=table.chronicle.last(ENTRIES),
            staff=STAFF,
            password=PASSWORD,
            token=table.token,
            origin=table.origin,
            keyword=service.programme.rules.keyword,
            exit=WORDS["exit"],
            lines=LINES,
        )
    )


def _face(now: datetime) -> str:
    """'Fri 20 Nov, 18:02:14', as the script goes on writing it."""
    local = now.astimezone(ZoneInfo(ZONE))
    return f"{local:%a} {local.day} {local:%b, %H:%M:%S}"


async def _seat(table: Table, slot: Slot) -> Seat:
    phone = table.shelf.on(slot)
    screen = table.stage.phones.screen(phone.channel, phone.address)
    state = None if phone.kind == "worker" else await table.state(phone)
    mode: Mode = "staff" if phone.kind == "worker" else _mode(state)
    lines = list(_shown(screen[-SHOWN:], phone.language))
    return Seat(slot, phone, mode, lines, table.shelf.of(slot), _tries(table, phone, state), table.drills.of(phone))


def _shown(screen: Sequence[Bubble], language: str) -> Iterator[Shown]:
    before: date | None = None
    for bubble in screen:
        local = bubble.at.astimezone(ZoneInfo(ZONE))
        day = "" if local.date() == before else _day(local.date(), language)
        before = local.date()
        yield Shown(bubble, f"{local:%H:%M}", day)


@cache
def _day(day: date, language: str) -> str:
    """'Fri 20 Nov' in her language."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return str(format_skeleton("MMMEd", noon, locale="en_GB" if language == "en" else language))


def _mode(state: Conversation | None) -> Mode:
    if state is None:
        return "stranger"
    waits = state.session is not None and state.session.waiting and not state.session.worker
    return "waiting" if waits else state.mode


def _tries(table: Table, phone: Phone, state: Conversation | None) -> list[str]:
    """Words that are worth sending now, for one tap."""
    if phone.kind == "worker":
        return [*table.codes(phone), "?"]
    if state is None:
        return [word for word in (table.stage.service.programme.rules.keyword, phone.code) if word]
    if phone.kind == "stranger":
        return ["1", "-"]
    return [phone.speech.signal, "1", phone.speech.afraid]


def _named(table: Table, due: Due | None) -> Next | None:
    if due is None:
        return None
    whose = due.owner if due.kind == "page" else table.names.get(due.owner, "a phone")
    return Next(f"{DUE.get(due.kind, due.kind)} · {whose}", due.at)
