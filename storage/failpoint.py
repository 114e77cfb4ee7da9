"""Named points where the kill harness ends the process (SECURITY 3.3). Otherwise each is one comparison."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Mapping

POINTS: Mapping[str, str] = {
    "turn.before": "1: arrived, nothing written",
    "inbox.before": "1: inside the transaction, before the inbox row",
    "inbox.written": "2: the inbox row is written, her state is not",
    "turn.written": "3: everything is written, before COMMIT",
    "turn.committed": "5: durable, the provider is not answered, the offset stands",
    "webhook.answered": "6: Twilio has its answer",
    "offset.moved": "6: Telegram forgot the last updates, the next ones came",
    "delivery.claimed": "7: a row is leased, nothing is requested",
    "delivery.answered": "9: the provider has it, the row is not marked",
    "delivery.marked": "10: marked, nobody is woken",
    "report.early": "11: a status report came before its send was marked",
    "timers.fired": "12: a timer is due and read, its turn is not taken",
    "ladder.before": "13: an alert stands, its page is not written",
    "ladder.expired": "13: a claim has ended inside the transaction, nobody is paged yet",
    "ladder.paged": "13: a step's pages are written, the next step's time is not",
    "ladder.written": "13: the page is queued, nobody is woken",
    "receipt.before": "14: no receipt has come in time, nothing is done about it",
    "receipt.written": "14: the next method or step is due, nobody is woken",
    "claim.taken": "14: a reply has taken the alert inside the transaction, nobody is told",
    "page.answered": "14: the page is out, the row is not marked",
}
"""Every point, with its crash point. 4 (in COMMIT) and 8 (request written, no answer) are the harness's own doing."""
IN_A_MOVE: Mapping[str, str] = {
    "move.between": "the phone of before is not hers any more, the new one is not yet",
    "move.handed": "the new phone is hers, nothing of the turn is written",
}
"""Rare enough to have a test of their own: the harness does not wait for them."""

_name, _odds = "", 1.0


def choose(spec: str) -> None:
    """'name', 'name:probability' or '*:probability'; '' for none. Read from ROWAN_FAILPOINT when the process starts."""
    global _name, _odds  # noqa: PLW0603 - a property of the process, as the environment is
    _name, _, odds = spec.partition(":")
    _odds = float(odds or "1")


def reach(name: str) -> None:
    """SIGKILL this process here, when the harness asked for it: no handler runs, nothing is flushed."""
    if _name and _name in (name, "*") and random.random() < _odds:  # noqa: S311 - no secret
        os.kill(os.getpid(), signal.SIGKILL)


choose(os.environ.get("ROWAN_FAILPOINT", ""))
