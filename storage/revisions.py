"""Flow revisions are kept as long as somebody may stand in them: a person stays on the words she started with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.authoring.compile import compile_text
from flows.authoring.dump import dump
from flows.engine.programme import Programme
from storage.schema import revisions, stamp


def keep_revisions(conn: Connection, programme: Programme, now: datetime) -> Programme:
    """Write today's flows that are new, and give the programme every older one beside them."""
    known = {(r.name, r.revision): r.body for r in conn.execute(sa.select(revisions))}
    new = [f for f in programme.flows.values() if (f.name, f.revision) not in known]
    if new:
        rows = [{"name": f.name, "revision": f.revision, "body": dump(f), "at": stamp(now)} for f in new]
        conn.execute(sa.insert(revisions), rows)
    old = {key: compile_text(key[0], body) for key, body in known.items()}
    return replace(programme, old=old)
