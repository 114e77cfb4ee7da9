"""Goals as a record: bounded, in her words, and readable by what older releases wrote."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.app import read_content
from flows.engine import conversation as codec
from flows.engine import goals
from flows.engine.conversation import Contact, Conversation, Frame, Memory, PlanItem, Session
from flows.engine.effects import Assessed, GoalChanged, PlanChanged, Raise, Send, Turn
from flows.engine.events import Heard, WorkerPlanned
from flows.engine.programme import Programme
from flows.engine.step import step
from flows.safety.hours import PRESETS

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_content()


def standing(programme: Programme, flow: str, at: str, **more: object) -> Conversation:
    """She has just been asked that."""
    frame = Frame(flow, programme.flows[flow].revision, at, shown=more.pop("shown", ()))  # type: ignore[arg-type]
    session = Session("s" * 28, NOW, NOW, (frame,), asked=3)
    contact = Contact(windows=PRESETS["always"], signal="mac:sunflower", duress="mac:marigold", consent="worker")
    memory = Memory(joined_at=NOW - timedelta(days=40))
    return Conversation("person-1", contact, session, memory=memory, **more)  # type: ignore[arg-type]


def says(programme: Programme, before: Conversation, text: str, after: timedelta = timedelta(seconds=9)) -> Turn:
    event = Heard(NOW + after, text, f"mac:{text}", "f" * 28)
    return step(programme, codec.read(codec.write(before)), event)


def test_a_state_that_knows_no_goals_still_reads() -> None:
    old = json.loads(codec.write(Conversation("p", plan=(PlanItem("bag", "todo", "here"),))))
    del old["goals"]
    read = codec.read(json.dumps(old).encode())
    assert (read.goals, read.plan[0].words) == ((), "here")


def test_ended_goals_and_scores_are_bounded_and_what_stands_is_kept(programme: Programme) -> None:
    conversation = standing(programme, "goals", "goal_two")
    wanted = says(programme, conversation, "my own money").conversation
    for number in range(goals.MOST_ENDED + 5):
        here = replace(standing(programme, "goals", "goal_one"), goals=wanted.goals)
        wanted = says(programme, here, f"wish {number}").conversation
    kept = [goal for goal in wanted.goals if goal.ended is not None]
    assert len(kept) == goals.MOST_ENDED
    last = goals.MOST_ENDED + 4
    assert [goal.words for goal in wanted.goals if goal.ended is None] == ["my own money", f"wish {last}"]
    assert kept[-1].words == f"wish {last - 1}"

    for number in range(goals.MOST_SCORES + 3):
        here = replace(standing(programme, "review", "goal_one_now"), goals=wanted.goals)
        turn = says(programme, here, str(number % 11), timedelta(seconds=10 + number))
        wanted = turn.conversation
        assert [type(effect) for effect in turn.effects].count(GoalChanged) == 1
    goal = goals.standing(wanted.goals, "one")
    assert goal is not None
    assert len(goal.scores) == goals.MOST_SCORES
    assert [score.value for score in goal.scores][-1] == (goals.MOST_SCORES + 2) % 11
    assert goal.scores[0].at < goal.scores[-1].at


def test_the_same_words_again_are_the_same_goal(programme: Programme) -> None:
    first = says(programme, standing(programme, "goals", "goal_one"), "Sleep well.").conversation
    again = replace(standing(programme, "goals", "goal_one"), goals=first.goals)
    assert says(programme, again, "sleep well").conversation.goals == first.goals


def test_no_number_of_hers_is_ever_shown_back(programme: Programme) -> None:
    here = says(programme, standing(programme, "goals", "goal_one"), "sleep well").conversation
    here = says(programme, here, "7").conversation
    review = replace(standing(programme, "review", "life"), goals=here.goals)
    (question,) = [effect for effect in says(programme, review, "2").effects if isinstance(effect, Send)]
    assert question.message == "review/goal_one_now"
    assert question.params == {"goal_one": "sleep well"}


def test_each_look_at_an_item_sets_the_next_and_under_duress_nothing_is_written(programme: Programme) -> None:
    plan = (PlanItem("collect", "todo", "my sister", NOW - timedelta(days=60)), PlanItem("bag", "done", "hall"))
    here = standing(programme, "plan_review", "look", plan=plan, shown=("collect",))
    turn = says(programme, here, "1")
    (changed,) = [effect for effect in turn.effects if isinstance(effect, PlanChanged)]
    item = changed.item
    assert (item.words, item.at, changed.staff) == ("my sister", plan[0].at, "")
    assert item.review_on == NOW + timedelta(seconds=9, days=28)
    assert [each.name for each in turn.conversation.plan] == ["collect", "bag"], "each keeps its place"

    forced = says(programme, here, "marigold").conversation
    for text in ("1", "2", "menu", "x"):
        forced = says(programme, forced, text).conversation
    assert forced.plan == plan


@pytest.mark.parametrize("by", ["her", "worker", "not kept"])
def test_an_item_that_a_worker_keeps_leaves_no_word_in_her_state_not_even_in_the_open_flow(
    programme: Programme, by: str
) -> None:
    asked = says(programme, standing(programme, "plan_home", "home_rooms"), "the kitchen window")
    before = asked.conversation
    item = before.plan[0]
    assert (item.name, item.words) == ("home_rooms", "the kitchen window")
    if by == "her":
        back = replace(before.session, stack=(replace(before.session.stack[-1], step="home_rooms"),))  # type: ignore[union-attr, type-var]
        turn = says(programme, replace(before, session=back), "5")
    elif by == "worker":
        seen = WorkerPlanned(NOW, "ana", item.name, "worker", "the kitchen window", None, item.at)
        turn = step(programme, before, seen)
    else:
        turn = says(programme, before, "menu")
    (*_, kept) = [effect for effect in (*asked.effects, *turn.effects) if isinstance(effect, PlanChanged)]
    after = codec.write(turn.conversation)
    if by == "not kept":
        assert after.count(b"the kitchen window") == 1, "the plan alone has it, no memory of answers beside it"
        return
    assert b"the kitchen window" not in after
    assert kept.item.words == ("the kitchen window" if by == "worker" else ""), "the history has what the worker wrote"


def test_what_is_answered_to_someone_independent_raises_without_her_words(programme: Programme) -> None:
    told = says(programme, standing(programme, "adherence", "harm_told"), "he said he will kill me")
    assert told.apart
    (raised,) = [effect for effect in told.effects if isinstance(effect, Raise)]
    assert raised.tier in ("P0", "P1")
    assert raised.saw == ()
    assert "kill me" not in " ".join(raised.reasons)
    assert all(effect.apart for effect in told.effects if isinstance(effect, Send) if effect.message != "engine/heard")

    much = says(programme, standing(programme, "adherence", "harm"), "3")
    (raised,) = [effect for effect in much.effects if isinstance(effect, Raise)]
    assert (raised.tier, raised.rules) == ("P1", ("harm.much",))
    assert all(effect.apart for effect in much.effects if isinstance(effect, Assessed))

    other = says(programme, standing(programme, "goals", "goal_one"), "he said he will kill me")
    (raised,) = [effect for effect in other.effects if isinstance(effect, Raise)]
    assert raised.saw, "elsewhere a worker reads the words that did it"
    assert not other.apart
