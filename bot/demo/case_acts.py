"""What the worker of `rowan chat` does on the case page, in words: every act goes through the console's own ports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, get_args

from bot.app import Service
from escalation.held_words import held_words
from escalation.ports import Case, ItemAnswer, PlanChange, Refused, StageSeen
from flows.engine import goals
from flows.engine.conversation import Fact, Stage, Status
from flows.engine.crisis_plan import STATUSES, named
from flows.engine.model import Tier
from flows.engine.sheets import ORIGINS
from flows.safety.recorded import VALUES
from storage.ids import new_id
from storage.schema import stamp

REASON = "rowan chat"  # for a case of which the worker holds no alert: the supervisor is told, as in the console
NO_GOAL = "She has no goal of that name now. /worker looks shows hers."
NEVER_BEGUN = "Begin it first: nothing of it is being filled in."
Told = tuple[str, ...]
Known = TypeVar("Known", bound=str)


@dataclass(frozen=True, slots=True)
class Desk:
    """One worker (a staff id) at one person's case (its ref)."""

    service: Service
    person: str
    worker: str

    async def case(self) -> Case:
        """Audited. Raises Unknown."""
        return await self.service.desk.case(self.person, self.worker, REASON, self.service.clock.now())

    @property
    def nonce(self) -> str:
        return new_id(stamp(self.service.clock.now()))


async def records(desk: Desk, words: str) -> Told:
    said, value = _two(words)
    fact: Fact = _one_of(said, tuple(VALUES))
    await desk.service.chat.record(desk.person, desk.worker, fact, _one_of(value, VALUES[fact]), REASON)
    return (f"On record: {fact} {value}. Nothing was sent.",)


async def withdraws(desk: Desk, words: str) -> Told:
    await desk.service.chat.record(desk.person, desk.worker, _one_of(words, tuple(VALUES)), "", REASON)
    return (f"Taken back: {words}. Nothing was sent.",)


async def stages(desk: Desk, words: str) -> Told:
    name, stage = _two(words)
    goal = goals.standing((await desk.case()).goals, _one_of(name, goals.NAMES))
    if goal is None:
        raise Refused(NO_GOAL)
    wanted: Stage = _one_of(stage, goals.STAGES)
    await desk.service.chat.stage(desk.person, desk.worker, StageSeen(goal.name, goal.at, wanted), REASON)
    return (f"Stage of change at goal {goal.name}: {stage}. Nothing was sent.",)


async def plans(desk: Desk, words: str) -> Told:
    """Without words the item keeps those that it has."""
    name, rest = _two(words)
    status, said = _two(rest)
    case = await desk.case()
    item = named(case.plan, name)
    if item is None:
        raise Refused(f"There is no such item in her plan. There are: {', '.join(one.name for one in case.plan)}")
    kept = item.words or held_words(case.plan_versions).get(name, "")
    wanted: Status = _one_of(status, STATUSES)
    change = PlanChange(name, wanted, said or kept, item.review_on, item.at)
    await desk.service.chat.plan(desk.person, desk.worker, change, desk.nonce)
    return (f"The plan is changed: {name} is {status}. Nothing was sent.",)


async def notes(desk: Desk, words: str) -> Told:
    await desk.service.desk.note(desk.person, desk.worker, words, desk.service.clock.now(), REASON)
    return ("The note is kept.",)


async def verifies(desk: Desk, words: str) -> Told:
    await desk.service.chat.verified(desk.person, desk.worker)
    return ("Verified that it is her.",)


async def judges(desk: Desk, words: str) -> Told:
    name, rest = _two(words)
    tier, reason = _two(rest)
    judged: Tier = _one_of(tier, get_args(Tier))
    await desk.service.chat.judge(desk.person, desk.worker, name, judged, reason, REASON)
    return (f"Your judgement is kept: {name} {tier}.",)


