"""Flow revisions are kept as long as somebody may stand in them: a person stays on the words she started with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.authoring.dump import dump
from flows.engine.model import Flow
from flows.engine.programme import Programme
from storage.schema import revisions, stamp

MOST_COMPILED = 64  # older revisions held ready at once; few people stand in one at the same time


def keep_revisions(conn: Connection, programme: Programme, now: datetime) -> Programme:
    """Write today's flows that are new, and give the programme every older one beside them."""
    known = {(r.name, r.revision): r.body for r in conn.execute(sa.select(revisions))}
    today = {(flow.name, flow.revision): flow for flow in programme.flows.values()}
    new = [flow for key, flow in today.items() if key not in known]
    if new:
        rows = [{"name": f.name, "revision": f.revision, "body": dump(f), "at": stamp(now)} for f in new]
        conn.execute(sa.insert(revisions), rows)
    return replace(programme, old=Earlier({key: body for key, body in known.items() if key not in today}))


class Earlier(Mapping[tuple[str, str], Flow]):
    """Flows of earlier days by name and revision, compiled when somebody is found to stand in one."""

    def __init__(self, bodies: Mapping[tuple[str, str], str]) -> None:
        self._bodies = bodies
        self._compiled = lru_cache(MOST_COMPILED)(self._compile)

    def __getitem__(self, key: tuple[str, str]) -> Flow:
        """Raises KeyError for one that was never kept, and for one that this release cannot read any more."""
        return self._compiled(key)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._bodies)

    def __len__(self) -> int:
        return len(self._bodies)

    def _compile(self, key: tuple[str, str]) -> Flow:
        from flows.authoring.compile import compile_text  # and with it what reads files: nearly no start needs it
        from flows.authoring.findings import AuthorError

        body = self._bodies[key]
        try:
            return compile_text(key[0], body)
        except AuthorError as error:
            raise KeyError(*key) from error  # she is told that the questions have changed
