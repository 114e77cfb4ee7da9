"""What she meant to write is found in what she wrote."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.text.canonical import MAX_READ, canonical, near, numbers, words


@pytest.mark.parametrize(
    "written",
    [
        "sunflower",
        "SunFlower",
        " sun flower!",
        "s\u200bun\u200dflower",
        "ｓｕｎｆｌｏｗｅｒ",
        "\u202esunflower",
        "sún-flöwer",
        "𝐬unflower.\ufe0f",
    ],
)
def test_a_signal_word_is_known_in_any_dress(written: str) -> None:
    assert canonical(written) == "sunflower"


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("DIŞARI ışık", "disariisik"),
        ("İYİ", "iyi"),
        ("Łódź", "lodz"),
        ("cœur", "coeur"),
        ("Straße", "strasse"),
        ("ŵy", "wy"),
        ("don’t", "dont"),
        ("سَـلَامٌ", "سلام"),
        ("أمّي إلى آن ٱلله", "اميالياناللہ".replace("ہ", "ه")),
        ("مدرسة", "مدرسه"),
        ("یک کتاب", "يككتاب"),
        ("٣", "3"),
        ("۳", "3"),
        ("３", "3"),
        ("3️⃣", "3"),
        ("🔟", "10"),
        ("❌", "❌"),
        ("❌️ !", "❌"),
        ("👍🏽", "👍"),
        ("<3", "<3"),
        (" .,;!? ", ""),
        ("\ud800x\x00", "x"),
    ],
)
def test_forms(written: str, form: str) -> None:
    assert canonical(written) == form


def test_indic_vowels_are_letters_and_stay() -> None:
    assert canonical("है") != canonical("हो")


def test_every_letter_of_unicode_folds_to_a_form_that_folds_no_further() -> None:
    for code in range(0, sys.maxunicode + 1, 31):
        form = canonical(chr(code))
        assert canonical(form) == form, hex(code)
    for code in range(0x3000):
        form = canonical(chr(code))
        assert canonical(form) == form, hex(code)


@given(st.text(max_size=200))
def test_canonical_is_idempotent_and_can_be_stored(text: str) -> None:
    form = canonical(text)
    assert canonical(form) == form
    assert form.encode().decode() == form


@given(st.text(max_size=MAX_READ // 20))
def test_case_never_matters(text: str) -> None:
    assert canonical(text.upper()) == canonical(text.lower()) == canonical(text)


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_the_short_way_for_ascii_gives_the_same_as_the_long_way(text: str) -> None:
    assert canonical(text) == canonical(text + "\u200b")
    assert words(text) == words(text + "\u200b")


@given(st.text(max_size=200))
def test_words_joined_are_the_canonical_form(text: str) -> None:
    assert "".join(words(text))[:MAX_READ] == canonical(text)


def test_words_part_at_space_and_punctuation_but_not_at_apostrophes() -> None:
    assert words("He said: don't-ever  CALL\nthem🔪🔪") == ("he", "said", "dont", "ever", "call", "them", "🔪", "🔪")


@pytest.mark.parametrize("long", ["a" * 1_000_000, "é" * 1_000_000, "ﷺ" * 5_000, "z" + "\u0301" * 100_000])
def test_endless_text_is_read_only_so_far(long: str) -> None:
    assert len(canonical(long)) <= MAX_READ


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("8", 8),
        ("afraid 9!", 9),
        ("٨", 8),
        ("۷٫۵", 7.5),
        ("१०", 10),
        ("1️⃣0️⃣", 10),
        ("🔟", 10),
        ("7,5", 7.5),
        ("0.125", 0.125),
        ("1,000", 1000),
        ("1.000.000", 1_000_000),
        ("-3", -3),
        ("−3", -3),
        ("0-10", 0),
        ("covid-19", 19),
        ("8/10", 8),
        ("8.", 8),
        ("s\u200b5", 5),
        ("<3", None),
        ("ten", None),
        ("", None),
        ("9" * 16, None),
        ("9" * 100_000, None),
    ],
)
def test_the_first_number(written: str, number: float | None) -> None:
    assert numbers(written)[:1] == (() if number is None else (number,))


@given(st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1))
def test_any_whole_number_is_read_back(number: int) -> None:
    assert numbers(f"it is {number}") == (number,)


@given(st.text(max_size=300))
def test_numbers_never_fails(text: str) -> None:
    assert all(isinstance(number, int | float) for number in numbers(text))


@pytest.mark.parametrize(
    ("a", "b", "is_near"),
    [
        ("marigold", "marigolt", True),
        ("marigold", "marigol", True),
        ("marigold", "maarigold", True),
        ("marigold", "mraigold", True),
        ("marigold", "marigold", False),
        ("marigold", "mraiglod", False),
        ("marigold", "dlogiram", False),
        ("notsure", "notsue", True),
        ("now", "no", False),
        ("safe", "afe", False),
        ("room1234", "room1235", False),
        ("نعممم", "نعمم", True),
    ],
)
def test_one_letter_wrong(a: str, b: str, is_near: bool) -> None:
    assert near(a, b) is is_near
    assert near(b, a) is is_near


LETTERS = st.text("abcde", min_size=4, max_size=8)


def one_edit(word: str) -> set[str]:
    """All words one edit away, made the long way."""
    pairs = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    deleted = {a + b[1:] for a, b in pairs if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in pairs if len(b) > 1}
    other = {a + c + b[1:] for a, b in pairs if b for c in "abcde"}
    return (deleted | swapped | other | {a + c + b for a, b in pairs for c in "abcde"}) - {word}


@given(LETTERS, st.data())
def test_near_is_exactly_one_edit(word: str, data: st.DataObject) -> None:
    close = one_edit(word)
    other = data.draw(st.sampled_from(sorted(close)) | LETTERS)
    assert near(word, other) is (other in close and len(other) >= 4)
