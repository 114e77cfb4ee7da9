"""The audit log as an auditor reads it: found by person, act, subject and day; reasons stay sealed; a break is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from escalation.auditing import NOBODY, Chain, Wanted
from storage import audit
from storage.auditing import StoredAuditing, rows
from storage.keeping import VERIFIED, StoredKeeping
from storage.schema import audit as log
from tests.storage.store import Store

HOUR = timedelta(hours=1)


@pytest.fixture
def logged(store: Store) -> Store:
    """Four acts, an hour between them; the second with a reason."""
    for hour, (actor, action, subject, detail) in enumerate(
        [
            ("ana", "case.read", "P1", ""),
            ("ben", "case.read.break_glass", "P2", "She said heronsbill"),
            ("ruth", "case.keep_apart", "P2 ana", ""),
            ("", "alert.release", "K2A", ""),
        ]
    ):
        store.write(audit.record, store.vault, actor, action, subject, store.now + hour * HOUR, detail)
    return store


def test_what_is_looked_for_is_found_the_latest_first(logged: Store) -> None:
    now = logged.now
    for wanted, found in (
        (Wanted(), [4, 3, 2, 1]),
        (Wanted(actor="ana"), [1]),
        (Wanted(actor=NOBODY), [4]),
        (Wanted(actions=("case.read",)), [2, 1]),
        (Wanted(actions=("alert.", "case.keep")), [4, 3]),
        (Wanted(subject="P2"), [3, 2]),
        (Wanted(subject="ana"), [3]),
        (Wanted(subject="P"), []),
        (Wanted(actions=("%",)), []),
        (Wanted(since=now + HOUR, until=now + 3 * HOUR), [3, 2]),
        (Wanted(before=3), [2, 1]),
    ):
        assert [row.seq for row in logged.read(rows, wanted)] == found, wanted
    assert [row.seq for row in logged.read(rows, Wanted(), 2)] == [4, 3]


def test_that_a_reason_was_given_is_told_and_no_word_of_it(logged: Store) -> None:
    found = logged.read(rows, Wanted())
    assert [row.seq for row in found if row.reasoned] == [2]
    assert "heronsbill" not in repr(found)


async def test_a_break_is_told_and_every_look_is_on_record(logged: Store) -> None:
    auditing = StoredAuditing(logged.database, logged.vault)
    assert await auditing.verify("ann", logged.now) == Chain(4, None)
    await auditing.export(Wanted(), "ann", logged.now)
    assert [(row.actor, row.action) for row in await auditing.rows(Wanted(), 2)] == [
        ("ann", "audit.export"),
        ("ann", "audit.verify"),
    ]
    logged.run(sa.update(log).where(log.c.seq == 3).values(actor="ben"))
    assert (await auditing.verify("ann", logged.now)).broken == 3


async def test_the_state_of_the_keys_is_ids_and_times_and_no_key(store: Store) -> None:
    keeping = StoredKeeping(store.database, store.vault)
    kept = await keeping.state(store.now)
    assert (kept.due, kept.verified_at, kept.saved_at, kept.rotated_at) == (False, None, None, None)
    (epoch,) = kept.epochs
    assert (epoch.kid, epoch.state) == (store.ring.active.kid, "active")
    for hour in (1, 2):
        store.write(audit.record, store.vault, "", VERIFIED, "", store.now + hour * HOUR)
    later = await keeping.state(store.now + timedelta(days=40))
    assert (later.due, later.verified_at, later.saved_at) == (True, store.now + 2 * HOUR, None)
    assert store.ring.active.key is not None
    assert store.ring.active.key.hex() not in repr(kept)
