"""SIGKILL in the middle of a move to another phone: one of the two is hers, and the code is worth what it was."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from storage import failpoint
from storage.schema import addresses, codes
from tests.storage.store import Store
from tests.storage.test_another_phone import CHAT, Pair, decide

BEFORE_COMMIT = ("inbox.before", "move.between", "move.handed", "inbox.written", "turn.written")


def killed(opening: Callable[[], Store], text: str, provider_id: str, point: str) -> None:
    """A process of its own takes the message and is killed there; with no such point, right after its commit."""
    child = os.fork()
    if child == 0:
        try:
            failpoint.choose(point)
            store = opening()
            store.take(store.text(text, CHAT, "telegram", provider_id), deciding=decide())
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)  # whatever else went wrong: it was not killed
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def phones(store: Store, person: str) -> list[tuple[str, str]]:
    found = store.rows(sa.select(addresses.c.channel, addresses.c.state).where(addresses.c.owner_id == person))
    return sorted((row.channel, row.state) for row in found)


@pytest.mark.parametrize("point", [*BEFORE_COMMIT, ""])
def test_exactly_one_phone_is_hers_and_the_repeated_code_moves_her(opening: Callable[[], Store], point: str) -> None:
    first = opening()
    her = Pair(first)
    code = her.gets_a_code()
    first.close()
    killed(opening, code, "update:7", point)

    store = opening()
    store.now = first.now
    moved = [("sms", "cover"), ("telegram", "active")]
    assert phones(store, her.person) == ([("sms", "active")] if point else moved)
    assert [row.person_id is None for row in store.rows(sa.select(codes))] == [bool(point)]
    (again,) = store.take(store.text(code, CHAT, "telegram", "update:7"), deciding=decide())
    assert again.outcome == ("done" if point else "duplicate"), "the provider brings what nobody answered once more"
    assert phones(store, her.person) == moved
    assert store.state(her.person).contact.channel == "telegram"
