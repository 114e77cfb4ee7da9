"""The API for a programme's own systems: the queue, claims, joining codes and a timeline without any words of hers.

Bodies are strict JSON; errors are RFC 9457 problems. A bearer token stands for one staff member, whose role counts
here as it does in the pages.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from escalation.answering import answer_by
from escalation.claims import LONGEST_WORD
from escalation.console.case_page import LONGEST_REASON
from escalation.console.doors import REF, TurnedAway, clean
from escalation.console.wiring import Wiring
from escalation.order import is_held, waits
from escalation.ports import Alert, AlertState, Outcome, Refused, Staff, Unknown
from flows.engine.conversation import Fact
from flows.engine.model import Tier

JSON = "application/json"
REASON = "Rowan-Reason"  # a header, so that no address keeps it
CALLS, CALLS_SECONDS = 600, 60  # calls a minute of one token: a busy integration, not a runaway loop
MOST = 200  # alerts in one answer
STRANGERS, STRANGERS_SECONDS = 30, 300  # wrong tokens from one address
LONGEST_TOKEN = 256

Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class Empty(msgspec.Struct, forbid_unknown_fields=True):
    """No fields: `{}` or no body at all."""


class Take(msgspec.Struct, forbid_unknown_fields=True):
    """`reason`: why you take a third P0 or P1 although somebody else is free."""

    reason: Annotated[str, msgspec.Meta(max_length=LONGEST_WORD)] = ""


class Release(msgspec.Struct, forbid_unknown_fields=True):
    """`claim` is the number the claim was made under; left out, the one you hold now."""

    claim: Number | None = None


class Resolve(msgspec.Struct, forbid_unknown_fields=True):
    """P0 and P1 need a note. `claim` as in Release."""

    outcome: Outcome
    note: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    claim: Number | None = None


class Referral(msgspec.Struct, forbid_unknown_fields=True):
    """A referral in. `language` as a tag; `case` the programme's own case number, never a name."""

    language: Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$", max_length=35)] = ""
    case: Annotated[str, msgspec.Meta(max_length=60)] = ""


class Recorded(msgspec.Struct, forbid_unknown_fields=True):
    """`value`: 'agreed' (negotiated_exit), 'stands' (no_contact_order), the others (programme_news); '' takes back.

    Programme news has no name, day or detail, wants her consent, and can be taken back until she has read it.
    """

    fact: Fact
    value: Literal["", "agreed", "stands", "started", "missed", "left", "finished"]


class OnRecord(msgspec.Struct):
    recipient: str
    fact: Fact
    value: str


class AlertShown(msgspec.Struct, kw_only=True):
    """An alert of the queue. Nothing in it tells who she is or what she wrote. Times are UTC."""

    ref: str
    recipient: str
    tier: Tier
    kind: str
    state: AlertState
    title: str
    channel: str
    language: str
    raised_at: datetime
    breach_at: datetime
    claim: int
    claim_until: datetime | None
    holder: str
    holder_name: str
    writable_until: datetime | None
    offered_to: str
    offered_name: str
    closed_at: datetime | None
    asleep_until: datetime | None
    claimed_at: datetime | None
    answered_at: datetime | None
    answer_by: datetime | None


class Alerts(msgspec.Struct):
    now: datetime
    alerts: Sequence[AlertShown]


class JoiningCode(msgspec.Struct):
    """Shown this once. Hand it over face to face; never send it."""

    joining_code: str


class Timeline(msgspec.Struct):
    recipient: str
    entries: Sequence[Mapping[str, Any]]


