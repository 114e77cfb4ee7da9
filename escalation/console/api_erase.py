"""Erasure at the API: as the page has it, with the recipient's reference once more in the body."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from starlette.responses import Response

from escalation.console.api_views import Call, NotValid, reply
from escalation.console.doors import clean
from escalation.console.erase_page import LONGEST_WHY
from escalation.people import Authority, Receipt


class Erase(msgspec.Struct, forbid_unknown_fields=True):
    """`confirm`: the reference again, as in the path. `reason` goes into the audit log; no name belongs there."""

    authority: Authority
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_WHY)]
    confirm: Annotated[str, msgspec.Meta(max_length=64)]


class ReceiptShown(msgspec.Struct):
    """`waiting`: messages still being deleted from her Telegram chat; `stays`: those that could not be."""

    receipt: str
    day: datetime
    waiting: int
    stays: int
    copies: int


async def erase(call: Call) -> Response:
    wanted = await call.body(Erase)
    if wanted.confirm.strip().upper() != call.ref.upper():
        raise NotValid("confirm is not the reference of the path - at `$.confirm`")
    people, reason = call.wiring.people, clean(wanted.reason)
    receipt = await people.erase(call.ref, call.staff.id, wanted.authority, reason, call.now)
    return reply(_shown(await people.receipt(receipt)), 201)


async def receipt(call: Call) -> Response:
    return reply(_shown(await call.wiring.people.receipt(call.ref)))


def _shown(left: Receipt) -> ReceiptShown:
    return ReceiptShown(left.id, left.day, left.waiting, left.stays, left.copies)
