"""Raising alerts, in the same transaction as the answer that raised them: nothing is lost in between (SAFETY 24).

One alert stands open per person and key. The same key again adds what is new in it and may lift the tier, never lower
it; what the alert has already changes nothing. Once it is resolved, the same said again is a new alert.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.claims import OURS
from escalation.ladder import URGENT
from flows.engine.effects import Raise
from flows.safety.risk import worse
from storage import bulk
from storage.case_news import tell_whose_case
from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.ids import new_id, new_ref
from storage.schema import alerts, pages, reasons, stamp
from storage.telling import NEWS, page_at, tell
from storage.vault import Vault, decode, encode

REF_LENGTH = 3  # 'K2A': short enough to text back half asleep; grows when a ref is taken
REF_TRIES = 12
MOST_REASONS = 200  # of one alert that are compared with what is new; opening them costs about 10 microseconds each
NEWS_EVERY = timedelta(minutes=1)

Said = tuple[str, str]  # a rule and its sentence, or '' and words of hers


@dataclass(slots=True)
class Raised:
    """One `Raise` of one person. Without a `sealer` the reason is the service's own and sealed as such."""

    person: str
    sealer: Sealer | None
    effect: Raise
    at: datetime
    id: str = field(default="")

    def __post_init__(self) -> None:
        self.id = self.id or new_id(stamp(self.at))


def raise_alerts(conn: Connection, vault: Vault, raised: Sequence[Raised]) -> None:
    """Insert or lift. Each `Raised.id` ends as the id of the alert that stands."""
    people = sorted({r.person for r in raised})
    standing = {(row.person_id, row.key): row for row in conn.execute(_STANDING, {"people": people})}
    told = _told(conn, vault, raised, standing)
    because: list[bulk.Row] = []
    risen: dict[str, tuple[Any, datetime]] = {}
    for one in raised:
        which = (one.person, one.effect.key)
        row = before = standing.get(which)
        if row is None:
            standing[which] = _insert(conn, vault, one)
        else:
            one.id = row.id
            row = standing[which] = _up(conn, vault, row, one)
            if not _is_news(one, row, told[one.id]):
                continue
            standing[which] = _lift(conn, vault, row, one)
        if _is_urgent_now(standing[which], before):
            risen[one.id] = (standing[which], one.at)
        told[one.id] |= _said(one.effect.rules, one.effect.reasons, one.effect.saw)
        because.append(_because(vault, one))
    bulk.insert(conn, reasons, because)
    tell_whose_case(conn, vault, list(risen.values()))


_REASONS = f"""
    SELECT alert_id, id, person_id, own, sealed
      FROM (SELECT alert_id, id, person_id, own, sealed,
                   row_number() OVER (PARTITION BY alert_id ORDER BY id DESC) AS place
              FROM reasons WHERE alert_id IN (?)) AS latest
     WHERE place <= {MOST_REASONS}"""  # noqa: S608 - a number of ours
# Locked where rows are locked: an alert that is being resolved just now takes nothing up any more.
_STANDING = (
    sa.select(alerts)
    .where(alerts.c.person_id.in_(sa.bindparam("people", expanding=True)), alerts.c.state != "resolved")
    .order_by(alerts.c.id)
    .with_for_update()
)


# what an alert has already


def _told(
    conn: Connection, vault: Vault, raised: Sequence[Raised], standing: Mapping[tuple[str, str], Any]
) -> dict[str, set[Said]]:
    """What stands under each alert that these are about. A row that does not open is as if it were not there."""
    sealers = {one.person: one.sealer for one in raised if one.sealer is not None}
    ids = {row.id for one in raised if (row := standing.get((one.person, one.effect.key))) is not None}
    told: dict[str, set[Said]] = defaultdict(set)
    for reason in bulk.select(conn, _REASONS, sorted(ids)):
        try:
            value = _open(vault, reason, sealers.get(reason.person_id))
        except (CryptoProblem, ValueError):
            continue
        told[reason.alert_id] |= _said(value["rules"], value["reasons"], value["saw"])
    return told


def _open(vault: Vault, reason: Any, sealer: Sealer | None) -> Any:
    if not reason.own:
        return vault.open_system(bytes(reason.sealed), "reasons", reason.id)
    if sealer is None:
        raise ValueError("hers, and her key is not at hand")
    place = Place("reasons", "sealed", reason.id, reason.person_id, 0)
    return decode(sealer.open(bytes(reason.sealed), place))


def _said(rules: Sequence[str], says: Sequence[str], saw: Sequence[str]) -> set[Said]:
    return {*zip_longest(rules, says, fillvalue=""), *(("", words) for words in saw)}


def _is_news(one: Raised, row: Any, told: set[Said]) -> bool:
    """A duress word is news each time: she sent it again, whatever stands."""
    effect = one.effect
    if effect.kind == "duress" or worse(effect.tier, row.tier):
        return True
    return not _said(effect.rules, effect.reasons, effect.saw) <= told


