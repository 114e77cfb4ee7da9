"""An open session: her message answers the question that stands, or is one of the words that work everywhere."""

from __future__ import annotations

from msgspec.structs import replace

from flows.engine import confirming, record
from flows.engine.conversation import Frame, Value
from flows.engine.draft import Draft
from flows.engine.effects import Answered, Assessed, Cancel, Send
from flows.engine.events import Heard
from flows.engine.her_words import NOW, UnfitAnswer
from flows.engine.matching import SKIPPED, Answer, exact, match, words
from flows.engine.model import Ask, Find, Instrument, OfferPlan, Question, Step
from flows.engine.walk import current_tag, follow, lost, names, walk
from flows.safety import risk
from flows.text.canonical import canonical

LOOKED_OUT_FOR = "check_on_me"  # the flow that asks whether she is back
ALWAYS = (("words/help", "help"), ("words/talk", "talk"))
# Where no choice of the question is called so: many say "not now".
OTHERWISE = (("words/out", LOOKED_OUT_FOR), ("words/arrived", "arrived"), ("words/not_now", "not_now"))
MOST_TRIES = 3  # unreadable answers to one question, then it is skipped and a worker is told (SAFETY 27)


def invite(draft: Draft) -> None:
    """The session is open: what waits for her first, else a check-in unless she has just done one, else the menu."""
    rules, memory = draft.programme.rules, draft.memory
    fresh = memory.checked_at is not None and draft.at - memory.checked_at < rules.fresh_checkin
    name = memory.next_flow or (rules.menu if fresh else rules.opening)
    if memory.watch is not None and LOOKED_OUT_FOR in draft.programme.flows:
        name = LOOKED_OUT_FOR
    if not draft.contact.signal or memory.joined_at is None:
        name = rules.joining
    draft.memory = replace(memory, next_flow="")
    draft.start(name if draft.may_begin(name) else draft.menu)
    walk(draft)


def answer(draft: Draft, event: Heard, *, fine: bool = False, heard: bool = False) -> None:
    """`fine`: a duress word stands for the all-is-fine answer. `heard`: her words have just raised an alert."""
    step = _standing(draft)
    if step is None:
        if fine or not _everywhere(draft, event.text):
            _menu(draft)
        return
    if event.button is not None and not fine and not _is_current(draft, event.button):
        once_more(draft)
        return
    text = _fine(step) if fine and not _asks_word(step) else _text(event)
    if not fine and _everywhere(draft, text):
        return
    found = match(step, draft.stack[-1].flow, text, draft.programme, draft.contact.language)
    if found is not None:
        _accept(draft, step, found, event)
    elif event.media:
        once_more(draft, "engine/no_media")
    else:
        _again(draft, "engine/heard" if heard else "engine/again")


def picks(draft: Draft, event: Heard) -> bool:
    """Whether the message is exactly one of the choices offered, by its token or its label."""
    return _is_choice(draft, _text(event))


def _is_choice(draft: Draft, text: str) -> bool:
    step = _waiting(draft)
    if step is None or not step.choices:
        return False
    return exact(step, draft.stack[-1].flow, text, draft.programme, draft.contact.language)


def writes(draft: Draft) -> bool:
    """Whether the question asks for words of her own: those of a plan or a goal are about danger by their nature."""
    step = _waiting(draft)
    return isinstance(step, Ask) and step.kind == "text"


def _waiting(draft: Draft) -> Question | None:
    frame = draft.stack[-1] if draft.stack else None
    flow = draft.flow(frame) if frame else None
    step = flow.steps.get(frame.step) if flow and frame else None
    return step if isinstance(step, Question) else None


def _standing(draft: Draft) -> Question | None:
    """The question that waits for an answer; None when no flow runs. A vanished one is mended by `lost`."""
    if not draft.stack:
        return None
    step = _waiting(draft)
    if step is None:
        lost(draft, f"{draft.stack[-1].flow}/{draft.stack[-1].step}")
    return step


def calm(draft: Draft) -> None:
    """Under duress what she answered before is as if all had been fine: no later step may show that it was not."""
    for place, frame in enumerate(draft.stack):
        flow = draft.flow(frame)
        steps = flow.steps if flow else {}
        fine = {name: _fine_value(steps.get(name), value) for name, value in frame.answers.items()}
        draft.stack[place] = replace(frame, answers=fine)


def _fine_value(step: Step | None, value: Value) -> Value:
    if not isinstance(step, Ask) or step.fine == "skip":
        return value if not isinstance(step, Ask) else None
    return int(step.fine) if step.kind == "number" else step.fine


def _fine(step: Question) -> str:
    """As she would send it; a choice by its token, for its name may be a word of her language."""
    if step.fine == "skip":
        return "-"
    return next((choice.token for choice in step.choices if choice.name == step.fine), step.fine)


def _asks_word(step: Question) -> bool:
    """Whether the word that opens is asked for: there all is fine when it is right (`her_words`)."""
    return isinstance(step, Ask) and step.into == NOW


def _text(event: Heard) -> str:
    """What she wrote, or the token of the button that she pressed."""
    return event.text if event.button is None else event.button.rpartition(":")[2]


