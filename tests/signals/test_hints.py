"""Hints: learned weights, added up. What they are learned from, what they see, and where they keep quiet."""

from __future__ import annotations

import csv
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.authoring.findings import AuthorError
from flows.authoring.learning import learn
from flows.authoring.signals import SIGNALS, Labelled, read_messages
from flows.authoring.weights import NAME, read_weights, write_weights
from flows.safety.danger import HINT, Reader, worst
from flows.safety.danger_hints import BIAS, LEAST, LONGEST, SIZES, STRETCH, UNKNOWN, Hints, pieces_of, seams_of

HERE = Path(__file__).parent
WEIGHTS = {BIAS: -1.0, " door ": 1.0, "he doo": 1.2, "aga": 0.25, " tea ": -3.0}


def test_the_table_is_what_the_labelled_messages_teach(reader: Reader) -> None:
    rows = [row for path in sorted(HERE.glob("messages.*.csv")) for row in read_messages(path)]
    taught, kept = learn(rows, reader), read_weights(SIGNALS)
    assert taught.keys() == kept.keys(), "learn them anew: rowan signals --learn tests/signals"
    assert max(abs(taught[said] - kept[said]) for said in kept) <= 0.02  # another machine may round otherwise


def test_nothing_is_learned_from_what_is_held_out() -> None:
    rows = [Labelled("he waits by the gate", "P1", "en"), Labelled("she waits by the gate", None, "en")] * 5
    hidden = [Labelled("purple socks everywhere", "P0", "en", held_out=True)] * 9
    assert learn(rows, Reader()) == learn([*rows, *hidden], Reader())


def test_learning_is_the_same_in_any_order(reader: Reader) -> None:
    rows = list(read_messages(HERE / "messages.cy.csv"))[:300]
    assert learn(rows, reader) == learn(rows[::-1], reader)


def test_words_that_sound_urgent_together_are_seen_with_what_weighed_most() -> None:
    hints = Hints(WEIGHTS)
    assert hints.seen(["he", "stands", "at", "the", "door", "again"]) == "door … again … the door"
    assert hints.seen(["tea", "at", "the", "door", "again", "please"]) == ""


def test_a_short_answer_and_a_long_letter_are_no_hint_by_their_length() -> None:
    hints = Hints({BIAS: -1.0, "the": 0.1, " door ": 9.0})
    assert hints.seen(["door"] * (LEAST - 1)) == ""
    assert hints.seen(["door"] * LEAST) == "door"
    letter = [f"{word}{n}" for n in range(300) for word in ("the", "road")]
    slight = Hints({BIAS: -1.0, " the": 2.0 / STRETCH, " road": 2.0 / STRETCH}, 80)
    assert sum(slight.weighed(letter).values()) > 20
    assert slight.seen(letter) == ""


def test_they_page_from_the_chance_that_is_asked_of_them() -> None:
    even = {BIAS: -1.0, " door ": 1.0}
    assert [bool(Hints(even, percent).seen(["a", "door", "and", "tea"])) for percent in (40, 50, 51)] == [
        True,
        True,
        False,
    ]


def test_where_a_phrase_was_put_aside_even_odds_are_asked_at_least() -> None:
    for percent, weight, told in ((33, 0.9, False), (33, 1.1, True), (75, 1.1, False)):
        hints = Hints({BIAS: -1.0, " door ": weight}, percent)
        assert bool(hints.seen(["a", "door", "and", "tea"], aside=True)) is told
    assert Hints({BIAS: -1.0, " door ": 0.9}, 33).seen(["a", "door", "and", "tea"])


def test_a_word_that_is_known_weighs_itself_and_another_what_its_pieces_do() -> None:
    weights = {"no": 0.125, "no ": 0.0625, "now": 9.0, " nor ": 4.0}
    assert Hints(weights).weighed(["no", "nor"]) == {"no": 0.1875, "nor": 4.0, "no nor": 0.0}
    assert sorted(pieces_of("so")) == [" s", " so", " so ", "o ", "so", "so "]
    assert max(map(len, pieces_of("long" * 1000))) == SIZES[-1]
    assert len(pieces_of("long" * 1000)) <= len(SIZES) * (LONGEST + 2)


def test_each_word_and_each_two_in_a_row_weigh_once() -> None:
    weights = {" no ": 1.0, "no no": 0.25}
    assert Hints(weights).weighed(["no"] * 5) == {"no": 1.0, "no no": 0.75}
    assert seams_of("stands", "waiting") == ("ds wai", "nds wa", "ands wait")


def test_a_word_of_a_family_that_is_known_is_weighed_though_nobody_has_said_it() -> None:
    followed = Hints({BIAS: -0.5, " foll": 0.25})
    assert followed.seen(["these", "followings", "never", "end"])
    assert not followed.seen(["this", "hollow", "never", "ends"])


