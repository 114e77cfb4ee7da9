"""The record of decisions: append-only, under her key, each person's in a chain of its own. Units of work.

The chain's keyed hash covers the ciphertext, so it is checked without opening anything; and each new end of it goes
into the audit log, which finds what was taken off the end. Erasing takes all of it and leaves the log whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import convert
from sqlalchemy.engine import Connection, Row

from escalation.claims import SIGN_WITHIN
from escalation.decisions import (
    Decision,
    Draft,
    Entry,
    Received,
    Review,
    Shared,
    ToSign,
    arrived,
    fit,
    found,
    reviewed,
    same,
)
from escalation.ladder import URGENT
from escalation.news import News, Told
from escalation.referral import Pack, overdue_at
from escalation.referral import fit as fit_pack
from escalation.tasks import Kind, NewTask
from flows.safety.hours import zone
from storage import audit, conflicts, queue, tasks, to_do
from storage.access import require
from storage.cases import open_person
from storage.claims import renew_all
from storage.crypto import chain
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.database import Database
from storage.ids import new_id
from storage.reading import READING, may_read
from storage.schema import decisions, moment, persons, stamp
from storage.team import who_looks_over
from storage.telling import all_staff, tell
from storage.vault import Vault, decode, encode

SAME = timedelta(minutes=10)  # the same again by the same worker is a double click, or a page loaded again
ASKS: tuple[Kind, ...] = ("sign", "rewrite")  # what is asked of a decision, until another takes its place
ENTRY = "decision."  # in the audit, before the kind of entry; with the chain's new end


def of(conn: Connection, vault: Vault, ref: str, worker: str, now: datetime, reason: str = "") -> list[Entry]:
    row, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    return entries(conn, sealer, row.id)


def decide(conn: Connection, vault: Vault, ref: str, worker: str, draft: Draft, now: datetime, reason: str = "") -> int:
    """Raises Refused."""
    row, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    stands = [alert.tier for alert in queue.of_person(conn, vault, row.id, now) if alert.state != "resolved"]
    known = entries(conn, sealer, row.id)
    if _is_again(known, worker, draft, now):
        return known[-1].number
    draft = fit(draft, stands, known)
    number = append(conn, vault, sealer, row, worker, "decision", draft, now, draft.instead, draft.tier)
    if draft.instead:
        for kind in ASKS:
            tasks.settle(conn, vault, kind, _id_of(conn, row.id, draft.instead), worker, now)
    if draft.tier in URGENT:
        _ask_for_a_second(conn, vault, sealer, row, worker, number, now)
    return number


def _ask_for_a_second(
    conn: Connection, vault: Vault, sealer: Sealer, person: Row[Any], writer: str, number: int, now: datetime
) -> None:
    """Who supervises is told at once and has a task of it; where nobody else does, it is for whoever is on duty."""
    apart = conflicts.apart_from(conn, person.id)
    on_now, supervisors, *_ = who_looks_over(conn, vault, writer, now)
    teams = [[one.id for one in team if one.id not in apart] for team in (on_now, supervisors)]
    for team in teams:
        if sum(tell(conn, vault, one, "page/to_sign", {"ref": person.ref}, now) for one in team):
            break
    whose = next((one for team in teams for one in team), "")
    task = NewTask("sign", now + SIGN_WITHIN, str(number), whose, _id_of(conn, person.id, number))
    to_do.keep(conn, vault, task, "", now, person.id, sealer)


def sign(
    conn: Connection,
    vault: Vault,
    ref: str,
    worker: str,
    number: int,
    agreed: bool,
    word: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Raises Refused. What is given back waits on, for another in its place: who wrote it is told and has a task."""
    row, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    require(conn, row.id, worker, "sign", now)
    known = entries(conn, sealer, row.id)
    word = reviewed(known, number, worker, agreed, word)
    append(conn, vault, sealer, row, worker, "signed" if agreed else "returned", word, now, number)
    tasks.settle(conn, vault, "sign", _id_of(conn, row.id, number), worker, now)
    if not agreed:
        _ask_for_another(conn, vault, sealer, row, found(known, number), now)


def _ask_for_another(
    conn: Connection, vault: Vault, sealer: Sealer, person: Row[Any], decision: Decision, now: datetime
) -> None:
    """Of who wrote it; where they have left or are kept apart, of whoever is on duty."""
    here = {one.id for one in all_staff(conn)} - conflicts.apart_from(conn, person.id)
    writer = decision.staff if decision.staff in here else ""
    if writer:
        tell(conn, vault, writer, "page/given_back", {"ref": person.ref, "tier": decision.draft.tier}, now)
    about = _id_of(conn, person.id, decision.number)
    task = NewTask("rewrite", now + SIGN_WITHIN, str(decision.number), writer, about)
    to_do.keep(conn, vault, task, "", now, person.id, sealer)


