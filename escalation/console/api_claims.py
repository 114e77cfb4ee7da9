"""The API of handing alerts over: offered, put off, signed by a second person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from starlette.responses import Response

from escalation.claims import LONGEST_WORD
from escalation.console.api_views import Call, Empty, Number, Release, claim_number, reply, shown
from escalation.console.doors import clean

Word = Annotated[str, msgspec.Meta(max_length=LONGEST_WORD)]
MOST_MINUTES = 7 * 24 * 60


class Offer(msgspec.Struct, forbid_unknown_fields=True):
    """`to`: a staff id. It stays where it is until they accept, which is to claim it."""

    to: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Snooze(msgspec.Struct, forbid_unknown_fields=True):
    """`claim`: as in Release."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=MOST_MINUTES)]
    reason: Word
    claim: Number | None = None


class GiveBack(msgspec.Struct, forbid_unknown_fields=True):
    """`word`: what is missing, for who closed it."""

    word: Word


class KeepApart(msgspec.Struct, forbid_unknown_fields=True):
    """`staff`: a colleague's id, for a supervisor; left out, yourself. `reason` is kept under her key."""

    reason: Word = ""
    staff: Annotated[str, msgspec.Meta(max_length=40)] = ""


class LetBack(msgspec.Struct, forbid_unknown_fields=True):
    """`staff`: who is kept apart; never yourself."""

    staff: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class ApartShown(msgspec.Struct):
    """Of a case: `staff` takes, reads and is paged for nothing of it, or does again."""

    recipient: str
    staff: str
    apart: bool


class ClosingShown(msgspec.Struct):
    """How it was closed, for who signs it."""

    ref: str
    by: str
    closed_at: datetime
    outcome: str
    note: str


async def offer(call: Call) -> Response:
    wanted = await call.body(Offer)
    return reply(shown(await call.wiring.claims.offer(call.ref, call.staff.id, wanted.to, call.now)))


async def take_over(call: Call) -> Response:
    """The next on duty is asked."""
    wanted = await call.body(Release)
    number = await claim_number(call, wanted.claim)
    return reply(shown(await call.wiring.claims.take_over(call.ref, call.staff.id, number, call.now)))


async def decline(call: Call) -> Response:
    await call.body(Empty)
    return reply(shown(await call.wiring.claims.decline(call.ref, call.staff.id, call.now)))


async def snooze(call: Call) -> Response:
    wanted = await call.body(Snooze)
    number, until = await claim_number(call, wanted.claim), call.now + timedelta(minutes=wanted.minutes)
    reason = clean(wanted.reason).strip()
    return reply(shown(await call.wiring.claims.snooze(call.ref, call.staff.id, number, until, reason, call.now)))


async def closing(call: Call) -> Response:
    found = await call.wiring.claims.closing(call.ref, call.staff.id, call.now)
    return reply(ClosingShown(found.alert.ref, found.by, found.at, found.outcome, found.note))


async def sign(call: Call) -> Response:
    await call.body(Empty)
    return reply(shown(await call.wiring.claims.sign(call.ref, call.staff.id, call.now)))


async def give_back(call: Call) -> Response:
    wanted = await call.body(GiveBack)
    word = clean(wanted.word).strip()
    return reply(shown(await call.wiring.claims.give_back(call.ref, call.staff.id, word, call.now)))


async def keep_apart(call: Call) -> Response:
    """Oneself, of a case that one need not open for it; by a supervisor somebody else."""
    wanted = await call.body(KeepApart)
    who, why = wanted.staff or call.staff.id, clean(wanted.reason).strip()
    await call.wiring.claims.keep_apart(call.ref, who, call.staff.id, why, call.now)
    return reply(ApartShown(call.ref, who, True))


async def let_back(call: Call) -> Response:
    wanted = await call.body(LetBack)
    await call.wiring.claims.let_back(call.ref, wanted.staff, call.staff.id, call.now)
    return reply(ApartShown(call.ref, wanted.staff, False))
