"""What became of test pages: who asked for them waits for it (`rowan doctor --page`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.methods import Method
from storage.leaving import ends
from storage.receipts import LOST
from storage.schema import addresses, outbox
from storage.vault import Vault

# 'waits': nothing has sent it. 'asked': the provider is, perhaps again. 'taken': by the provider. 'lost': for good.
Outcome = Literal["waits", "asked", "taken", "delivered", "lost"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One test page, by its outbox row. `ends`: the last characters of the address. `code`: the provider's, or ''."""

    id: str
    method: Method
    ends: str
    outcome: Outcome
    code: str


def trials(conn: Connection, vault: Vault, ids: Sequence[str]) -> list[Trial]:
    """In the order of their writing; without those whose way was removed meanwhile."""
    columns = (outbox.c.id.label("row"), outbox.c.status, outbox.c.attempts, outbox.c.code, addresses)
    query = sa.select(*columns).join_from(outbox, addresses, addresses.c.id == outbox.c.address_id)
    found = conn.execute(query.where(outbox.c.id.in_(ids)).order_by(outbox.c.id))
    return [
        Trial(row.row, row.channel, ends(vault, row), _outcome(row.status, row.attempts), row.code or "")
        for row in found
    ]


def take_back(conn: Connection, ids: Sequence[str]) -> None:
    """Nobody waits for them any more: those that no provider has taken are not sent."""
    waiting = (outbox.c.id.in_(ids), outbox.c.status.in_(("due", "checking")))
    conn.execute(sa.update(outbox).where(*waiting).values(status="cancelled"))


def _outcome(status: str, attempts: int) -> Outcome:
    if status in ("sent", "delivered"):
        return "taken" if status == "sent" else "delivered"
    if status in LOST:
        return "lost"
    return "asked" if attempts else "waits"