def share(
    conn: Connection,
    vault: Vault,
    ref: str,
    worker: str,
    pack: Pack,
    receivers: Collection[str],
    now: datetime,
    reason: str = "",
) -> int:
    """Raises Refused."""
    row, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    pack, known = fit_pack(pack, receivers, now), entries(conn, sealer, row.id)
    last = known[-1] if known else None
    if isinstance(last, Shared) and (last.staff, last.pack) == (worker, pack) and now - last.at <= SAME:
        return last.number
    number = append(conn, vault, sealer, row, worker, "shared", pack, now)
    if pack.receipt is not None:
        due = max(overdue_at(pack.receipt, zone(vault.ladder.zone)), now)
        task = NewTask("receipt", due, str(number), worker, _id_of(conn, row.id, number))
        to_do.keep(conn, vault, task, "", now, row.id, sealer)
    return number


def received(
    conn: Connection, vault: Vault, ref: str, worker: str, number: int, word: str, now: datetime, reason: str = ""
) -> None:
    """Raises Refused."""
    row, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    word = arrived(entries(conn, sealer, row.id), number, word)
    append(conn, vault, sealer, row, worker, "received", word, now, number)
    tasks.settle(conn, vault, "receipt", _id_of(conn, row.id, number), worker, now)


def to_sign(conn: Connection, worker: str) -> list[ToSign]:
    """By what stands in clear alone: no case is opened."""
    later = decisions.alias()
    after = (later.c.person_id == decisions.c.person_id, later.c.of_seq == decisions.c.seq)
    over = sa.exists().where(*after, later.c.kind.in_(("signed", "decision")))
    returned = sa.exists().where(*after, later.c.kind == "returned")
    which = (decisions.c.kind == "decision", decisions.c.tier.in_(URGENT), ~over)
    query = sa.select(decisions, persons.c.ref, returned.label("returned")).where(*which)
    query = query.join(persons, persons.c.id == decisions.c.person_id).order_by(decisions.c.tier, decisions.c.at)
    return [
        ToSign(row.ref, row.seq, moment(row.at), row.staff_id, row.tier, bool(row.returned))
        for row in conn.execute(query).all()
        if worker not in conflicts.apart_from(conn, row.person_id)
    ]


# the chain


