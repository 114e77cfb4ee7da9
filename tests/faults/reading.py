"""The database opened with its keys, once nothing runs any more: rows to evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot.channels.base import Option, Outgoing, numbered_wording
from flows.engine.effects import Send
from flows.engine.programme import Programme
from flows.engine.wording import page_text, wording
from storage import audit, presence
from storage.crypto.place import Place
from storage.schema import addresses, alerts, events, inbox, outbox, pages, persons, reasons, timers
from storage.schema import audit as audit_log
from storage.vault import Vault, decode
from tests.faults.evidence import (
    Claimed,
    Code,
    Commit,
    Evidence,
    Landed,
    Person,
    Phone,
    Row,
    Said,
    Stand,
    TurnRow,
    Wrote,
)
from tests.faults.town import DURESS, SIGNAL, Town, open_town

# An alert whose first page is still a timer is on its way: a P3 waits for hours, a fresh one for the next look.
_WAITS = sa.exists().where(timers.c.kind == "page", timers.c.owner_id == alerts.c.id)
_TIMERS = sa.select(sa.func.count()).where(timers.c.kind == "page", timers.c.owner_id == alerts.c.id).scalar_subquery()
_SILENT = sa.select(alerts.c.id).where(alerts.c.state.in_(("open", "claimed")), _TIMERS != 1)
_CLAIMS = sa.select(audit_log).where(audit_log.c.action == "alert.claim").order_by(audit_log.c.seq)
_CODES = sa.select(pages.c.address_id, pages.c.code, pages.c.alert_id, pages.c.paging).distinct()
_TO_TELL = sa.select(timers).where(timers.c.kind.in_(presence.KINDS))
_LEDGER = "SELECT person, alert, holder, until, turn FROM ledger ORDER BY seq"
_PAGED = sa.select(alerts.c.id).where(sa.not_(sa.and_(alerts.c.level == 0, _WAITS)))


def gather(
    town: Town,
    programme: Programme,
    said: Sequence[Said],
    landed: Sequence[Landed],
    kills: int,
    ended_at: float,
    wrote: Sequence[Wrote] = (),
    cut_off: Mapping[str, int] | None = None,
) -> Evidence:
    """Everything the checker needs. Takes the database's lock: the service must have ended, at that time."""
    database, vault = open_town(town)
    try:
        found: Evidence = database.read_now(_evidence, vault, programme, said, landed, kills, ended_at)
        return replace(found, wrote=tuple(wrote), cut_off=cut_off or {})
    finally:
        database.close()


def _evidence(
    conn: sa.Connection,
    vault: Vault,
    programme: Programme,
    said: Sequence[Said],
    landed: Sequence[Landed],
    kills: int,
    ended_at: float,
) -> Evidence:
    reader = _Reader(conn, vault, programme)
    known = {bytes(row[0]) for row in conn.execute(sa.select(inbox.c.mac))}
    return Evidence(
        said=tuple(said),
        landed=tuple(landed),
        kills=kills,
        inbox=frozenset(s.provider_id for s in said if vault.message(s.phone[0], s.provider_id) in known),
        inbox_rows=len(known),
        people=tuple(reader.people()),
        rows=tuple(reader.rows(landed)),
        alerts=tuple(conn.execute(_PAGED).scalars()),
        silent=tuple(conn.execute(_SILENT).scalars()),
        stands=tuple(_stands(conn, vault)),
        codes=tuple(Code(*row) for row in conn.execute(_CODES)),
        commits=tuple(_commits(conn)),
        to_tell={(row.owner_id, row.key): row.due_at / 1000 for row in conn.execute(_TO_TELL)},
        ended_at=ended_at,
        duress_word=DURESS,
        hidden={"(signal word)": SIGNAL, "(duress word)": DURESS},
        integrity=str(conn.exec_driver_sql("PRAGMA integrity_check").scalar()),
        broken_audit_row=audit.verify(conn, vault),
    )


def _turn(seq: int, value: Mapping[str, Any]) -> TurnRow:
    sent = tuple(one["w"] or one["m"] for one in value.get("sent", ()))
    return TurnRow(seq, value["event"], value.get("heard"), value["at"] / 1000, sent)


def _stands(conn: sa.Connection, vault: Vault) -> Iterable[Stand]:
    due, claimed = defaultdict(list), defaultdict(list)
    for row in conn.execute(sa.select(timers).where(timers.c.kind == "page")):
        due[row.owner_id].append(row.due_at / 1000)
    for row in conn.execute(_CLAIMS):
        claimed[row.subject].append(row.actor)
    for row in conn.execute(sa.select(alerts)):
        yield Stand(
            ref=row.ref,
            tier=row.tier,
            state=row.state,
            holder=row.holder,
            claim=row.claim,
            claim_until=row.claim_until / 1000 if row.claim_until else None,
            due=due[row.id][0] if len(due[row.id]) == 1 else None,
            repeat=vault.ladder.tiers[row.tier].always.repeat.total_seconds(),
            claimed_by=tuple(claimed[row.ref]),
        )


def _commits(conn: sa.Connection) -> Iterable[Commit]:
    claims: list[Claimed] = []
    turns: list[tuple[str, int]] = []
    for person, alert, holder, until, turn in conn.exec_driver_sql(_LEDGER):
        if alert:
            claims.append(Claimed(person, alert, holder, (until or 0) / 1000))
        elif person:
            turns.append((person, turn))
        elif claims or turns:
            yield Commit(tuple(claims), tuple(turns))
            claims, turns = [], []


