"""Any life of a conversation: steps that a phone, a clock and a worker may take, in any order, with any text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from hypothesis import strategies as st

from bot.app import read_content
from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Goal, Memory, PlanItem, Watch, Window
from flows.engine.effects import Turn
from flows.engine.events import Due, Event, Heard, WorkerCleared, WorkerGone, WorkerJoined, WorkerLeft, WorkerSaid
from flows.engine.programme import Programme
from flows.engine.step import step
from flows.safety.hours import PRESETS
from flows.text.canonical import canonical

START = datetime(2026, 3, 27, 9, 30, tzinfo=UTC)  # the week in which clocks change in Europe
SIGNAL, DURESS = "sunflower", "marigold"
LANGUAGES = ("en", "es", "pt", "fr", "pl", "ar", "ur", "cy")


LATE = timedelta(minutes=5)  # the idle lock's: what was written before is answered by nothing


@lru_cache(maxsize=1)
def programme() -> Programme:
    return read_content()


def mac(text: str) -> str:
    """Stands for the keyed hash: equal for equal canonical forms, and for nothing else."""
    word = canonical(text)
    return f"mac:{word}" if word else ""


@dataclass(frozen=True)
class Act:
    """One thing that happens, some seconds after the last."""

    what: str
    text: str = ""
    seconds: int = 20


COMMON = ("1", "2", "3", "4", "5", "0", "9", "10", "-", "skip", "menu", "talk", "help", "x", "X!", "❌", SIGNAL, DURESS)
COMMON_ELSEWHERE = (
    "٣",
    "سكين",
    "he has a knife",
    "tengo miedo 9",
    "hablar",
    "no",
    "na",
    "tak",
    "چھوڑیں",
    "tenho uma faca no pescoço",
    "parler",
    "il a un couteau",
    "falar",
    "saltar",
    "boję się 9",
    "porozmawiać",
    "بات",
    "مجھے ڈر ہے 9",
    "۳",
    "à l'aide",
    "STOP",
    "START",
    "",
    " ",
    "\u200f",
    "sunflowr",
)
TEXTS = st.one_of(st.sampled_from(COMMON), st.sampled_from(COMMON_ELSEWHERE), st.text(max_size=60))
SECONDS = st.sampled_from((1, 20, 20, 20, 200, 400, 4000, 90_000))
TIMERS = ("checkin", "missed", "watch")
WORKER = ("worker_joined", "worker_said", "worker_left", "worker_gone", "worker_done")
# Whatever else a phone, its carrier and a clock can bring: a picture with words, a button of another session, one that
# comes after what was written later, a changed message that is late, a carrier's stop and start, a missed call.
BROUGHT = (
    "photo", "caption", "button", "foreign_button", "late_button", "edited", "edited_late", "overtaken", "late",
    "stop", "start", "call", "lock", *TIMERS,
)  # fmt: skip
ACTS = st.one_of(
    st.builds(Act, st.just("heard"), TEXTS, SECONDS),
    st.builds(Act, st.just("heard"), TEXTS, SECONDS),
    st.builds(Act, st.just("heard"), TEXTS, SECONDS),
    st.builds(Act, st.sampled_from(BROUGHT), TEXTS, SECONDS),
    st.builds(Act, st.sampled_from(WORKER), TEXTS, SECONDS),
)
CLEARED = st.builds(Act, st.just("worker_cleared"), st.just(""), SECONDS)  # not where suspicion has to last
LIVES = st.lists(ACTS | CLEARED, max_size=25)
WINDOWS = st.sampled_from(tuple(PRESETS.values())) | st.lists(
    st.builds(
        Window,
        st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple),
        st.integers(0, 1439),
        st.integers(1, 1440),
    ),
    max_size=3,
).map(tuple)
ZONES = st.sampled_from(("Europe/London", "America/New_York", "Asia/Karachi", "Australia/Lord_Howe", "Pacific/Apia"))


@st.composite
def beginnings(draw: st.DrawFn) -> Conversation:
    """A recipient who has joined, chat closed."""
    contact = Contact(
        channel=draw(st.sampled_from(("sms", "telegram"))),
        language=draw(st.sampled_from(LANGUAGES)),
        zone=draw(ZONES),
        windows=draw(WINDOWS),
        signal=mac(SIGNAL),
        duress=mac(DURESS),
        exit=draw(st.sampled_from(("", "banana"))),
        consent="worker",
        exit_silent=draw(st.booleans()),
        duress_opens=draw(st.booleans()),
        blank_signal=draw(st.booleans()),
        missed_rule=draw(st.sampled_from(("retry_then_worker", "worker", "nothing"))),
    )
    plan = (PlanItem("collect", "todo", "my sister"), PlanItem("bag", "unsafe")) if draw(st.booleans()) else ()
    goals = (Goal("one", "sleep well", START - timedelta(days=9)),) if draw(st.booleans()) else ()
    watch = Watch(START + timedelta(minutes=5), "my sister's") if draw(st.booleans()) else None
    memory = Memory(joined_at=START - timedelta(days=9), watch=watch)
    return Conversation("person-1", contact, plan=plan, memory=memory, goals=goals)


def live(conversation: Conversation, acts: list[Act]) -> list[tuple[Conversation, Event, Turn]]:
    """Play a life, writing the state out and reading it back before every step."""
    at, played = START, []
    for number, act in enumerate(acts):
        at += timedelta(seconds=act.seconds)
        conversation = codec.read(codec.write(conversation))
        event = event_of(act, conversation, at, f"{number:028d}")
        turn = step(programme(), conversation, event)
        played.append((conversation, event, turn))
        conversation = turn.conversation
    return played


def event_of(  # noqa: C901 - a table of acts
    act: Act, conversation: Conversation, at: datetime, fresh: str
) -> Event:
    session = conversation.session
    match act.what:
        case "heard":
            return Heard(at, act.text, mac(act.text), fresh)
        case "photo":
            return Heard(at, "", "", fresh, media=("photo",))
        case "button":
            return Heard(at, "", "", fresh, button=f"{(session.id[-6:] if session else 'old')}1:{act.text[:3]}")
        case "caption":
            return Heard(at, act.text, mac(act.text), fresh, media=("photo",))
        case "foreign_button":
            return Heard(at, "", "", fresh, button=f"zzzzzz1:{act.text[:3]}")
        case "late_button":
            return Heard(at, "", "", fresh, button=f"old1:{act.text[:3]}", said=at - LATE)
        case "edited" | "edited_late":
            said = at - LATE if act.what == "edited_late" else None
            return Heard(at, act.text, mac(act.text), fresh, edited=True, said=said)
        case "overtaken":
            return Heard(at, act.text, mac(act.text), fresh, said=at - timedelta(seconds=act.seconds + 30))
        case "late":
            return Heard(at, act.text, mac(act.text), fresh, said=at - LATE)
        case "stop" | "start":
            return Heard(at, act.what, mac(act.what), fresh, carrier="stop" if act.what == "stop" else "start")
        case "call":
            return Heard(at, "", "", fresh, call=True)
        case "lock":
            return Due(at, "lock", session.id if session else "gone", fresh)
        case "worker_joined":
            return WorkerJoined(at, "ana", fresh)
        case "worker_said":
            return WorkerSaid(at, "ana", act.text or "hello", fresh)
        case "worker_left":
            return WorkerLeft(at, "ana", fresh)
        case "worker_cleared":
            return WorkerCleared(at, "ana", fresh)
        case "worker_gone" | "worker_done":
            return WorkerGone(at, "ana", act.what == "worker_gone", fresh)
        case kind:
            return Due(at, kind, "", fresh)