def _is_current(draft: Draft, button: str) -> bool:
    """Whether it belongs to the question that stands: an old button, or one pressed twice, answers nothing."""
    return button.rpartition(":")[0] in ("", current_tag(draft))


def _everywhere(draft: Draft, text: str) -> bool:
    """Words that work at every question: the menu, what can be done here, a person; going out, being back, not now."""
    if text.isdigit():
        return False
    word, language = canonical(text), draft.contact.language
    if not word or word.isdigit():
        return False
    otherwise = () if _is_choice(draft, text) else OTHERWISE
    for listed, flow in (("words/menu", draft.menu), *ALWAYS, *otherwise):
        if word in words(draft.programme, language, listed) and flow in draft.programme.flows:
            _instead(draft, flow)
            return True
    return False


def _menu(draft: Draft) -> None:
    _instead(draft, draft.menu)


def _instead(draft: Draft, flow: str) -> None:
    draft.leave_all()
    draft.start(flow)
    walk(draft)


def _again(draft: Draft, why: str) -> None:
    """Not readable: say `why`, ask again; after MOST_TRIES go on without an answer and tell a worker."""
    frame = draft.stack[-1]
    tries = frame.tries + 1
    if tries >= MOST_TRIES:
        draft.task("task.unreadable", f"Could not read the answers to {frame.flow}/{frame.step}", "P2")
        step = _standing(draft)
        if step is not None:
            _accept(draft, step, SKIPPED, Heard(draft.at))
        return
    draft.stack[-1] = replace(frame, tries=tries)
    draft.own(why)
    _repeat(draft)


def once_more(draft: Draft, why: str = "") -> None:
    """The question that stands, again: nothing was wrong with an answer. The buttons of before stay good."""
    if _standing(draft) is None:
        _menu(draft)
        return
    if why:
        draft.own(why)
    draft.session = replace(draft.here, asked=draft.here.asked - 1)
    _repeat(draft)


def _repeat(draft: Draft) -> None:
    frame = draft.stack[-1]
    if isinstance(_standing(draft), OfferPlan | Find):  # what was not answered is shown again
        draft.stack[-1] = replace(frame, shown=frame.shown[:-1])
    walk(draft)


def _accept(draft: Draft, step: Question, found: Answer, event: Heard) -> None:
    if isinstance(step, OfferPlan | Find):
        _route(draft, step, found)
        return
    if step.into is not None:
        try:
            record.fill(draft, step.into, found, event)
        except UnfitAnswer as unfit:
            if step.into == NOW or step.into not in record.WORDS:
                _again(draft, unfit.say)
                return
            draft.own(unfit.say)
            walk(draft)
            return
    _keep(draft, step, found)
    _route(draft, step, found)


def _keep(draft: Draft, step: Ask, found: Answer) -> None:
    """Remember the answer and weigh the rules that read it, at once: no answer waits for the end of a flow."""
    frame = draft.stack[-1]
    secret = step.into in record.WORDS
    value = None if secret else found.value
    frame = replace(frame, answers={**frame.answers, step.name: value}, tries=0)
    draft.stack[-1] = frame
    draft.effects.append(Answered(frame.flow, step.name, value, draft.suspect))
    flow = draft.flow(frame)
    watch = draft.programme.instruments[flow.watch] if flow is not None and flow.watch is not None else None
    if watch is not None and step.name in watch.reads:
        _weigh(draft, watch, frame, step.name)
    _came_back(draft, frame)


def _weigh(draft: Draft, watch: Instrument, frame: Frame, name: str) -> None:
    """What raises is an assessment of its own: she may not come to the end of the flow."""
    fired = risk.said(watch, names(draft), name, frame.fired)
    draft.alarm(fired)
    draft.weighed(fired)
    confirming.weighed(draft, fired)
    new = tuple(one for one in fired if one.tier != "P3" and one.rule not in frame.fired)
    if new:
        memory, tier = draft.memory, risk.worst(*(one.tier for one in new))
        change = risk.change(memory.tier, tier, first=memory.checked_at is None)
        rules, answers = tuple(one.rule for one in new), dict(frame.answers)
        score = risk.score(watch, answers, whole=False)
        says = tuple(one.says for one in new)
        apart = draft.independent
        given = (watch.name, watch.version, tier, rules, answers, change, score)
        draft.effects.append(Assessed(*given, says=says, apart=apart))
        stands = risk.worst(memory.tiers.get(watch.name), tier)
        draft.memory = replace(memory, tiers=memory.tiers | {watch.name: stands})


def _came_back(draft: Draft, frame: Frame) -> None:
    """The first true answer of a check-in ends the wait for it."""
    if frame.flow != draft.programme.rules.opening or draft.memory.pinged_at is None:
        return
    draft.memory = draft.memory.answered()
    draft.effects.append(Cancel("missed"))


def _route(draft: Draft, step: Question, found: Answer) -> None:
    said = len(draft.effects)
    if follow(draft, step.next, found.name or None):
        walk(draft)
    if not draft.stack and not any(isinstance(e, Send) for e in draft.effects[said:]):
        _menu(draft)  # a flow that ends without a word must not leave her in silence