def test_one_word_that_nobody_had_written_does_not_page_by_itself_and_several_do() -> None:
    hints = Hints({BIAS: -1.0, " foll": 9.0, "ow": -9.0})
    assert hints.weighed(["follies", "cow"]) == {"follies": UNKNOWN, "cow": -UNKNOWN, "follies cow": 0.0}
    assert not hints.seen(["these", "follies", "never", "end"])
    assert hints.seen(["folly", "folliest", "follies", "foller"]) == "folly … folliest … follies … foller"


@given(st.lists(st.text("adehort", min_size=1, max_size=6), min_size=LEAST, max_size=12))
def test_what_is_left_out_of_the_sum_cannot_change_it(words: list[str]) -> None:
    weights = {
        BIAS: -1.0,
        " the ": -0.4,
        " door ": 0.75,
        "o": 9.0,
        "do": 0.2,
        "he": -0.15,
        "he doo": 1.25,
        "or th": 0.5,
    }
    hints, pages = Hints(weights, 50), 1.0
    assert bool(hints.seen(words)) is (sum(hints.weighed(words).values()) >= pages - 1e-9)


def test_it_is_weighed_the_same_whether_it_was_pickled() -> None:
    hints = Hints(WEIGHTS)
    hints.prepare()
    kept = pickle.dumps(hints)
    assert len(kept) < 1_000, "tables are made anew: they would be the largest part of what is kept"
    again: Hints = pickle.loads(kept)  # noqa: S301 - made a line above
    assert again.weighed(["door"]) == hints.weighed(["door"])


def test_a_hint_speaks_alone_or_beside_what_does_not_page() -> None:
    told = Reader(hints=Hints({" four ": 9.0})).read("any four words here")
    assert [(match.entry, match.tier) for match in told] == [(HINT.id, "P1")]


LITTLE = """
entries:
  hits: {tier: P0, meaning: violence, says: Speaks of blows, phrases: [hit me]}
  fears: {tier: P2, meaning: fear, says: Speaks of fear, phrases: [afraid]}
negation: {cues: [not]}
"""


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("he hit me very hard", ["hits"]),  # a phrase pages: nothing to add
        ("he has not hit me", []),
        ("he has not hit me, it is killing", [HINT.id]),
        ("the killing makes me afraid", [HINT.id, "fears"]),
    ],
)
def test_what_is_denied_weighs_nothing_and_a_message_that_pages_is_not_weighed(
    little: Callable[..., Reader], tmp_path: Path, text: str, entries: list[str]
) -> None:
    write_weights(tmp_path, {" kill": 9.0, " hit ": 9.0})
    assert [match.entry for match in little(LITTLE).read(text)] == entries


@pytest.mark.parametrize(
    ("text", "language", "least"),
    [
        ("he used to hit me", "en", "P2"),
        ("he used to hit me years ago when we were young", "en", "P2"),
        ("he hasn't hit me this week", "en", None),
        ("no tiene ningún arma", "es", None),
    ],
)
def test_what_a_phrase_lowers_or_a_denial_takes_away_pages_nobody_by_a_hint(
    reader: Reader, text: str, language: str, least: str | None
) -> None:
    assert worst(reader.read(text, language)) == least


def test_a_message_that_hints_is_read_and_everyday_ones_are_not(reader: Reader) -> None:
    rows = [row for path in HERE.glob("messages.*.csv") for row in read_messages(path) if row.held_out]
    hinted = [row for row in rows if any(match.entry == HINT.id for match in reader.read(row.text, row.language))]
    right = sum(row.tier in ("P0", "P1") for row in hinted)
    assert len(hinted) > 50
    assert right / len(hinted) > 0.5  # they page from less than even odds, and most of them from more


def test_a_table_that_is_none_says_so(tmp_path: Path) -> None:
    assert read_weights(tmp_path) == {}
    write_weights(tmp_path, {"a door": 1.5, 'with "quotes", too': -0.25})
    assert read_weights(tmp_path) == {"a door": 1.5, 'with "quotes", too': -0.25}
    for broken in ("words,weight\ndoor,heavy\n", "door,1\n", "words,weight\ndoor\n", "\0"):
        (tmp_path / NAME).write_text(broken)
        with pytest.raises(AuthorError, match="no table of weights"):
            read_weights(tmp_path)


def test_the_table_is_sorted_and_each_line_is_there_once() -> None:
    with (SIGNALS / NAME).open(encoding="utf-8", newline="") as file:
        said = [row[0] for row in csv.reader(file)][1:]
    assert said == sorted(set(said))
