"""What differs between a line of a transcript and what the engine made of it, in words for programme staff."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from flows.authoring.transcripts import AlertFile, LineFile
from flows.engine.conversation import Contact, Conversation
from flows.engine.effects import Effect, Noted, Raise, Send, Turn, Wipe
from flows.engine.goals import standing
from flows.engine.programme import Programme
from flows.safety.hours import PRESETS
from flows.text.render import placeholders

_COVER = {"cover": re.compile(r"cover\.[a-z0-9_]+/reply\.\d\d"), "ping": re.compile(r"cover\.[a-z0-9_]+/ping\.\d\d")}


def differences(line: LineFile, effects: Sequence[Effect], after: Conversation) -> Iterator[str]:
    """What of one line is not as it was written down; `after` is the conversation at its end."""
    sent = [effect.message for effect in effects if isinstance(effect, Send)]
    if not _same_messages(line.we, sent):
        yield f"we said {_list(sent)}, not {_list(line.we)}"
    raised = [effect for effect in effects if isinstance(effect, Raise)]
    if not _same_alerts(line.alert, raised):
        yield f"raised {_list(map(_alert, raised))}, not {_list(map(_expected, line.alert))}"
    noted = {effect.what for effect in effects if isinstance(effect, Noted)}
    for what in sorted(set(line.noted) - noted):
        yield f"{what} was not noted, but {_list(sorted(noted))}"
    wiped = any(isinstance(effect, Wipe) for effect in effects)
    if line.wiped is not None and not wiped:
        yield "nothing was wiped"
    yield from _standing(line, after)


def _standing(line: LineFile, after: Conversation) -> Iterator[str]:
    """What is true once everything has happened."""
    if line.mode is not None and after.mode != line.mode:
        yield f"the chat is {after.mode}, not {line.mode}"
    frame = after.session.stack[-1] if after.session and after.session.stack else None
    here = f"{frame.flow}/{frame.step}" if frame else "nowhere"
    if line.at is not None and here != line.at:
        yield f"they are at {here}, not at {line.at}"
    items = {item.name: item for item in after.plan}
    for name, expected in line.plan.items():
        item = items.get(name)
        found = () if item is None else (item.status, item.words)
        if expected not in found:
            yield f"the plan has for {name} {_list(found)}, not {expected}"
    for name, expected in line.goals.items():
        goal = standing(after.goals, name)
        seen = () if goal is None else (goal.words, " ".join(str(score.value) for score in goal.scores))
        if expected not in (seen or ("gone",)):
            yield f"the goal {name} is {_list(seen)}, not {expected}"
    for name, expected in line.contact.items():
        value = _field(after.contact, name)
        if value != expected:
            yield f"the record has for {name} {value}, not {expected}"


def _field(contact: Contact, name: str) -> str:
    """A field as a transcript writes it: yes and no; a preset of hours by its name; a secret word by being chosen; the
    steps of a worker who looks for her by their kinds."""
    if name == "hours":
        return next((preset for preset, windows in PRESETS.items() if windows == contact.windows), "other")
    if name == "ways":
        return " ".join(way.kind for way in contact.ways)
    value = getattr(contact, name, "no such field")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).removeprefix("mac:")


def _same_messages(expected: list[str], sent: list[str]) -> bool:
    return len(expected) == len(sent) and all(_fits(e, s) for e, s in zip(expected, sent, strict=True))


def _fits(expected: str, sent: str) -> bool:
    return bool(_COVER[expected].fullmatch(sent)) if expected in _COVER else expected == sent


def _same_alerts(expected: list[AlertFile], raised: list[Raise]) -> bool:
    return len(expected) == len(raised) and all(
        (e.tier, sorted(e.rules)) == (r.tier, sorted(r.rules)) and e.kind in (None, r.kind)
        for e, r in zip(expected, raised, strict=True)
    )


def _alert(raised: Raise) -> str:
    return f"{raised.tier} {' '.join(sorted(raised.rules))}"


def _expected(alert: AlertFile) -> str:
    return f"{alert.tier} {' '.join(sorted(alert.rules))}"


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "nothing"


def unfit(before: Conversation, turn: Turn, programme: Programme) -> Iterator[str]:
    """What no turn may send, whatever a transcript says: sensitive words to a closed chat, a text with a gap in it."""
    for effect in turn.effects:
        if not isinstance(effect, Send) or effect.words:
            continue
        open_now = before.session is not None or turn.conversation.session is not None
        if effect.kind != "cover" and not open_now:
            yield f"{effect.message} was said while the chat was closed (SAFETY 7)"
        yield from _unrendered(effect, programme)


def _unrendered(send: Send, programme: Programme) -> Iterator[str]:
    text = programme.catalogues.text(send.language, send.message, send.english)
    missing = placeholders(text) - send.params.keys()
    if missing:
        yield f"{send.message} has no value for {_list(sorted(missing))}"
    if not text.strip():
        yield f"{send.message} is empty"
