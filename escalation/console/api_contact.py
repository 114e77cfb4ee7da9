"""Her safe-contact record at the API: the same port as the page, the same reason for a case one does not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from starlette.responses import Response

from escalation.console.api_views import Call, reply
from escalation.console.contact_rows import fields_by_version
from escalation.console.doors import clean
from escalation.ports import Case
from escalation.safe_contact import ContactChange
from flows.engine.effects import Changer
from flows.engine.safe_contact import mark, values_of


class ContactSet(msgspec.Struct, forbid_unknown_fields=True):
    """`values`: by field, as GET gives them. `seen`: its mark; with it a record that was changed since is refused."""

    values: dict[str, str] = msgspec.field(default_factory=dict)
    seen: str = ""
    confirmed: bool = False


class ContactVersionShown(msgspec.Struct):
    """`by`: her, worker (then `staff` is an id), carrier or clock. `changed`: the names of the fields."""

    at: datetime
    by: Changer
    staff: str
    changed: Sequence[str]


class ContactShown(msgspec.Struct):
    """`values`: what a worker may set, as it stands. Hours are a preset's name, or days and times."""

    recipient: str
    channel: str
    values: Mapping[str, str]
    seen: str
    confirmed_at: datetime | None
    history: Sequence[ContactVersionShown]


async def contact(call: Call) -> Response:
    return reply(_shown(await _case(call)))


async def set_contact(call: Call) -> Response:
    wanted = await call.body(ContactSet)
    values = {field: clean(value) for field, value in wanted.values.items()}
    change = ContactChange(values, wanted.seen, wanted.confirmed)
    await call.wiring.contacts.set(call.ref, call.staff.id, change, call.reason)
    return reply(_shown(await _case(call)))


async def _case(call: Call) -> Case:
    return await call.wiring.desk.case(call.ref, call.staff.id, call.reason, call.now)


def _shown(case: Case) -> ContactShown:
    changed, versions = fields_by_version(case), case.contact_versions
    told = [ContactVersionShown(v.at, v.by, v.staff, f) for v, f in zip(versions, changed, strict=True)]
    contact = case.contact
    return ContactShown(case.ref, contact.channel, values_of(contact), mark(contact), contact.confirmed_at, told)
