"""What an author of an instrument gets told, each at its line; and that items become a flow like any other."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from flows.authoring.content import read_content
from flows.authoring.draw import draw
from flows.authoring.instrument_file import InstrumentFile, ItemFile, LicenceFile
from flows.authoring.load import SHIPPED, check, load_programme
from flows.authoring.sources import sources
from flows.engine.model import Ask, Assess, End, Recurrence
from tests.instruments.conftest import LICENSED, LOCALES

FORM = """\
instrument: pond
version: "1"
source: Invented for tests
schedule: {after: 14, every: 28}
opening: "May we ask three questions?"
closing: "Thank you. X hides this chat."
items:
  - {id: deep, ask: "Invented: was the pond deep?", tier: P1, group: water}
  - id: wide
    ask: "Invented: was the pond wide?"
    answers: {very: Very wide, rather: Rather wide, hardly: Hardly}
    weights: {very: 3, rather: 1}
    tiers: {very: P2}
    fine: hardly
  - {id: cold, ask: "Invented: was the pond cold?", weight: 2, group: water}
bands:
  - {from: 0, tier: P3, says: "Pond: {score.total}, {score.unanswered} left out"}
  - {from: 4, tier: P1, says: "Pond: {score.total}"}
rules:
  - {id: pond.water, tier: P2, when: "score.water >= 3 && cold == 'yes'", says: "Water {score.water}"}
