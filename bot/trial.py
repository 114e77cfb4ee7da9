"""`rowan doctor --page NAME`: a test page by each way of one of the staff, and what became of it.

The pages are written here and sent by the running service, as every page is: what is tried is the way that a page goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from bot.doctor import Diagnosis, Grade
from escalation.methods import CARRIED, DEADLINE, REPORTED
from escalation.ports import Staff
from storage import carriers, methods, trials
from storage.beside import Beside
from storage.database import Database
from storage.trials import Trial
from storage.vault import Vault

LOOK = 0.25  # seconds between two looks
UNSENT = timedelta(seconds=15)  # a service that runs looks each second; another page may be before this one
NO_WAY = "No page reaches {name}: see rowan staff show {username}."


def paged(
    database: Database | Beside,
    vault: Vault,
    person: Staff,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Diagnosis]:
    """One diagnosis a way, as soon as it is known: within its time for a receipt (`DEADLINE`).

    Raises Refused where there were enough test pages. A page that nobody has taken by then is taken back.
    """
    began = now()
    waiting = sent = database.write_now(methods.test, vault, person.id, began)
    if not sent:
        yield Diagnosis("page", "bad", NO_WAY.format(name=person.name, username=person.username))
    try:
        while waiting:
            wait(LOOK)
            mute, found = database.read_now(carriers.mute), database.read_now(trials.trials, vault, waiting)
            says = {one.id: _says(one, now() - began, mute) for one in found}
            yield from filter(None, says.values())
            waiting = [row for row, said in says.items() if said is None]
    finally:
        database.write_now(trials.take_back, sent)


def _says(one: Trial, waited: timedelta, mute: bool) -> Diagnosis | None:
    """None as long as it may still change."""
    seconds, code = int(DEADLINE[one.method].total_seconds()), f" (code {one.code})" if one.code else ""
    over = waited >= DEADLINE[one.method]
    grade: Grade = "bad"
    if one.outcome == "delivered":
        grade, words = "good", "delivered."
    elif one.outcome == "taken" and one.method not in REPORTED:
        grade, words = "good", "taken. Nobody reports here whether it arrived."
    elif one.outcome == "taken" and over and mute and one.method == CARRIED:
        grade, words = "look", "taken. No carrier says here whether a text arrives: ask them."
    elif one.outcome == "taken" and over:
        words = f"taken, and no receipt came in {seconds} seconds."
    elif one.outcome == "lost":
        words = f"not delivered{code}."
    elif one.outcome == "asked" and over:
        words = f"not taken by its provider in {seconds} seconds{code}."
    elif one.outcome == "waits" and waited >= UNSENT:
        words = "not sent. Is rowan serve running? Start it, then ask again."
    else:
        return None
    return Diagnosis(one.method, grade, f"…{one.ends}: {words}")
