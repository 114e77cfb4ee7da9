"""`escalation.case_audit.Samples` on the database: closed conversations drawn by chance, and what was seen in them.

What a supervisor writes of the work with her is sealed under her key, apart from her record, and goes with her.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation import apart, case_audit
from escalation.case_audit import Opened, Sample
from escalation.claims import ONLY_SUPERVISOR
from escalation.ports import Refused, Unknown
from escalation.tasks import NewTask
from flows.engine.programme import Programme
from storage import audit, conflicts, to_do
from storage.access import supervises
from storage.cases import conversation, open_person
from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.database import Database
from storage.ids import new_id
from storage.reading import once
from storage.schema import alerts, moment, persons, samples, staff, stamp
from storage.schema import audit as log
from storage.vault import Vault, decode, encode

DRAWN, READ, KEPT, FINISHED = "sample.draw", "sample.read", "sample.answer", "sample.finish"  # in the audit
_ROWS = sa.select(samples, alerts.c.ref, alerts.c.tier, alerts.c.raised_at, alerts.c.resolved_at, persons.c.wdek)
_SAMPLES = _ROWS.join(alerts, alerts.c.id == samples.c.alert_id).join(persons, persons.c.id == samples.c.person_id)


class StoredSamples:
    def __init__(self, database: Database, vault: Vault, programme: Programme) -> None:
        self._database, self._vault, self._programme = database, vault, programme

    async def samples(self, staff: str) -> tuple[Sample, ...]:
        return await self._database.read(of, self._vault, staff)

    async def seen(self, staff: str, now: datetime) -> Mapping[str, Mapping[str, int]]:
        return await self._database.read(seen, self._vault, staff, now)

    async def draw(self, staff: str, now: datetime) -> str:
        return await self._database.write(draw, self._vault, staff, now)

    async def open(self, sample: str, staff: str, now: datetime) -> Opened:
        return await self._database.write(opened, self._vault, self._programme, sample, staff, now)

    async def answer(self, sample: str, staff: str, answers: Mapping[str, str], now: datetime) -> None:
        await self._database.write(answer, self._vault, sample, staff, answers, now)

    async def finish(self, sample: str, staff: str, now: datetime) -> None:
        await self._database.write(finish, self._vault, sample, staff, now)


def of(conn: Connection, vault: Vault, worker: str) -> tuple[Sample, ...]:
    _supervises(conn, worker)
    mine = _SAMPLES.where(samples.c.staff_id == worker, samples.c.done_at.is_(None)).order_by(samples.c.id)
    return tuple(_sample(vault, row) for row in conn.execute(mine))


def seen(conn: Connection, vault: Vault, worker: str, now: datetime) -> dict[str, dict[str, int]]:
    _supervises(conn, worker)
    kept = _SAMPLES.where(samples.c.done_at >= stamp(now - case_audit.KEPT))
    return case_audit.counted(_answers(vault, row) for row in conn.execute(kept))


def draw(conn: Connection, vault: Vault, worker: str, now: datetime) -> str:
    """Of what this supervisor neither held nor is kept apart from. Raises Refused."""
    if conn.dialect.name == "postgresql":  # two presses in one moment are counted one after the other
        conn.execute(sa.select(staff.c.id).where(staff.c.id == worker).with_for_update())
    if len(of(conn, vault, worker)) >= case_audit.MOST_OPEN:
        raise Refused(case_audit.ENOUGH)
    could = conn.execute(_could_be_drawn(worker, now)).all()
    if not could:
        raise Refused(case_audit.NONE_LEFT)
    row = secrets.choice(could)
    _, sealer, _ = open_person(conn, vault, row.person)
    sample_id = new_id(stamp(now))
    about = {"id": sample_id, "person_id": row.person_id, "alert_id": row.id, "staff_id": worker, "at": stamp(now)}
    sealed = sealer.seal(encode({}), _place(sample_id, row.person_id, 0))
    conn.execute(sa.insert(samples), about | {"ver": 0, "sealed": sealed})
    task = NewTask("sample", now + case_audit.WITHIN, row.alert, worker, row.id)
    to_do.keep(conn, vault, task, "", now)
    audit.record(conn, vault, worker, DRAWN, row.person, now)
    return sample_id


def _could_be_drawn(worker: str, now: datetime) -> Any:
    closed = (alerts.c.state == "resolved", alerts.c.resolved_at >= stamp(now - case_audit.RECENT))
    taken = sa.select(log.c.subject).where(log.c.actor == worker, log.c.action.like("alert.%"))
    away = conflicts.of_worker(worker)
    query = sa.select(alerts.c.id, alerts.c.person_id, alerts.c.ref.label("alert"), persons.c.ref.label("person"))
    return query.join(persons, persons.c.id == alerts.c.person_id).where(
        *closed,
        alerts.c.holder.is_not(None),
        alerts.c.ref.not_in(taken),
        alerts.c.person_id.not_in(away),
        alerts.c.id.not_in(sa.select(samples.c.alert_id)),
    )


def opened(conn: Connection, vault: Vault, programme: Programme, sample: str, worker: str, now: datetime) -> Opened:
    """Audited. The conversation around the alert, as far as it is still kept. Raises Refused."""
    row = _mine(conn, sample, worker)
    person, sealer, state = open_person(conn, vault, _ref(conn, row))
    once(conn, vault, worker, READ, person.ref, now)
    lines = []
    if row.done_at is None:
        start, end = moment(row.raised_at) - case_audit.BEFORE, moment(row.resolved_at)
        said = conversation(conn, programme, sealer, row.person_id)
        lines = [line for line in apart.closed(said) if start <= line.at <= end]
    return Opened(_sample(vault, row), state.contact.language, tuple(lines), _answers(vault, row))


def answer(conn: Connection, vault: Vault, sample: str, worker: str, answers: Mapping[str, str], now: datetime) -> None:
    row = _open(conn, sample, worker)
    both = case_audit.merged(_answers(vault, row), answers)
    if both is None:
        raise Refused(case_audit.NO_ANSWER)
    sealer = vault.sealer(row.person_id, bytes(row.wdek))
    sealed = sealer.seal(encode(both), _place(row.id, row.person_id, row.ver + 1))
    conn.execute(sa.update(samples).where(samples.c.id == row.id).values(ver=row.ver + 1, sealed=sealed))
    audit.record(conn, vault, worker, KEPT, _ref(conn, row), now)


def finish(conn: Connection, vault: Vault, sample: str, worker: str, now: datetime) -> None:
    row = _open(conn, sample, worker)
    if not case_audit.marked(_answers(vault, row)):
        raise Refused(case_audit.NO_ANSWER)
    conn.execute(sa.update(samples).where(samples.c.id == row.id).values(done_at=stamp(now)))
    to_do.end(conn, "sample", row.alert_id, worker, now)
    audit.record(conn, vault, worker, FINISHED, _ref(conn, row), now)


def give_up(conn: Connection, person: str, worker: str, now: datetime) -> None:
    """What they have not finished of her, from whom they are kept apart by now: a colleague may draw it."""
    theirs = (samples.c.person_id == person, samples.c.staff_id == worker, samples.c.done_at.is_(None))
    for alert in conn.execute(sa.select(samples.c.alert_id).where(*theirs)).scalars().all():
        to_do.end(conn, "sample", alert, worker, now)
    conn.execute(sa.delete(samples).where(*theirs))


def _open(conn: Connection, sample: str, worker: str) -> Any:
    row = _mine(conn, sample, worker)
    if row.done_at is not None:
        raise Refused(case_audit.DONE)
    return row


def _mine(conn: Connection, sample: str, worker: str) -> Any:
    """The row. Raises Unknown, and Refused for another supervisor's, and for who is kept apart from her by now."""
    _supervises(conn, worker)
    query = _SAMPLES.where(samples.c.id == sample)
    row = conn.execute(query.with_for_update(of=samples) if conn.dialect.name == "postgresql" else query).first()
    if row is None:
        raise Unknown(case_audit.NO_SAMPLE)
    if row.staff_id != worker:
        raise Refused(case_audit.NOT_YOURS)
    conflicts.refuse(conn, row.person_id, worker)
    return row


def _supervises(conn: Connection, worker: str) -> None:
    if not supervises(conn, worker):
        raise Refused(ONLY_SUPERVISOR)


def _ref(conn: Connection, row: Any) -> str:
    return str(conn.execute(sa.select(persons.c.ref).where(persons.c.id == row.person_id)).scalar_one())


def _sample(vault: Vault, row: Any) -> Sample:
    marked = case_audit.marked(_answers(vault, row))
    return Sample(row.id, row.ref, row.tier, row.staff_id, moment(row.at), marked, row.done_at is not None)


def _answers(vault: Vault, row: Any) -> dict[str, str]:
    """None of one that does not open: `rowan db verify` tells."""
    try:
        sealer = vault.sealer(row.person_id, bytes(row.wdek))
        return dict(decode(sealer.open(bytes(row.sealed), _place(row.id, row.person_id, row.ver))))
    except (CryptoProblem, ValueError):
        return {}


def _place(sample: str, person: str, version: int) -> Place:
    return Place("samples", "sealed", sample, person, version)