"""

WATER = "score.water >= 3 && cold == 'yes'\", says: \"Water {score.water}"


def told(tmp_path: Path, text: str, name: str = "pond") -> list[str]:
    (tmp_path / "instruments").mkdir(exist_ok=True)
    (tmp_path / "instruments" / f"{name}.yaml").write_text(text)
    found = check([SHIPPED, tmp_path], LOCALES, date(2026, 11, 20))
    return [f"{f.line}:{f.column}: {f.problem} {f.hint}" for f in found if f.file.endswith(f"{name}.yaml")]


def test_a_sound_one_has_nothing_to_mend(tmp_path: Path) -> None:
    assert told(tmp_path, FORM) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("source: Invented for tests\n", "", "1:1: An instrument with items needs `source`."),
        ("closing:", "flow: pond\nclosing:", "1:1: An instrument with items has no `flow`."),
        ("tier: P1, group", "teir: P1, group", "8:53: `teir` is no key that is known here. Did you mean `tier`?"),
        ("id: wide", "id: deep", "9:9: The item deep is here a second time."),
        ("id: wide", "id: rest", "9:9: An item cannot be called rest."),
        ("id: wide", "id: score", "9:9: An item cannot be called score."),
        ("group: water}\n  - id", "group: total}\n  - id", "8:70: A group cannot be called total."),
        ("{very: 3, rather: 1}", "{very: 3, rathe: 1}", "12:24: `rathe` is no answer to wide. Did you mean `rather`?"),
        ("{very: 3, rather: 1}", "{very: -3}", "12:21: `very` is out of bounds."),
        ("weights: {very: 3, rather: 1}", "weight: 3", "12:5: `weight` is that of the answer yes, which is not"),
        ("    weights:", "    weight: 1\n    weights:", "`weight` and `weights` are both here."),
        ("tiers: {very: P2}", "tiers: {verry: P2}", "13:13: `verry` is no answer to wide. Did you mean `very`?"),
        ("    fine: hardly\n", "", "9:9: `wide` does not say what a duress word answers here."),
        ("fine: hardly", "fine: scarcely", "14:11: `scarcely` is no answer to wide."),
        ("from: 4", "from: 0", "18:12: This band begins at 0, not above the one before."),
        ("from: 4", "from: 40", "18:12: All answers together give 6 points, so never 40."),
        ("Pond: {score.total}\"}", "Pond: {score.totl}\"}", "{score.totl} is not read by this rule"),
        (WATER, 'score.watter >= 3", says: "Water', "Nothing answers score.watter. Did you mean `score.water`?"),
        ("score.water >= 3", "score.water >= 30", "20:39: This is never true."),
        ("cold == 'yes'", "cold == 'yess'", "`cold` is never 'yess'. Did you mean `yes`?"),
        ("May we ask", "May we ask {score.total} of", "5:10: Nothing is filled in here."),
        ("after: 14", "after: soon", "`soon` is no whole number"),
        ("id: pond.water", "id: pond.from_4", "The id pond.from_4 is here a second time."),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_at_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert FORM.count(old) == 1, old
    found = told(tmp_path, FORM.replace(old, new))
    assert any(said in each for each in found), found


def test_nine_items_want_a_rest(tmp_path: Path) -> None:
    items = "".join(f"  - {{id: i{n}, ask: 'Invented {n}?', tier: P2}}\n" for n in range(9))
    head = FORM[: FORM.index("items:")]
    assert told(tmp_path, f"{head}items:\n{items}") == [
        "7:1: 9 items are asked without a rest, and 8 is the most. Add `rest:` with words that ask whether to go on."
    ]
    assert told(tmp_path, f"{head}rest: 'Half of it. Go on?'\nitems:\n{items}") == []


def test_items_that_nobody_would_act_on(tmp_path: Path) -> None:
    head = FORM[: FORM.index("items:")]
    found = told(tmp_path, f"{head}items:\n  - {{id: a, ask: 'Invented?'}}\n")
    assert found == [
        "7:1: Nothing that is answered here would ever be acted on. Add `bands`, `rules`, or a `tier` to an item."
    ]


def test_a_day_that_is_none(tmp_path: Path) -> None:
    licence = "licence: {holder: Somebody, permission: P-1, until: 31.3.2027}\n"
    (found,) = told(tmp_path, FORM.replace("schedule:", f"{licence}schedule:"))
    assert found == "4:53: `31.3.2027` is no day. Write year, month and day: 2027-03-31."


def test_a_flow_of_that_name_is_not_hidden(tmp_path: Path) -> None:
    (found,) = told(tmp_path, FORM.replace("instrument: pond", "instrument: talk"), "talk")
    assert found.startswith("1:13: There is already a flow talk in ")


def test_an_instrument_without_items_is_as_it_was(tmp_path: Path) -> None:
    assert told(tmp_path, 'instrument: talk\nversion: "1"\nflow: talk\n', "talk") == [
        "1:1: An instrument without items needs `rules`. See docs/instruments.md."
    ]


# the flow


def test_the_flow_asks_permission_then_items_then_weighs(tmp_path: Path) -> None:
    told(tmp_path, FORM)
    flow = load_programme([SHIPPED, tmp_path], LOCALES).flows["pond"]
    assert list(flow.steps) == ["opening", "deep", "wide", "cold", "weigh", "closing", "not_now"]
    assert (flow.start, flow.watch, flow.schedule) == ("opening", "pond", Recurrence(14, 28))
    deep, wide = flow.steps["deep"], flow.steps["wide"]
    assert isinstance(deep, Ask)
    assert isinstance(wide, Ask)
    assert [choice.name for choice in deep.choices] == ["yes", "no", "unsure"]
    assert (deep.fine, wide.fine) == ("no", "hardly")
    assert isinstance(flow.steps["weigh"], Assess)
    assert flow.steps["not_now"] == End("not_now", "", later=True)


def test_translators_get_every_word_with_its_line(tmp_path: Path) -> None:
    told(tmp_path, FORM)
    found = {s.id: s for s in sources(read_content([SHIPPED, tmp_path])) if s.id.startswith("pond/")}
    assert list(found)[:6] == [
        "pond/opening", "pond/opening.yes", "pond/opening.no", "pond/deep", "pond/deep.yes", "pond/deep.no",
    ]  # fmt: skip
    assert (found["pond/wide.rather"].english, found["pond/wide.rather"].line) == ("Rather wide", 11)
    assert (found["pond/closing"].english, found["pond/closing"].line) == ("Thank you. X hides this chat.", 6)


def test_words_that_may_not_be_shortened_have_more_room() -> None:
    found = {s.id: s.max_length for s in sources(read_content([SHIPPED, LICENSED]))}
    assert (found["orchard/q01"], found["baseline/hurt"]) == (3, 1)


def test_it_is_drawn() -> None:
    drawn = draw("meadow", "mermaid", [SHIPPED, LICENSED])
    assert "Invented item 11" in drawn
    assert "That is half of it" in drawn


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    page = (LOCALES.parent / "docs" / "instruments.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert told(tmp_path, example, "harbour") == []


def test_every_key_is_on_the_page() -> None:
    page = (LOCALES.parent / "docs" / "instruments.md").read_text(encoding="utf-8")
    for model in (InstrumentFile, ItemFile, LicenceFile):
        keys = {field.alias or name for name, field in model.model_fields.items()} - {"flow"}
        assert [key for key in sorted(keys) if f"`{key}`" not in page and f"{key}:" not in page] == []
