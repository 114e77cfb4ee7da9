"""How well it reads: measured on labelled messages, all invented.

Rows marked `held_out` were written apart from the phrases, and nothing was changed for their sake. Those "written
first" came before the phrases, from the same hand, so they flatter; those "written last" came after the last phrase.
The others were written in rounds, and phrases were added for what they showed; their figures say that nothing was lost
since, not how the reader does on a stranger. "strangers" 1 to 3 were written before the phrases were looked at (the
second hides what it means on purpose) and then widened for; "written last 2" is the fourth such set, and nothing was
changed for it. "rebuild" 1 to 5 did the same for English once its phrases were made of groups, and "written last 3"
came after them; Arabic has 4 to 8 of the same kind as 1 to 3. Spanish has "strangers" 4 to 9 and a "written last 3":
nothing was changed for that set either, but idioms of every day and a few phrases came after it. One hand wrote both
those sets and the phrases; "other hand" sets are another's, each written before it looked at what the phrases make of
it, and phrases were widened for the rows that are not held out.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.authoring.findings import AuthorError
from flows.authoring.learning import URGENT
from flows.authoring.signals import Labelled, Share, evaluate, read_messages, table
from flows.safety.danger import Reader, worst

HERE = Path(__file__).parent
LANGUAGES = ("ar", "cy", "en", "es", "fr", "pl", "pt", "ur")
GOAL = (0.97, 0.75)  # recall and precision of P0 and P1 together that are asked on rows held out, of all languages
RECALL, PRECISION = 0.95, 0.75  # of one language's development rows
PRECISE = 0.72  # of one language's rows held out: 300 of them are right within five hundredths
# Floors under what was measured on held-out rows, so that a loss is seen: of the hand that wrote the phrases, and of
# others, two thirds of whose urgent rows only hint.
OWN_HAND = {"ar": 0.91, "cy": 0.98, "en": 0.95, "es": 0.97, "fr": 0.98, "pl": 0.98, "pt": 0.97, "ur": 0.98}
STRANGERS = {"ar": 0.95, "cy": 0.96, "en": 0.95, "es": 0.93, "fr": 0.96, "pl": 0.91, "pt": 0.93, "ur": 0.92}
THEIR_NOTES = ("other hand", "round ", "harmless")


@pytest.mark.parametrize("language", LANGUAGES)
def test_recall_and_precision_of_what_pages_a_worker(
    reader: Reader, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = read_messages(HERE / f"messages.{language}.csv")
    scores = evaluate(reader, rows)
    with capsys.disabled():
        print("\n" + table(s for s in scores if s.tier == "P0/P1"))
    (urgent,) = [s for s in scores if s.part == "development" and s.tier == "P0/P1"]
    assert (urgent.recall.share or 0) >= RECALL
    assert (urgent.precision.share or 0) >= PRECISION
    (unseen,) = [s for s in scores if s.part == "held out" and s.tier == "P0/P1"]
    assert (unseen.precision.share or 0) >= PRECISE
    for strange, floor in ((False, OWN_HAND[language]), (True, STRANGERS[language])):
        of_them = [row for row in rows if row.held_out and any(note in row.note for note in THEIR_NOTES) is strange]
        (theirs,) = [s for s in evaluate(reader, of_them) if s.tier == "P0/P1"]
        assert (theirs.recall.share or 0) >= floor


def test_the_goal_is_reached_on_what_was_held_out(reader: Reader) -> None:
    rows = [row for lang in LANGUAGES for row in read_messages(HERE / f"messages.{lang}.csv") if row.held_out]
    paged = [(row.tier in URGENT, worst(reader.read(row.text, row.language)) in URGENT) for row in rows]
    right = sum(urgent and read for urgent, read in paged)
    recall, precision = right / sum(urgent for urgent, _ in paged), right / sum(read for _, read in paged)
    assert recall >= GOAL[0]
    assert precision >= GOAL[1]


@pytest.mark.parametrize(
    ("language", "least"),
    [("en", 150), ("ar", 120), ("cy", 120), ("es", 120), ("ur", 300), ("fr", 300), ("pl", 300), ("pt", 120)],
)
def test_the_sets_are_large_hard_and_each_message_is_there_once(language: str, least: int) -> None:
    rows = read_messages(HERE / f"messages.{language}.csv")
    assert len(rows) >= least
    assert len({row.text for row in rows}) == len(rows)
    assert sum(row.held_out for row in rows) >= len(rows) / 8
    assert sum(row.tier is None for row in rows) >= len(rows) / 4
    assert all(any(row.tier == tier for row in rows if row.held_out) for tier in ("P0", "P1", "P2", None))


def test_everyday_messages_page_nobody(reader: Reader) -> None:
    everyday = [
        row for lang in LANGUAGES for row in read_messages(HERE / f"messages.{lang}.csv") if row.note == "everyday"
    ]
    raised = [row.text for row in everyday if reader.read(row.text, row.language)]
    assert len(everyday) > 300
    assert len(raised) <= len(everyday) / 50, raised


def test_the_table_counts_what_was_really_read(reader: Reader) -> None:
    rows = [
        Labelled("he has a knife", "P0", "en"),
        Labelled("he strangled me", "P1", "en"),
        Labelled("qwertyuiop", "P1", "en"),  # missed
        Labelled("he has a knife", None, "en"),  # raised wrongly
        Labelled("good morning", None, "en"),
        Labelled("tengo miedo", "P2", "es", held_out=True),
    ]
    scores = {(s.language, s.part, s.tier): s for s in evaluate(reader, rows)}
    both = scores["en", "development", "P0/P1"]
    assert (both.recall, both.precision) == (Share(2, 3), Share(2, 3))
    assert scores["en", "development", "P0"].precision == Share(1, 2)
    assert scores["es", "held out", "P2"].recall == Share(1, 1)
    assert scores["es", "held out", "P0/P1"].recall.share is None
    assert "66.7%" in table(scores.values())


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 0, 0, 1), (0, 10, 0, 0.278), (10, 10, 0.722, 1), (95, 100, 0.888, 0.978)]
)
def test_wilson_s_interval(hits: int, of: int, low: float, high: float) -> None:
    assert Share(hits, of).interval == pytest.approx((low, high), abs=0.001)


def test_rows_from_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,tier,language\nhe has a knife,P0,\ntengo miedo,P2,es\nhello,,\n", encoding="utf-8")
    assert [(r.tier, r.language) for r in read_messages(path)] == [("P0", "en"), ("P2", "es"), (None, "en")]
    assert read_messages(path, "cy")[0].language == "cy"


@pytest.mark.parametrize(
    ("text", "place"), [("message,tier\nx,P0\n", ":1:1:"), ("text,tier\nhello,\nx,urgent\n", ":3:1:"), ("", ":1:1:")]
)
def test_a_file_that_cannot_be_used_says_where(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AuthorError) as caught:
        read_messages(path)
    assert place in str(caught.value)


def test_the_page_shows_the_figures_of_today(reader: Reader) -> None:
    rows = [row for lang in LANGUAGES for row in read_messages(HERE / f"messages.{lang}.csv")]
    urgent = table(score for score in evaluate(reader, rows) if score.tier == "P0/P1")
    page = (HERE.parents[1] / "docs/danger-words.md").read_text(encoding="utf-8")
    assert urgent in page, "write the table anew: rowan signals --evaluate tests/signals"