def append(
    conn: Connection,
    vault: Vault,
    sealer: Sealer,
    person: Row[Any],
    worker: str,
    kind: str,
    value: object,
    now: datetime,
    of_seq: int = 0,
    tier: str = "",
) -> int:
    """One more entry at the end of her chain; the chain's new end goes into the audit log. Returns its number."""
    conn.execute(sa.select(persons.c.id).where(persons.c.id == person.id).with_for_update())
    hers = sa.select(decisions.c.seq, decisions.c.mac).where(decisions.c.person_id == person.id)
    last = conn.execute(hers.order_by(decisions.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, bytes(last.mac)) if last else (1, chain.GENESIS)
    row_id = new_id(stamp(now))
    sealed = sealer.seal(encode(value), Place("decisions", "sealed", row_id, person.id, seq))
    row = {"id": row_id, "person_id": person.id, "seq": seq, "kind": kind, "of_seq": of_seq, "tier": tier}
    row |= {"staff_id": worker, "at": stamp(now), "sealed": sealed}
    mac = chain.next_mac(vault.system.audit, previous, _covered(row))
    conn.execute(sa.insert(decisions), row | {"mac": mac})
    audit.record(conn, vault, worker, f"{ENTRY}{kind}", person.ref, now, f"{seq} {mac.hex()}")
    renew_all(conn, vault, worker, person.id, now)
    return int(seq)


def entries(conn: Connection, sealer: Sealer, person: str) -> list[Entry]:
    """Oldest first."""
    rows = conn.execute(sa.select(decisions).where(decisions.c.person_id == person).order_by(decisions.c.seq))
    return [_entry(row, decode(sealer.open(bytes(row.sealed), place_of(row)))) for row in rows]


def _id_of(conn: Connection, person: str, number: int) -> str:
    which = (decisions.c.person_id == person, decisions.c.seq == number)
    return str(conn.execute(sa.select(decisions.c.id).where(*which)).scalar_one())


def place_of(row: Any) -> Place:
    return Place("decisions", "sealed", row.id, row.person_id, row.seq)


def _entry(row: Any, value: Any) -> Entry:
    head = (row.seq, moment(row.at), row.staff_id)
    if row.kind == "decision":
        return Decision(*head, convert(value, Draft))
    if row.kind == "shared":
        return Shared(*head, convert(value, Pack))
    if row.kind == "received":
        return Received(*head, row.of_seq, value)
    if row.kind == "told":
        return Told(*head, convert(value, News))
    return Review(*head, row.of_seq, row.kind == "signed", value)


def _is_again(known: Sequence[Entry], worker: str, draft: Draft, now: datetime) -> bool:
    last = known[-1] if known else None
    return isinstance(last, Decision) and last.staff == worker and now - last.at <= SAME and same(last.draft, draft)


def faults(conn: Connection, vault: Vault) -> Iterator[str]:
    """One sentence for each case whose chain does not hold, or is not the one that the audit log names."""
    query = sa.select(decisions, persons.c.ref).join(persons, persons.c.id == decisions.c.person_id)
    held: dict[str, list[bytes]] = {}
    broken: set[str] = set()
    for row in conn.execute(query.order_by(decisions.c.person_id, decisions.c.seq)):
        chained = held.setdefault(row.ref, [])
        mac = chain.next_mac(vault.system.audit, chained[-1] if chained else chain.GENESIS, _covered(row._asdict()))
        if row.ref not in broken and (row.seq != len(chained) + 1 or mac != bytes(row.mac)):
            broken.add(row.ref)
            number = len(chained) + 1
            yield f"The decisions of case {row.ref} are broken at number {number}: one was changed, moved or taken out."
        chained.append(bytes(row.mac))
    yield from _against_the_log(conn, vault, held, broken)


def _against_the_log(
    conn: Connection, vault: Vault, held: Mapping[str, Sequence[bytes]], broken: set[str]
) -> Iterator[str]:
    """What was taken off the end leaves a chain that is whole in itself; the log knows how long it was."""
    there = set(conn.execute(sa.select(persons.c.ref)).scalars()) - broken
    for ref, detail in audit.details(conn, vault, ENTRY):
        seq, _, mac = detail.partition(" ")
        macs = held.get(ref, ())
        if ref in there and (int(seq) > len(macs) or macs[int(seq) - 1].hex() != mac):
            there.discard(ref)
            yield f"Number {seq} of the decisions of case {ref} is not the one that the audit log names."


def _covered(row: Mapping[str, Any]) -> dict[str, str | int | None]:
    """The whole row but its mac; `chain` keeps it apart from rows of the audit log, which stand under the same key."""
    names = ("id", "person_id", "seq", "kind", "of_seq", "tier", "staff_id", "at")
    return {name: row[name] for name in names} | {"sealed": bytes(row["sealed"]).hex(), "chain": "decisions"}


class StoredDecisions:
    """`escalation.decisions.Decisions`."""

    def __init__(
        self, database: Database, vault: Vault, receivers: Collection[str], ring: Callable[[str], None]
    ) -> None:
        self._database, self._vault, self._receivers, self._ring = database, vault, receivers, ring

    async def of(self, person: str, staff: str, now: datetime, reason: str = "") -> Sequence[Entry]:
        return await self._database.write(of, self._vault, person, staff, now, reason)

    async def decide(self, person: str, staff: str, draft: Draft, now: datetime, reason: str = "") -> int:
        number: int = await self._database.write(decide, self._vault, person, staff, draft, now, reason)
        self._ring("alerts")
        return number

    async def sign(
        self, person: str, staff: str, number: int, agreed: bool, word: str, now: datetime, reason: str = ""
    ) -> None:
        await self._database.write(sign, self._vault, person, staff, number, agreed, word, now, reason)
        self._ring("alerts")

    async def share(self, person: str, staff: str, pack: Pack, now: datetime, reason: str = "") -> int:
        given = (pack, self._receivers, now, reason)
        return await self._database.write(share, self._vault, person, staff, *given)

    async def received(self, person: str, staff: str, number: int, word: str, now: datetime, reason: str = "") -> None:
        await self._database.write(received, self._vault, person, staff, number, word, now, reason)
        self._ring("alerts")

    async def to_sign(self, staff: str, now: datetime) -> Sequence[ToSign]:
        return await self._database.read(to_sign, staff)
