"""Tasks as they are made and ended, by staff or with what they are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from escalation.tasks import LONGEST_WORDS, Kind, NewTask, Task
from storage.ids import new_id
from storage.memory.world import Memory, freed
from storage.schema import stamp
from storage.tasks import key_of


def keep(memory: Memory, task: NewTask, by: str, now: datetime, person: str = "") -> None:
    words = task.words.strip()[:LONGEST_WORDS]
    kept = Task(new_id(stamp(now)), task.kind, task.due_at, words, person, task.staff, by, now)
    memory.tasks[kept.id] = kept
    if task.about:
        memory.about.setdefault((task.kind, task.about), []).append(kept.id)


def standing(memory: Memory, kind: Kind, about: str, staff: str = "") -> list[Task]:
    """What is not done about this, of one of the staff where that is said."""
    found = (memory.tasks[one] for one in memory.about.get((kind, about), ()) if one in memory.tasks)
    return [one for one in found if one.done_at is None and staff in ("", one.staff)]


def settle(memory: Memory, kind: Kind, about: str, by: str, now: datetime, staff: str = "") -> None:
    for task in standing(memory, kind, about, staff):
        finish(memory, task, by, now)


def finish(memory: Memory, task: Task, by: str, now: datetime) -> None:
    """Its alert is settled with it, where no colleague holds that."""
    memory.tasks[task.id] = replace(task, done_at=now, done_by=by)
    for ref, alert in list(memory.alerts.items()):
        standing = memory.keys[ref] == key_of(task.id) and alert.state != "resolved"
        held = alert.state == "claimed" and alert.claim_until is not None and alert.claim_until > now
        if standing and (not held or alert.holder == by):
            done = replace(freed(alert, now), state="resolved", next_page_at=None, closed_at=now)
            memory.alerts[ref] = done
            memory.record(by, "alert.resolve", ref, now)


def forget(memory: Memory, person: str, about: set[str]) -> None:
    """All of hers, and what is about one of these."""
    ours = {one for (_, what), ids in memory.about.items() if what in about for one in ids}
    for task in [one for one in memory.tasks.values() if one.person == person or one.id in ours]:
        del memory.tasks[task.id]