def _is_urgent_now(row: Any, before: Any | None) -> bool:
    """And was not: a tier is never lowered, so that this is so once an alert. Not of a fault: it is no news of hers."""
    return row.kind != OURS and row.tier in URGENT and (before is None or before.tier not in URGENT)


# a new alert


def _insert(conn: Connection, vault: Vault, one: Raised) -> Any:
    ms = stamp(one.at)
    first = stamp(vault.ladder.first(one.effect.tier, one.at))
    row = {
        "id": one.id,
        "ref": _free_ref(conn),
        "person_id": one.person,
        "key": one.effect.key,
        "kind": one.effect.kind,
        "tier": one.effect.tier,
        "state": "open",
        "raised_at": ms,
        "breach_at": stamp(vault.ladder.breach(one.effect.tier, one.at)),
        "level": 0,
        "next_page_at": first,
        "claim": 0,
        "ver": 0,
        "sealed": vault.seal_system({"title": _title(one)}, "alerts", one.id),
    }
    conn.execute(sa.insert(alerts), row)
    page_at(conn, one.id, first)
    return conn.execute(sa.select(alerts).where(alerts.c.id == one.id)).one()


def _title(one: Raised) -> str:
    """What the queue shows: the worst first, as the engine orders them."""
    return one.effect.reasons[0] if one.effect.reasons else one.effect.kind


def _free_ref(conn: Connection) -> str:
    for attempt in range(REF_TRIES):
        ref = new_ref(REF_LENGTH + attempt // 3)
        if conn.execute(sa.select(alerts.c.id).where(alerts.c.ref == ref)).first() is None:
            return ref
    raise RuntimeError("no free alert ref was found")


# one that stands


def _up(conn: Connection, vault: Vault, row: Any, one: Raised) -> Any:
    """What sleeps, or waits to be signed, is open again whatever comes under it: nobody is at it now."""
    if row.state not in ("snoozed", "closing"):
        return row
    return woken(conn, vault, row, one.at)


def woken(conn: Connection, vault: Vault, row: Any, now: datetime) -> Any:
    """Open, with the ladder from its first step and the time to a breach from now."""
    first, breach = stamp(vault.ladder.first(row.tier, now)), stamp(vault.ladder.breach(row.tier, now))
    values = {"state": "open", "holder": None, "claim_until": None, "resolved_at": None, "level": 0}
    values |= {"claimed_at": None, "answered_at": None}
    values |= {"next_page_at": first, "breach_at": breach, "ver": row.ver + 1}
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(**values))
    page_at(conn, row.id, first)
    return conn.execute(sa.select(alerts).where(alerts.c.id == row.id)).one()


def _lift(conn: Connection, vault: Vault, row: Any, one: Raised) -> Any:
    """A higher tier starts the ladder again from its first step. The holder is paged first, and has the new tier's
    lease at most: see `paging` for what happens when nothing comes back."""
    tier = one.effect.tier
    if not worse(tier, row.tier):
        _nudge(conn, vault, row, one)
        return row
    ms = stamp(one.at)
    breach = min(row.breach_at, stamp(vault.ladder.breach(tier, one.at)))
    first = stamp(vault.ladder.first(tier, one.at))
    values = {"tier": tier, "breach_at": breach, "level": 0, "next_page_at": first, "ver": row.ver + 1}
    values["answered_at"] = None  # nobody has answered her on this yet
    if row.state == "claimed":
        values["claim_until"] = min(row.claim_until, ms + _millis(vault.ladder.lease(tier, one.at)))
    title = vault.seal_system({"title": _title(one)}, "alerts", row.id)
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(sealed=title, **values))
    page_at(conn, row.id, first)
    return conn.execute(sa.select(alerts).where(alerts.c.id == row.id)).one()


def _nudge(conn: Connection, vault: Vault, row: Any, one: Raised) -> None:
    """Something new under an urgent alert that somebody holds: to their phone, content-free, not more often than once
    a minute. They know by then that they must look."""
    if row.state != "claimed" or row.tier not in URGENT:
        return
    ms = stamp(one.at)
    lately = sa.select(pages.c.id).where(
        pages.c.alert_id == row.id, pages.c.level == NEWS, pages.c.at > ms - _millis(NEWS_EVERY)
    )
    if conn.execute(lately).first() is None:
        params = {"ref": row.ref, "tier": row.tier}
        tell(conn, vault, row.holder, "page/more", params, one.at, row.id, NEWS)


def _because(vault: Vault, one: Raised) -> bulk.Row:
    row_id = new_id(stamp(one.at))
    value = {"rules": one.effect.rules, "reasons": one.effect.reasons, "saw": one.effect.saw}
    if one.sealer is None:
        sealed = vault.seal_system(value, "reasons", row_id)
    else:
        sealed = one.sealer.seal(encode(value), Place("reasons", "sealed", row_id, one.person, 0))
    return {
        "id": row_id,
        "alert_id": one.id,
        "person_id": one.person,
        "at": stamp(one.at),
        "tier": one.effect.tier,
        "own": one.sealer is not None,
        "sealed": sealed,
    }


def _millis(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
