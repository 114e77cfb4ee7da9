"""Guessing her word, fast or slow, gets nobody far, shows nothing and is told; and her own slips do not shut her out.

The oracle here counts in its own way: from all wrong words that ever came, not from what the state remembers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Memory
from flows.engine.effects import Raise, Send
from flows.engine.events import Heard
from flows.engine.step import step
from flows.safety.hours import PRESETS
from tests.properties.walks import START, mac, programme

MINUTE, DAY = timedelta(minutes=1), timedelta(hours=24)
SIGNAL = "sunflower"
GAPS = st.lists(st.integers(1, 6 * 60 * 60), min_size=1, max_size=45)  # seconds between two wrong words


@dataclass
class Phone:
    """A closed chat that is written out and read back before every message."""

    conversation: Conversation
    now: datetime = START
    wrong: list[datetime] = field(default_factory=list)
    tasks: list[tuple[str, str]] = field(default_factory=list)

    def hears(self, text: str) -> list[Send]:
        before = codec.read(codec.write(self.conversation))
        turn = step(programme(), before, Heard(self.now, text, mac(text), "f" * 28))
        self.conversation = turn.conversation
        self.tasks += [(e.tier, e.key) for e in turn.effects if isinstance(e, Raise)]
        return [effect for effect in turn.effects if isinstance(effect, Send)]

    def guesses(self, gap: int) -> None:
        self.now += timedelta(seconds=gap)
        self.wrong.append(self.now)
        sent = self.hears(f"guess {len(self.wrong)}")
        assert [one.kind for one in sent] == ["cover"], "nothing shows, however many there were"

    def within(self, window: timedelta) -> int:
        return sum(self.wrong[-1] - at < window for at in self.wrong)

    @property
    def must_be_deaf(self) -> bool:
        quiet = self.now - self.wrong[-1]
        fast = self.within(10 * MINUTE) >= 8 and quiet < 5 * MINUTE
        return fast or (self.within(DAY) >= 20 and quiet < 30 * MINUTE)


def closed() -> Phone:
    contact = Contact(signal=mac(SIGNAL), duress=mac("marigold"), consent="worker", windows=PRESETS["always"])
    return Phone(Conversation("person-1", contact, memory=Memory(joined_at=START - timedelta(days=9))))


@given(GAPS, st.integers(1, 40 * 60))
@example([85] * 8, 299)
@example([85] * 8, 300)
@example([86] * 7, 1)
@example([4000] * 20, 1799)
@example([4000] * 20, 1800)
@example([4600] * 20, 1)
def test_the_right_word_opens_exactly_when_guessing_was_slow_and_rare_enough(gaps: list[int], wait: int) -> None:
    phone = closed()
    for gap in gaps:
        phone.guesses(gap)
    phone.now += timedelta(seconds=wait)
    deaf = phone.must_be_deaf
    sent = phone.hears(SIGNAL)
    assert (phone.conversation.session is None) is deaf
    assert [one.kind for one in sent] == ["cover"] if deaf else "cover" not in [one.kind for one in sent]


@given(GAPS)
def test_whoever_guesses_twenty_times_in_a_day_is_told_to_a_worker(gaps: list[int]) -> None:
    phone = closed()
    due = False
    for gap in gaps:
        phone.guesses(gap)
        due = due or phone.within(DAY) >= 20
    assert (("P2", "task.slow_guessing") in phone.tasks) is due


def test_seven_in_ten_minutes_for_ever_is_heard_of_though_she_opens_it_herself_meanwhile() -> None:
    phone = closed()
    for _ in range(4):
        for _ in range(7):
            phone.guesses(80)
        phone.now += timedelta(hours=1)
        phone.hears(SIGNAL)
        phone.now += MINUTE
        phone.hears("x")
        phone.now += timedelta(hours=1)
    assert ("P2", "task.slow_guessing") in phone.tasks
    assert ("P3", "task.wrong_words") not in phone.tasks, "never so many in a short time"


def test_what_she_slips_herself_just_before_the_right_word_is_forgiven() -> None:
    phone = closed()
    for _ in range(5):
        for _ in range(7):
            phone.guesses(20)
        phone.now += timedelta(seconds=20)
        phone.hears(SIGNAL)
        assert phone.conversation.session is not None
        phone.hears("x")
        phone.now += timedelta(hours=2)
    assert phone.tasks == []
