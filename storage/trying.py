"""The ladder tried on the team and the phones that there are: nothing is written, nobody is paged."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ladder import Ladder
from escalation.ladder.trying import PAGES, Phones, Tried, simulate
from escalation.methods import Method
from flows.engine.model import Tier
from storage.database import Database
from storage.schema import addresses
from storage.team import team
from storage.vault import Vault

METHODS: tuple[Method, ...] = get_args(Method)


def tried(
    conn: Connection, vault: Vault, tier: Tier, raised: datetime, pages: int = PAGES, ladder: Ladder | None = None
) -> Tried:
    """With the `ladder` of the vault, unless another is to be tried."""
    return simulate(ladder or vault.ladder, tier, raised, lambda at: team(conn, vault, at), open_phones(conn), pages)


def open_phones(conn: Connection) -> Phones:
    """By staff id, the methods by which pages go out to them now."""
    query = sa.select(addresses.c.owner_id, addresses.c.channel).where(
        addresses.c.owner_kind == "staff", addresses.c.state == "active"
    )
    found: dict[str, list[Method]] = defaultdict(list)
    for row in conn.execute(query.distinct().order_by(addresses.c.channel)):
        found[row.owner_id] += [method for method in METHODS if method == row.channel]
    return found


class StoredTrying:
    """`escalation.ladder.trying.Trying`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    @property
    def zone(self) -> str:
        return self._vault.ladder.zone

    async def tried(self, tier: Tier, raised: datetime) -> Tried:
        return await self._database.read(tried, self._vault, tier, raised)
