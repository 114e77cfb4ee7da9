"""The stage of change beside a goal is for staff: whatever she answers, her chat is as if there were none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from flows.engine import conversation as codec
from flows.engine.conversation import Conversation, Goal, Memory, Session, Staged
from flows.engine.effects import Effect, GoalChanged
from flows.engine.events import Heard, WorkerStaged
from flows.engine.goals import MOST_STAGES, STAGES
from flows.engine.step import step
from tests.properties.test_fine_path import QUESTIONS, standing
from tests.properties.walks import DURESS, START, mac, programme

SET_AT = START - timedelta(days=9)
STAGED = tuple(Staged(stage, "ana", START - timedelta(days=2)) for stage in STAGES)


def with_stages(conversation: Conversation) -> Conversation:
    return replace(conversation, goals=tuple(replace(goal, stages=STAGED) for goal in conversation.goals))


def without_goals(effects: tuple[Effect, ...]) -> list[Effect]:
    return [effect for effect in effects if not isinstance(effect, GoalChanged)]


@pytest.mark.parametrize(("flow", "name", "fine"), QUESTIONS)
def test_no_answer_anywhere_is_met_otherwise_because_a_stage_stands(flow: str, name: str, fine: str) -> None:
    before = standing(flow, name, "en")
    for text in ("1", "2", "7", "-", "menu", "a job of my own", DURESS, "x"):
        said = Heard(START + timedelta(seconds=30), text, mac(text), "f" * 28)
        plain, staged = step(programme(), before, said), step(programme(), with_stages(before), said)
        assert without_goals(staged.effects) == without_goals(plain.effects)
        assert staged.conversation.session == plain.conversation.session
        assert staged.conversation.memory == plain.conversation.memory


@pytest.mark.parametrize("mode", ["closed", "open", "worker", "duress"])
def test_recording_one_says_nothing_to_her_phone_in_any_mode(mode: str) -> None:
    here = None
    if mode != "closed":
        here = Session("s" * 28, START, START, worker="ana" if mode == "worker" else "", duress=mode == "duress")
    memory = Memory(joined_at=SET_AT, verify_first=mode == "duress")
    before = Conversation("person-1", session=here, memory=memory, goals=(Goal("one", "sleep well", SET_AT),))
    event = WorkerStaged(START, "ana", "one", SET_AT, "contemplation", "f" * 28)
    turn = step(programme(), before, event)
    (changed,) = turn.effects
    assert isinstance(changed, GoalChanged)
    assert (changed.staff, changed.goal.stages) == ("ana", (Staged("contemplation", "ana", START),))
    after = codec.read(codec.write(turn.conversation))
    assert (after.stand_in is not None) is (mode == "duress")
    assert after == replace(before, goals=(changed.goal,), turns=1, stand_in=after.stand_in)


def test_stages_are_bounded_and_a_goal_of_before_there_were_any_still_reads() -> None:
    now = Conversation("person-1", goals=(Goal("one", "sleep well", SET_AT),))
    old = codec.write(now).replace(b',"stages":[]', b"")
    assert b"stages" not in old
    now = codec.read(old)
    for number in range(MOST_STAGES + 2):
        stage = STAGES[number % len(STAGES)]
        at = START + timedelta(days=number)
        now = step(programme(), now, WorkerStaged(at, "ana", "one", SET_AT, stage)).conversation
    (goal,) = now.goals
    assert len(goal.stages) == MOST_STAGES
    assert goal.stages[-1].at == START + timedelta(days=MOST_STAGES + 1)