class _Reader:
    def __init__(self, conn: sa.Connection, vault: Vault, programme: Programme) -> None:
        self.conn, self.vault, self.programme = conn, vault, programme
        self.wdek = {row.id: bytes(row.wdek) for row in conn.execute(sa.select(persons))}
        self.phones: dict[str, Phone] = {}  # by owner and by address id
        for row in conn.execute(sa.select(addresses)):
            to = self._sealer(row.owner_id).open(
                bytes(row.sealed), Place("addresses", "sealed", row.id, row.owner_id, 0)
            )
            self.phones[row.id] = (row.channel, to.decode())
            if row.owner_kind == "person":
                self.phones[row.owner_id] = (row.channel, to.decode())

    def _sealer(self, owner: str) -> Any:
        return self.vault.sealer(owner, self.wdek[owner]) if owner in self.wdek else self.vault.keys.staff

    # people

    def people(self) -> Iterable[Person]:
        turns, tiers = self._events()
        duress, raised = self._duress(), defaultdict(list)
        for row in self.conn.execute(sa.select(alerts.c.person_id, alerts.c.id)):
            raised[row.person_id].append(row.id)
        for row in self.conn.execute(sa.select(persons)):
            her = tuple(turns[row.id])
            risk = tuple(tiers[row.id])
            yield Person(row.id, self.phones[row.id], row.ver, her, duress[row.id], risk, tuple(raised[row.id]))

    def _events(self) -> tuple[Mapping[str, list[TurnRow]], Mapping[str, list[str]]]:
        turns: dict[str, list[TurnRow]] = defaultdict(list)
        tiers: dict[str, list[str]] = defaultdict(list)
        notes: dict[tuple[str, int], tuple[tuple[str, str], ...]] = {}
        for row in self.conn.execute(sa.select(events).order_by(events.c.person_id, events.c.seq)):
            place = Place("events", row.kind, str(row.seq), row.person_id, 0)
            value = decode(self._sealer(row.person_id).open(bytes(row.sealed), place))
            if row.kind == "talk":
                turns[row.person_id].append(_turn(row.seq, value))
            else:
                noted = [fact["Noted"] for fact in value["facts"] if "Noted" in fact]
                notes[row.person_id, row.seq] = tuple((one["what"], one.get("detail", "")) for one in noted)
                found = [fact["Assessed"]["tier"] for fact in value["facts"] if "Assessed" in fact]
                tiers[row.person_id] += [tier for tier in found if tier]
        whole = {
            her: [replace(one, notes=notes.get((her, one.seq), ())) for one in of_her] for her, of_her in turns.items()
        }
        return defaultdict(list, whole), tiers

    def _duress(self) -> Mapping[str, int]:
        count: dict[str, int] = defaultdict(int)
        for row in self.conn.execute(sa.select(reasons).where(reasons.c.own)):
            place = Place("reasons", "sealed", row.id, row.person_id, 0)
            value = decode(self._sealer(row.person_id).open(bytes(row.sealed), place))
            count[row.person_id] += "duress" in value["rules"]
        return count

    # outbox

    def rows(self, landed: Sequence[Landed]) -> Iterable[Row]:
        by_mac = {self.vault.message(one.phone[0], one.provider_id): one.provider_id for one in landed}
        tasks = sa.select(alerts.c.person_id).where(alerts.c.key.like("task.%"))
        told = set(self.conn.execute(tasks).scalars())
        for row in self.conn.execute(sa.select(outbox).order_by(outbox.c.line, outbox.c.seq)):
            phone = self.phones[row.address_id if row.owner_kind == "staff" else row.owner_id]
            message, ref = self._page(row)
            yield Row(
                id=row.id,
                phone=phone,
                line=row.line,
                seq=row.seq,
                kind=row.kind,
                policy=row.policy,
                status=row.status,
                text=self._text(row, phone),
                expires_at=row.expires_at / 1000,
                attempts=row.attempts,
                provider_id=by_mac.get(bytes(row.provider_mac)) if row.provider_mac else None,
                alert=row.alert_id or "",
                told=row.owner_id in told,
                message=message,
                ref=ref,
            )

    def _page(self, row: Any) -> tuple[str, str]:
        """Which message to a worker it is, and the alert's ref in it."""
        if row.owner_kind != "staff":
            return "", ""
        page = decode(self._opened(row))
        return page["message"], page["params"].get("ref", "")

    def _opened(self, row: Any) -> bytes:
        place = Place("outbox", "sealed", row.id, row.owner_id, 0)
        return bytes(self._sealer(row.owner_id).open(bytes(row.sealed), place))

    def _text(self, row: Any, phone: Phone) -> str:
        body = self._opened(row)
        if row.kind == "wipe":
            return ""
        if row.owner_kind == "staff":
            page = decode(body)
            return page_text(self.programme, page["message"], page["params"])
        words = wording(self.programme, decode(body, type=Send))
        options = tuple(Option(token, label) for token, label in words.options)
        outgoing = Outgoing(row.id, phone[0], phone[1], words.text, options)
        return numbered_wording(outgoing) if phone[0] == "sms" else words.text
