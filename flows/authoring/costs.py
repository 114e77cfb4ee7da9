"""What a conversation costs as SMS: played as a transcript is, each text counted as carriers count it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from flows.authoring.playing import SIGNAL, Phone
from flows.authoring.transcripts import LineFile, TranscriptFile
from flows.engine.effects import Send
from flows.engine.model import Ask, Question
from flows.engine.programme import Programme
from flows.engine.wording import wording
from flows.text.languages import Language
from flows.text.render import numbered
from flows.text.segments import count

MOST_ANSWERS = 60  # joining takes about twenty; a programme's own flow that goes round ends here
SKIP = "-"


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation from its first text to the cover reply behind X. `answers` by step; else what is fine there."""

    name: str
    title: str
    begins: tuple[LineFile, ...]
    answers: Mapping[str, str]
    ends: tuple[LineFile, ...]
    new: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """Segments that we send and that she sends, in one language."""

    language: str
    talk: str
    sent: int
    received: int

    def price(self, each: Decimal) -> Decimal:
        return (self.sent + self.received) * each


def _line(**given: str) -> LineFile:
    return LineFile.model_validate(given)


_HIDES = _line(they="x")
TALKS = (
    Talk("steady", "Steady check-in", (_line(they=SIGNAL),), {}, (_HIDES,)),
    Talk(
        "elevated",
        "Elevated, with a worker",
        (_line(they=SIGNAL),),
        {"fear": "8", "changed": "worse", "belief": "unsure", "want": "worker"},
        (_line(worker="joins"), _line(worker="leaves"), _HIDES),
    ),
    Talk(
        "joining",
        "Joining",
        (_line(joins="code"),),
        {
            **dict.fromkeys(("hello", "who_sees", "limits"), "on"),
            "agree": "yes",
            "cover": "recipes",
            "signal": "sunflower",
            "duress": "marigold",
            "after_exit": "no",
            "shared": "unknown",
            "hours": "daytime",
            "rhythm": "7",
            "missed": "retry_then_worker",
            "missed_after": "24",
            "way": "message",
            "begin_plan": "no",
            "offer": "yes",
        },
        (_HIDES,),
        new=True,
    ),
    Talk("cover", "A cover reply", (_line(they="flour"),), {}, ()),
)


def costs(programme: Programme) -> tuple[Cost, ...]:
    """Each talk in each language, in the order of languages.toml."""
    return tuple(_cost(programme, language, talk) for language in programme.catalogues.languages for talk in TALKS)


def play_talk(programme: Programme, language: str, talk: Talk) -> Iterator[tuple[LineFile, list[Send]]]:
    """What happens line by line, and what we say to it."""
    phone = Phone(_file(talk), programme, language)
    for line in _lines(talk, phone):
        yield line, [effect for effect in phone.take(line).effects if isinstance(effect, Send)]


def _cost(programme: Programme, language: str, talk: Talk) -> Cost:
    sent = received = 0
    for line, sends in play_talk(programme, language, talk):
        sent += sum(_segments(programme, send) for send in sends)
        received += count(_hers(line)).segments
    return Cost(language, talk.name, sent, received)


def _hers(line: LineFile) -> str:
    """Her text: a joining code stands for itself, what a worker does is none."""
    return line.they or line.joins or ""


def _file(talk: Talk) -> TranscriptFile:
    phone = {"new": "true"} if talk.new else {}
    return TranscriptFile.model_validate({"transcript": talk.title, "phone": phone, "talk": [{"they": "x"}]})


def _lines(talk: Talk, phone: Phone) -> Iterator[LineFile]:
    """What she does next, as long as something is asked."""
    yield from talk.begins
    for _ in range(MOST_ANSWERS):
        asked = _asked(phone)
        if asked is None:
            break
        yield _line(they=_answer(asked, talk.answers))
    yield from talk.ends


def _asked(phone: Phone) -> Question | None:
    conversation = phone.conversation
    if conversation.session is None or conversation.mode != "open" or not conversation.session.stack:
        return None
    frame = conversation.session.stack[-1]
    step = phone.programme.flows[frame.flow].steps[frame.step]
    return step if isinstance(step, Question) else None


def _answer(step: Question, answers: Mapping[str, str]) -> str:
    """A choice by its number, as she sends it."""
    said = answers.get(step.name, step.fine)
    tokens = {choice.name: choice.token for choice in step.choices}
    if said in tokens:
        return tokens[said]
    return SKIP if said == "skip" or not isinstance(step, Ask) else said


def _segments(programme: Programme, send: Send) -> int:
    words = wording(programme, send)
    return count(numbered(words.text, [label for _, label in words.options]) if words.options else words.text).segments


# The page

_HEAD = """\
# What a conversation costs

Segments of SMS in each language, as carriers count them, choices and all: what we send + what the recipient sends, then
what both cost at a price of {price} a segment. One segment holds 160 letters of the GSM alphabet, or 70 where the words
need any other letter. `rowan locales cost --price` takes what your provider asks; this page is
`rowan locales cost --page`, written by `make costs`.

"""
_FOOT = """
- **Steady check-in**: from the word that opens the chat to the cover reply behind X, every answer as when all is well.
- **Elevated, with a worker**: much fear, worse than before, a worker is asked for, comes and goes. What the worker
  writes comes on top.
- **Joining**: from the joining code to the cover reply behind X, every choice made, no plan begun yet.
- **A cover reply**: to any word while the chat is closed. The message when a check-in is due is one segment too.

On Telegram a message costs nothing.
"""


def page(programme: Programme, price: Decimal = Decimal(1)) -> str:
    """The table in Markdown, with what stands around it in docs/costs.md."""
    found = {(cost.language, cost.talk): cost for cost in costs(programme)}
    rows = [("language", *(talk.title for talk in TALKS)), ("---",) * (len(TALKS) + 1)]
    for code, language in programme.catalogues.languages.items():
        rows.append((_name(language), *(cell(found[code, talk.name], price) for talk in TALKS)))
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return _HEAD.format(price=price) + table + _FOOT


def cell(cost: Cost, price: Decimal) -> str:
    """'12 + 7 = 19': sent, received, and what both cost."""
    return f"{cost.sent} + {cost.received} = {cost.price(price)}"


def _name(language: Language) -> str:
    return f"{language.name} (`{language.code}`)"
