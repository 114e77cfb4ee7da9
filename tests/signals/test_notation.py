"""How danger words are written down, and what an author is told who writes them wrongly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.authoring.findings import AuthorError
from flows.authoring.signals import read_signals
from flows.safety.danger import Reader, worst
from flows.safety.danger_phrase import MAX_PARTS, MAX_SPELLINGS, Notation, PhraseError, spellings

Little = Callable[..., Reader]

THREAT = "    tier: P1\n    meaning: threat to life\n    says: A threat\n"


def one(phrase: str, more: str = "") -> str:
    return f"{more}entries:\n  threat.kill:\n{THREAT}    phrases:\n      - {phrase}\n"


def test_endings_in_brackets() -> None:
    assert spellings("kill(s|ed)?") == ["kill", "kills", "killed"]
    assert spellings("(un)?lock(ed|s(es)?)") == ["locked", "locks", "lockses", "unlocked", "unlocks", "unlockses"]


def test_a_gap_lets_so_many_words_through_and_no_more(little: Little) -> None:
    reader = little(one("kill ~2 me"))
    assert reader.read("kill me")
    assert reader.read("kill all of me")
    assert not reader.read("kill this and then me")


def test_words_without_a_gap_must_follow_at_once(little: Little) -> None:
    reader = little(one("kill me"))
    assert reader.read("will kill me now")
    assert not reader.read("kill for me")
    assert not reader.read("me kill")


def test_fillers_break_nothing(little: Little) -> None:
    reader = little(one("kill me", "fillers: [fucking, really]\n"))
    assert reader.read("kill fucking me")
    assert reader.read("kill really fucking me")
    assert not reader.read("kill really really fucking me")


def test_groups_and_alternatives(little: Little) -> None:
    reader = little(one("WILL kill|murder US", "words:\n  US: [me, all_of_us]\n  WILL: [will, going_to]\n"))
    assert reader.read("going to murder all of us")
    assert reader.read("will kill me")
    assert not reader.read("going kill me")
    assert not reader.read("will kill all of")


def test_numbers_in_a_range_of_any_script(little: Little) -> None:
    reader = little(one("afraid 8..10"))
    assert reader.read("afraid 8")
    assert reader.read("afraid ١٠")
    assert not reader.read("afraid 7")


def test_a_sentence_s_ends(little: Little) -> None:
    reader = little(one("^ danger $"))
    assert reader.read("danger")
    assert reader.read("I came home. Danger! And then")
    assert reader.read("ok\ndanger\n")
    assert not reader.read("a danger")
    assert not reader.read("danger here")


def test_what_an_entry_is_not(little: Little) -> None:
    reader = little(one("afraid ~3 10", "") + "    unless:\n      - 0..7 ~2 10\n")
    assert reader.read("afraid 10")
    assert not reader.read("afraid 3 of 10")


def test_prefixes_and_suffixes_are_written_on(little: Little) -> None:
    assert little(one("سكين", "prefixes: [و]\n")).read("وسكين")
    assert little(one("taro ~1 plant", "suffixes: [r]\n")).read("taro'r plant")


def test_a_language_written_by_ear_has_free_vowels(little: Little) -> None:
    reader = little(one("yi2tilni", "alike: {q: '2', '7': h}\n"))
    assert all(reader.read(word) for word in ("ye2telni", "yo2tlni", "yeqtolni", "y2tlni"))
    assert not reader.read("ye2telna2")
    assert not reader.read("y2tl")


def test_a_phrase_may_hold_its_own_denial(little: Little) -> None:
    denial = "negation: {cues: ['no', cannot], through: [a]}\n"
    assert little(one("cannot|hardly breathe", denial)).read("i cannot breathe")
    assert not little(one("hardly|cannot breathe", denial)).read("no hardly breathe")


def test_a_lowered_tier_is_data(little: Little) -> None:
    past = "past: {signs: [last_year], present: [now]}\n"
    assert worst(little(one("kill me", past)).read("last year kill me")) == "P2"
    kept = one("kill me", past).replace("says: A threat\n", "says: A threat\n    lowered: P1\n")
    assert worst(little(kept).read("last year kill me")) == "P1"


@pytest.mark.parametrize(
    ("phrase", "at"),
    [
        ("kill ~3", 0),
        ("~2 me", 0),
        ("kill ~7 me", 5),
        ("kill ~x me", 5),
        ("kill (me", 5),
        ("kill m)e", 5),
        ("kill ME", 5),
        ("kill m*", 5),
        ("kill |me", 5),
        ("kill $ me", 7),
        ("kill me _", 8),
        (" ".join(["a"] * (MAX_PARTS + 1)), 0),
        ("(a|b|c|d)" * 8, 0),
    ],
)
def test_a_phrase_that_cannot_be_read_says_where(phrase: str, at: int) -> None:
    with pytest.raises(PhraseError) as caught:
        Notation().phrase(phrase)
    assert caught.value.at == at
    assert caught.value.hint


def test_the_growth_of_brackets_is_bounded() -> None:
    with pytest.raises(PhraseError, match=str(MAX_SPELLINGS)):
        spellings("(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)")


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        (one("kill (me"), "8:14", "brackets"),
        (one("kill me") + "      - kill me\n", "9:9", "already in line 8"),
        (one("kill me").replace("P1", "P7"), "4:11", "P7"),
        (one("kill me").replace("threat to life", "gossip"), "5:14", "gossip"),
        (one("kill me").replace("    says: A threat\n", ""), "3:3", "described in part"),
        (one("kill me").replace("    says: A threat\n", "    says: A threat\n    lowered: P0\n"), "3:3", "above P1"),
        (one("kill me", "words:\n  ME: [(me]\n"), "3:3", "brackets"),
        (one("kill me", "fillers: [two words]\n"), "2:11", "not one word"),
        (one("kill me", "idiom: [x]\n"), "2:1", "no key"),
        (one("kill me").replace(THREAT, ""), "3:3", "described nowhere"),
        (one("kill me").replace("threat.kill", "Threat"), "3:3", "no name"),
        (one("kill me", "negation: {through: [a]}\n"), "2:1", "`cues` is missing"),
    ],
)
def test_an_author_is_told_the_line_and_what_is_wrong(tmp_path: Path, text: str, place: str, problem: str) -> None:
    path = tmp_path / "en.yaml"
    path.write_text(f"language: en\n{text}", encoding="utf-8")
    with pytest.raises(AuthorError) as caught:
        read_signals(tmp_path)
    (finding,) = caught.value.findings
    assert str(finding).startswith(f"{path}:{place}: ")
    assert problem in str(finding)
    assert finding.hint


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "en.yaml").write_text("language: en\n" + one("kill ~9 me"), encoding="utf-8")
    (tmp_path / "es.yaml").write_text("language: es\n" + one("matar ("), encoding="utf-8")
    with pytest.raises(AuthorError) as caught:
        read_signals(tmp_path)
    assert [Path(f.file).name for f in caught.value.findings] == ["en.yaml", "es.yaml", "es.yaml"]
    assert "already described" in str(caught.value)


def test_a_file_is_named_for_its_language(tmp_path: Path) -> None:
    (tmp_path / "fr.yaml").write_text("language: en\n" + one("kill me"), encoding="utf-8")
    with pytest.raises(AuthorError, match="file's name"):
        read_signals(tmp_path)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match="no danger words"):
        read_signals(tmp_path)