async def fills(desk: Desk, words: str) -> Told:
    """One item; the first one begins the sheet. `skip` leaves it out; without an origin she said it."""
    name, rest = _two(words)
    item, rest = _two(rest)
    value, origin = _two(rest)
    port = desk.service.sheets
    if name not in (await desk.case()).sheets:
        await port.begin(desk.person, desk.worker, name, REASON)
    sheet = (await desk.case()).sheets[name]
    stands = sheet.answers.get(item)
    said, where = (None, "") if value == "skip" else (value, origin or ORIGINS[0])
    answer = ItemAnswer(sheet.id, item, said, where, stands.number if stands else 0)
    await port.answer(desk.person, desk.worker, name, answer, REASON)
    return (f"Kept: {name} {item} {value}.",)


async def finishes(desk: Desk, words: str) -> Told:
    sheet = (await desk.case()).sheets.get(words)
    if sheet is None:
        raise Refused(NEVER_BEGUN)
    await desk.service.sheets.finish(desk.person, desk.worker, words, sheet.id, REASON)
    last = [one for one in (await desk.case()).assessments if one.sheet == sheet.id][-1]
    return (f"Finished: {words} gives {last.tier or 'no tier'}. It stands on her record.",)


async def looks(desk: Desk, words: str) -> Told:
    """Her plan, her goals and what is on record, a line each."""
    case = await desk.case()
    held = held_words(case.plan_versions)
    plan = [f"plan {one.name}: {one.status} {one.words or held.get(one.name, '')}".strip() for one in case.plan]
    wants = [
        f"goal {one.name}: {one.words} [{' '.join(str(score.value) for score in one.scores)}] "
        + (one.stages[-1].stage if one.stages else "no stage")
        for one in case.goals
        if one.ended is None
    ]
    stands = [f"on record: {one.fact} {one.value}" for one in case.recorded]
    begun = [f"begun: {name}, {len(sheet.answers)} answered" for name, sheet in case.sheets.items()]
    said = [f"note: {line.text}" for line in case.notes]
    return (*plan, *wants, *stands, *begun, *said) or ("Nothing of hers stands yet.",)


def _two(words: str) -> tuple[str, str]:
    first, _, rest = words.strip().partition(" ")
    return first, rest.strip()


def _one_of(word: str, known: tuple[Known, ...]) -> Known:
    """Raises Refused with what there is."""
    found = next((each for each in known if each == word), None)
    if found is None:
        raise Refused(f"'{word}' is none of: {', '.join(known)}.")
    return found


@dataclass(frozen=True, slots=True)
class CaseAct:
    """`takes`: the words after it, as `/worker help` shows them."""

    do: Callable[[Desk, str], Awaitable[Told]]
    takes: str
    does: str


FACTS = " | ".join(f"{fact} {'|'.join(values)}" for fact, values in VALUES.items())
CASE_ACTS: dict[str, CaseAct] = {
    "looks": CaseAct(looks, "", "her plan, goals, notes and what is on record"),
    "records": CaseAct(records, "FACT VALUE", f"a fact of the two of them: {FACTS}"),
    "withdraws": CaseAct(withdraws, "FACT", "takes it back"),
    "plans": CaseAct(plans, "ITEM STATE [WORDS]", f"changes an item of her plan: {', '.join(STATUSES)}"),
    "stages": CaseAct(stages, "GOAL STAGE", f"of change, at goal {', '.join(goals.NAMES)}: {', '.join(goals.STAGES)}"),
    "fills": CaseAct(fills, "FORM ITEM ANSWER [FROM]", f"an answer on a form, or skip; from {', '.join(ORIGINS)}"),
    "finishes": CaseAct(finishes, "FORM", "weighs the form by its rules"),
    "judges": CaseAct(judges, "FORM TIER [REASON]", "another tier than the rules gave"),
    "notes": CaseAct(notes, "WORDS", "a note for the team"),
    "verifies": CaseAct(verifies, "", "she answered the agreed question"),
}
