"""An SMS costs what the carrier counts, and no letter arrives in two halves."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.text.segments import GSM_PART, UCS_PART, count, parts

EXTENDED = "^{}[]~\\|€"
FAMILY = "👩\u200d👩\u200d👧"
FLAG = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"  # Wales


@pytest.mark.parametrize(
    ("text", "encoding", "segments", "units"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 1, 160),
        ("a" * 161, "GSM-7", 2, 161),
        ("a" * 306, "GSM-7", 2, 306),
        ("a" * 307, "GSM-7", 3, 307),
        ("€" * 80, "GSM-7", 1, 160),
        ("€" * 81, "GSM-7", 2, 162),
        ("é" * 160, "GSM-7", 1, 160),
        ("á" * 70, "UCS-2", 1, 70),
        ("á" * 71, "UCS-2", 2, 71),
        ("ن" * 134, "UCS-2", 2, 134),
        ("ن" * 135, "UCS-2", 3, 135),
        ("😀" * 35, "UCS-2", 1, 70),
        ("😀" * 36, "UCS-2", 2, 72),
    ],
)
def test_figures_of_the_standard(text: str, encoding: str, segments: int, units: int) -> None:
    counted = count(text)
    assert (counted.encoding, counted.segments, counted.units) == (encoding, segments, units)


def test_the_letters_that_cost_are_named_once_each() -> None:
    assert count("cómo está él").costly == ("ó", "á")
    assert count("Tschüß, señor ¿qué?").costly == ()


def test_an_escaped_letter_at_the_border_moves_to_the_next_segment() -> None:
    assert [len(part) for part in parts("a" * 152 + "€" + "b" * 152)] == [152, 152, 1]
    assert count("a" * 152 + "€" + "b" * 152).segments == 3, "by units alone it would be two"


@pytest.mark.parametrize("grapheme", ["e\u0301", FAMILY, FLAG, "👍🏽", "🇺🇦", "❤️", "\r\n", "نّ", "😀"])
def test_a_grapheme_at_the_border_stays_whole(grapheme: str) -> None:
    for before in range(60, 70):
        cut = parts("ж" * before + grapheme + "ж" * 40)
        assert sum(grapheme in part for part in cut) == 1, before


def test_flags_are_pairs_wherever_the_border_falls() -> None:
    cut = parts("ж" * 4 + "🇺🇦" * 40)
    assert all(part.lstrip("ж").replace("🇺🇦", "") == "" for part in cut)


def test_one_letter_with_ten_thousand_marks_is_cut_and_ends() -> None:
    cut = parts("z" + "\u0301" * 10_000)
    assert "".join(cut) == "z" + "\u0301" * 10_000
    assert max(map(len, cut)) == UCS_PART


MIXED = st.text(st.sampled_from("ab€[^é\n\r ñ"), max_size=500)
WILD = st.lists(
    st.sampled_from(["a", "€", "ж", "e\u0301", FAMILY, FLAG, "🇺🇦", "👍🏽", "😀", "ن", "\ud800"]), max_size=90
)


@given(MIXED)
def test_gsm_segments_hold_the_text_and_never_part_an_escape(text: str) -> None:
    cut = parts(text)
    assert "".join(cut) == text
    sizes = [len(part) + sum(part.count(letter) for letter in EXTENDED) for part in cut]
    assert len(cut) <= 1 or max(sizes) <= GSM_PART
    assert count(text).segments == len(cut)
    assert count(text).units == sum(sizes)


@given(WILD.map("".join))
def test_ucs2_segments_hold_the_text_and_never_part_a_grapheme(text: str) -> None:
    cut = parts(text)
    assert "".join(cut) == text
    if count(text).encoding == "UCS-2" and len(cut) > 1:
        assert max(len(part.encode("utf-16-le", "surrogatepass")) // 2 for part in cut) <= UCS_PART
        assert not any(unicodedata.combining(part[0]) or part[0] == "\u200d" or part[-1] == "\u200d" for part in cut)


@given(st.text(max_size=400))
def test_any_text_at_all_is_counted(text: str) -> None:
    counted = count(text)
    assert counted.segments == len(parts(text))
    assert (counted.segments == 0) == (text == "")
    assert (counted.encoding == "UCS-2") == bool(counted.costly)