Body = TypeVar("Body", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that has passed its door."""

    request: Request
    wiring: Wiring
    now: datetime
    staff: Staff

    @property
    def ref(self) -> str:
        return str(self.request.path_params["ref"])

    @property
    def reason(self) -> str:
        """Why a case is opened of which the caller holds no alert. Headers come as Latin-1; it is written in UTF-8."""
        given = self.request.headers.get(REASON, "").encode("latin-1", "replace").decode("utf-8", "replace")
        return clean(given).strip()[:LONGEST_REASON]

    async def body(self, kind: type[Body]) -> Body:
        """Raises TurnedAway (415, 422). An absent body is `{}`."""
        try:
            raw = await self.request.body()
        except ClientDisconnect as gone:
            raise TurnedAway(400, "api.not_json") from gone
        if raw and self.request.headers.get("content-type", "").split(";")[0].strip().lower() != JSON:
            raise TurnedAway(415, "api.not_json")
        try:
            return msgspec.json.decode(raw or b"{}", type=kind)
        except msgspec.ValidationError as wrong:
            raise NotValid(without_values(str(wrong))) from wrong
        except (msgspec.DecodeError, RecursionError) as wrong:
            raise TurnedAway(400, "api.not_json") from wrong


class NotValid(Exception):
    """The body is JSON but not what the route takes. The text names the field and what it should be, never a value."""


# What msgspec says that names only our own fields, types and bounds.
OURS = re.compile(
    r"Object missing required field `[a-z_]+`|Expected `[a-z |]+`(, got `[a-z]+`| of length <= \d+| >= \d+| <= \d+)?"
)
UNKNOWN_FIELD = "Object contains unknown field"


def without_values(wrong: str) -> str:
    """msgspec's sentence about a body, without what the body held: answers are logged by those who call."""
    said, at, place = wrong.rpartition(" - at ")
    said = said or wrong
    if not OURS.fullmatch(said):
        said = UNKNOWN_FIELD if said.startswith(UNKNOWN_FIELD) else "Not one of the values it may have"
    return f"{said}{at}{place}" if at else said


Answer = Callable[[Call], Awaitable[Response]]


def reply(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type=JSON)


async def alerts(call: Call) -> Response:
    """`state=open` (waiting for somebody), `claimed`, `closing` (for a second person), `snoozed`, or `all`."""
    state = call.request.query_params.get("state", "open")
    if state not in STATES or set(call.request.query_params) - {"state"}:
        raise NotValid("state is one of: " + ", ".join(STATES))
    found = await call.wiring.desk.queue(call.now, MOST)
    return reply(Alerts(call.now, [shown(alert) for alert in found if STATES[state](alert, call.now)]))


STATES: Mapping[str, Callable[[Alert, datetime], bool]] = {
    "open": waits,
    "claimed": is_held,
    "closing": lambda alert, now: alert.state == "closing",
    "snoozed": lambda alert, now: alert.state == "snoozed",
    "all": lambda alert, now: True,
}


async def claim(call: Call) -> Response:
    wanted = await call.body(Take)
    reason = clean(wanted.reason).strip()
    return reply(shown(await call.wiring.desk.claim(call.ref, call.staff.id, call.now, reason)))


async def release(call: Call) -> Response:
    wanted = await call.body(Release)
    number = await claim_number(call, wanted.claim)
    return reply(shown(await call.wiring.desk.release(call.ref, call.staff.id, number, call.now)))


async def resolve(call: Call) -> Response:
    wanted = await call.body(Resolve)
    number = await claim_number(call, wanted.claim)
    note = clean(wanted.note).strip()
    done = await call.wiring.desk.resolve(call.ref, call.staff.id, number, wanted.outcome, note, call.now)
    return reply(shown(done))


async def invite(call: Call) -> Response:
    wanted = await call.body(Referral)
    if wanted.language not in ("", *call.wiring.settings.languages):
        raise NotValid("language is not one that this programme serves - at `$.language`")
    code = await call.wiring.people.invite(call.staff.id, call.now, wanted.language, clean(wanted.case).strip())
    return reply(JoiningCode(code), 201)


async def record(call: Call) -> Response:
    wanted = await call.body(Recorded)
    await call.wiring.chat.record(call.ref, call.staff.id, wanted.fact, wanted.value, call.reason)
    return reply(OnRecord(call.ref, wanted.fact, wanted.value))


async def timeline(call: Call) -> Response:
    entries = await call.wiring.desk.timeline(call.ref, call.staff.id, call.now, call.reason)
    return reply(Timeline(call.ref, entries))


def shown(alert: Alert) -> AlertShown:
    ours: dict[str, Any] = {"recipient": alert.person, "answer_by": answer_by(alert)}
    same: dict[str, Any] = {name: getattr(alert, name) for name in AlertShown.__struct_fields__ if name not in ours}
    return AlertShown(**ours, **same)


async def claim_number(call: Call, given: int | None) -> int:
    """The number to act under: the one given, else that of the claim the caller holds. Raises Unknown, Refused."""
    alert = await call.wiring.desk.alert(call.ref, call.now)
    if alert is None:
        raise Unknown(call.wiring.strings.say("problem.no_such_alert.title"))
    if given is not None:
        return given
    if alert.holder != call.staff.id:
        raise Refused(call.wiring.strings.say("api.not_holder"), alert.holder_name)
    return alert.claim


async def caller(request: Request, wiring: Wiring, now: datetime) -> Staff | None:
    """Whom the bearer token stands for. Raises TurnedAway when it, or the address, has called too often."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= LONGEST_TOKEN:
        return None
    staff = await wiring.accounts.token(token.strip(), now)
    if staff is None or not staff.active:
        address = request.client.host if request.client else "unknown"
        await _bounded(wiring, "api.stranger", address, now, STRANGERS, STRANGERS_SECONDS)
        return None
    await _bounded(wiring, "api.calls", staff.id, now, CALLS, CALLS_SECONDS)
    return staff


async def _bounded(wiring: Wiring, what: str, key: str, now: datetime, most: int, seconds: int) -> None:
    if not await wiring.accounts.allow(what, key, now, most, seconds):
        raise TurnedAway(429, "problem.too_many", {"Retry-After": str(seconds)})


def has_good_refs(request: Request) -> bool:
    return all(REF.fullmatch(str(value)) for value in request.path_params.values())
