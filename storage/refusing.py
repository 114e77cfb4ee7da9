"""An arrival that cannot be recorded whatever is tried: kept as failed and told to staff, so that it never loops."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.engine.effects import Raise
from storage.arrivals import Arrival, DueTimer, Taken
from storage.inbox import Inbound
from storage.raising import Raised, raise_alerts
from storage.schema import addresses, day, inbox, stamp, timers
from storage.turns import address_macs
from storage.vault import Vault

REASON = "A message of hers could not be recorded and was set aside, sealed. Tell the operator now."


def refuse(conn: Connection, vault: Vault, arrival: Arrival) -> Taken:
    """The second transaction for a poison arrival. Raises only what the database itself raises."""
    if isinstance(arrival, DueTimer):
        conn.execute(sa.delete(timers).where(timers.c.id == arrival.id))
        return _tell(conn, vault, arrival.person, arrival)
    if not isinstance(arrival, Inbound):
        return Taken("failed", arrival.person)
    mac = vault.message(arrival.channel, arrival.provider_id)
    macs = address_macs(vault, arrival)
    owner, hers = _owner(conn, macs)
    text = arrival.text.encode(errors="backslashreplace").decode()  # half a surrogate pair cannot be written otherwise
    sealed = vault.seal_system({"text": text, "at": stamp(arrival.at)}, "inbox", mac.hex()[:32])
    row = {"mac": mac, "day": day(stamp(arrival.at)), "owner_id": owner or None, "state": "failed", "sealed": sealed}
    conn.execute(sa.insert(inbox), row)
    return _tell(conn, vault, owner, arrival) if hers else Taken("failed")


def _owner(conn: Connection, macs: Sequence[bytes]) -> tuple[str, bool]:
    """(id, whether a recipient's): an alert about a worker's own phone would be nobody's."""
    row = conn.execute(sa.select(addresses.c.owner_id, addresses.c.owner_kind).where(addresses.c.mac.in_(macs))).first()
    return (row.owner_id, row.owner_kind == "person") if row else ("", False)


def _tell(conn: Connection, vault: Vault, person: str, arrival: Arrival) -> Taken:
    if person:
        effect = Raise("P1", "fault", "fault.refused", ("fault.refused",), (REASON,))
        raise_alerts(conn, vault, [Raised(person, None, effect, arrival.at)])
    return Taken("failed", person)
