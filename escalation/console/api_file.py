"""What workers keep on a case at the API: orders, agencies, their own items of her plan. The same port as the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from escalation.casefile import (
    LONGEST_NAME,
    LONGEST_WORDS,
    Agency,
    Consent,
    Entry,
    Kept,
    Order,
    OrderKind,
    OwnItem,
    stands,
)
from escalation.console.api_doors import OF_A_CASE, OF_AN_ACT, ApiDoor
from escalation.console.api_views import Call, NotValid, reply
from escalation.console.doors import CASES, clean
from escalation.console.file_rows import begins

Called = Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]
Words = Annotated[str, msgspec.Meta(max_length=LONGEST_WORDS)]


class OrderToKeep(msgspec.Struct, forbid_unknown_fields=True):
    """`who` may not contact `whom`. Days in the zone of the staff; null: not known."""

    kind: OrderKind
    who: Called
    whom: Called
    since: date | None = None
    until: date | None = None
    words: Words = ""


class AgencyToKeep(msgspec.Struct, forbid_unknown_fields=True):
    """`consent`: whether she agrees that they are spoken with. `news_to`: an e-mail or phone that a worker may tell."""

    name: Called
    consent: Consent
    person: Called = ""
    reference: Called = ""
    since: date | None = None
    until: date | None = None
    news_to: Called = ""


class OwnItemToKeep(msgspec.Struct, forbid_unknown_fields=True):
    """What the worker does for her plan: in no chat."""

    words: Words


class EntryToEnd(msgspec.Struct, forbid_unknown_fields=True):
    entry: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class EntryShown(msgspec.Struct, kw_only=True):
    """`stands`: it has not ended, and its last day is not over. `by`, `ended_by`: staff ids."""

    id: str
    at: datetime
    by: str
    stands: bool
    ended_at: datetime | None
    ended_by: str


class OrderShown(EntryShown, kw_only=True):
    kind: OrderKind
    who: str
    whom: str
    since: date | None
    until: date | None
    words: str


class AgencyShown(EntryShown, kw_only=True):
    name: str
    consent: Consent
    person: str
    reference: str
    since: date | None
    until: date | None
    news_to: str


class OwnItemShown(EntryShown, kw_only=True):
    words: str


class FileShown(msgspec.Struct):
    """All of a case, what has ended too, each kind in the order it was written."""

    recipient: str
    orders: Sequence[OrderShown]
    agencies: Sequence[AgencyShown]
    own_items: Sequence[OwnItemShown]


async def on_file(call: Call) -> Response:
    case = await call.wiring.desk.case(call.ref, call.staff.id, call.reason, call.now)
    return reply(await _file(call, case.ref))


async def order(call: Call) -> Response:
    o = await call.body(OrderToKeep)
    days = _begins(call, o.since), _begins(call, o.until)
    return await _keep(call, Order(o.kind, _words(o.who), _words(o.whom), *days, _words(o.words)))


async def agency(call: Call) -> Response:
    a = await call.body(AgencyToKeep)
    days = _begins(call, a.since), _begins(call, a.until)
    words = (_words(a.person), _words(a.reference))
    return await _keep(call, Agency(_words(a.name), a.consent, *words, *days, _words(a.news_to)))


async def own_item(call: Call) -> Response:
    return await _keep(call, OwnItem(_words((await call.body(OwnItemToKeep)).words)))


async def end(call: Call) -> Response:
    entry = (await call.body(EntryToEnd)).entry
    await call.wiring.casefile.end(call.ref, entry, call.staff.id, call.now, call.reason)
    return reply(await _file(call, call.ref))


async def _keep(call: Call, entry: Entry) -> Response:
    await call.wiring.casefile.keep(call.ref, entry, call.staff.id, call.now, call.reason)
    return reply(await _file(call, call.ref), 201)


def _words(given: str) -> str:
    return clean(given).strip()


def _begins(call: Call, day: date | None) -> datetime | None:
    """Raises NotValid for a day on which no clock is."""
    try:
        return None if day is None else begins(day, call.wiring.settings.zone)
    except OverflowError as wrong:
        raise NotValid("Not one of the values it may have") from wrong


async def _file(call: Call, ref: str) -> FileShown:
    """For who has opened the case."""
    found = [_shown(call, one) for one in await call.wiring.casefile.of_person(ref)]
    return FileShown(
        ref.upper(),
        [one for one in found if isinstance(one, OrderShown)],
        [one for one in found if isinstance(one, AgencyShown)],
        [one for one in found if isinstance(one, OwnItemShown)],
    )


def _shown(call: Call, kept: Kept) -> EntryShown:
    values: dict[str, Any] = {name: _day(call, value) for name, value in asdict(kept.entry).items()}
    values |= {"id": kept.id, "at": kept.at, "by": kept.by, "stands": stands(kept, call.now)}
    return SHOWN[type(kept.entry)](**values, ended_at=kept.ended_at, ended_by=kept.ended_by)


def _day(call: Call, value: object) -> object:
    """A time is when a day begins; all else is as it is."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(call.wiring.settings.zone)).date()
    return value


SHOWN: Mapping[type[Entry], type[EntryShown]] = {Order: OrderShown, Agency: AgencyShown, OwnItem: OwnItemShown}
HERS = "/recipients/{ref}"
DOORS = (
    ApiDoor(
        "GET", f"{HERS}/file", "on_file", "Orders, agencies and workers' own items of her plan", on_file,
        CASES, FileShown, refuses=OF_A_CASE, opens=True,
    ),
    ApiDoor(
        "POST", f"{HERS}/orders", "order", "An order; with it the negotiated exit is not offered", order,
        CASES, FileShown, OrderToKeep, 201, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "POST", f"{HERS}/agencies", "agency", "An agency, and whether she agrees that it is spoken with", agency,
        CASES, FileShown, AgencyToKeep, 201, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "POST", f"{HERS}/own-items", "own_item", "What a worker does for her plan; it is in no chat", own_item,
        CASES, FileShown, OwnItemToKeep, 201, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "POST", f"{HERS}/file/end", "end_entry", "An entry holds no more, or is done; it stays to be read", end,
        CASES, FileShown, EntryToEnd, refuses=OF_AN_ACT, opens=True,
    ),
)  # fmt: skip
