"""What she wants, in her own words, and where she stands with it: up to three goals at a time (MST-IPV, IFST)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from msgspec.structs import replace

from flows.engine.conversation import Goal, Score, Stage, Staged
from flows.engine.draft import Draft
from flows.engine.effects import GoalChanged
from flows.engine.events import WorkerStaged
from flows.engine.matching import Answer
from flows.text.canonical import canonical

NAMES = ("one", "two", "three")
TARGETS = frozenset({f"goal.{name}" for name in NAMES} | {f"goal.{name}.now" for name in NAMES})
LOW, HIGH = 0, 10
# What a question about a goal that stands may be answered with beside her own words: only `gone` changes anything.
CHOICES = ("keep", "new", "gone")
LONGEST_WORDS = 200  # characters: one goal is one message
MOST_ENDED = 6  # kept beside those that stand: the record has them all
MOST_SCORES = 40  # of a goal: ten years of reviews
MOST_STAGES = 40
STAGES: tuple[Stage, ...] = get_args(Stage)

GONE = "That goal does not stand any more: she has ended it, or set another. Read her goals again first."
THERE = "That stage is recorded already."
NO_STAGE = "There is no such stage of change."


def standing(goals: Sequence[Goal], name: str) -> Goal | None:
    return next((goal for goal in goals if goal.name == name and goal.ended is None), None)


def words(draft: Draft, name: str) -> str:
    """Her words of it; '' when there is none, or when they may not be shown now (SAFETY 15)."""
    goal = standing(draft.goals, name) if draft.may_show else None
    return goal.words if goal else ""


def count(draft: Draft) -> int:
    """How many goals stand whose words may be shown."""
    return sum(bool(words(draft, name)) for name in NAMES) if draft.goals else 0


def fill(draft: Draft, target: str, answer: Answer) -> None:
    """`one` is her words, `one.now` the score. Nothing of what stands is touched by a hand that is not verified."""
    name, _, now = target.partition(".")
    goal = standing(draft.goals, name)
    if goal is not None and not (draft.may_show or goal.at >= draft.here.opened_at):
        return
    if now:
        _score(draft, goal, answer)
    elif answer.name == "gone":
        _end(draft, goal, draft.at)
    elif answer.name not in CHOICES:
        _want(draft, name, goal, str(answer.value).strip()[:LONGEST_WORDS])


def _want(draft: Draft, name: str, before: Goal | None, said: str) -> None:
    """Other words are another goal, with scores of its own; the same words again change nothing."""
    if not said or (before is not None and canonical(before.words) == canonical(said)):
        return
    _end(draft, before, draft.at)
    goal = Goal(name, said, draft.at)
    draft.goals = (*draft.goals, goal)
    draft.effects.append(GoalChanged(goal))


def _end(draft: Draft, goal: Goal | None, at: datetime) -> None:
    if goal is None:
        return
    ended = _replace(draft, goal, replace(goal, ended=at))
    over = [each for each in draft.goals if each.ended is not None]
    draft.goals = tuple(each for each in draft.goals if each not in over[:-MOST_ENDED])
    draft.effects.append(GoalChanged(ended))


def _score(draft: Draft, goal: Goal | None, answer: Answer) -> None:
    if goal is None or not isinstance(answer.value, int) or not LOW <= answer.value <= HIGH:
        return
    scores = (*goal.scores, Score(answer.value, draft.at))[-MOST_SCORES:]
    draft.effects.append(GoalChanged(_replace(draft, goal, replace(goal, scores=scores))))


def refuses(goals: Sequence[Goal], event: WorkerStaged) -> str:
    """Why a stage cannot be recorded, as a sentence for the worker; '' when it can."""
    goal = standing(goals, event.goal)
    if goal is None or goal.at != event.set_at:
        return GONE
    if event.stage not in STAGES:
        return NO_STAGE
    return THERE if goal.stages and goal.stages[-1].stage == event.stage else ""


def stage(draft: Draft, event: WorkerStaged) -> None:
    """Beside the goal, after those before it."""
    goal = standing(draft.goals, event.goal)
    if goal is not None:
        draft.effects.append(GoalChanged(_replace(draft, goal, with_stage(goal, event)), event.staff))


def with_stage(goal: Goal, event: WorkerStaged) -> Goal:
    stages = (*goal.stages, Staged(event.stage, event.staff, event.at))[-MOST_STAGES:]
    return replace(goal, stages=stages)


def _replace(draft: Draft, before: Goal, after: Goal) -> Goal:
    draft.goals = tuple(after if each is before else each for each in draft.goals)
    return after
