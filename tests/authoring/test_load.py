"""Folders to one programme: what a programme brings lies over what ships, and everything wrong is told at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.authoring.content import Content
from flows.authoring.extract import gathered
from flows.authoring.files import ProgrammeFile
from flows.authoring.findings import AuthorError
from flows.authoring.load import SHIPPED, check, load_programme
from flows.authoring.sources import sources
from flows.authoring.weights import write_weights
from flows.engine.model import End
from flows.engine.programme import Keep

Write = Callable[..., Content]  # the fixture: texts by path, to all that was read
LOCALES = Path(__file__).parents[2] / "locales"
TODAY = date(2026, 11, 20)


def told(folder: Path) -> list[str]:
    """What `rowan check` says of English; translations of what ships are not this folder's business."""
    found = [finding for finding in check([folder], LOCALES, TODAY) if not finding.file.endswith(".po")]
    return [f"{Path(each.file).name}:{each.line}: {each.problem} {each.hint}" for each in found]


def test_what_ships_is_a_programme() -> None:
    programme = load_programme([SHIPPED], LOCALES)
    assert {"join", "checkin", "crisis_plan", "talk", "menu"} <= programme.flows.keys()
    assert "recipes" in programme.covers
    assert programme.instruments["checkin"].flow == "checkin"
    assert programme.reader.read("he has a knife")
    assert "engine/again" in programme.own
    assert "ar" in programme.catalogues.languages


def test_a_programme_lies_over_what_ships(tmp_path: Path, write: Write) -> None:
    write(library__talk="flow: talk\nabout: Our own.\nstart: a\nsteps:\n  a: {end: Our own words.}\n")
    programme = load_programme([SHIPPED, tmp_path], LOCALES)
    assert programme.flows["talk"].steps["a"] == End("a", "Our own words.")
    assert "crisis_plan" in programme.flows
    assert {"recipes", "tea"} <= programme.covers.keys()
    assert programme.rules.opening == "hello"


def test_settings_are_read_and_the_rest_is_as_safety_has_it(tmp_path: Path, write: Write) -> None:
    text = "joining: hello\nopening: hello\nmenu: hello\ncover: tea\nidle_lock_minutes: 3\nkeyword: orchard\n"
    write(programme=text + "zone: America/Chicago\nfresh_checkin_hours: 0\n")
    rules = load_programme([tmp_path], LOCALES).rules
    assert (rules.idle_lock, rules.worker_lock) == (timedelta(minutes=3), timedelta(minutes=15))
    assert (rules.keyword, rules.zone, rules.cover) == ("orchard", "America/Chicago", "tea")
    assert rules.fresh_checkin == timedelta(0)


def test_a_programme_chooses_from_which_chance_on_a_hint_pages(tmp_path: Path, write: Write) -> None:
    def heard(setting: str) -> bool:
        write(programme=setting)
        write_weights(tmp_path / "signals", {"lantern": 0.0})  # even odds
        return bool(load_programme([SHIPPED, tmp_path], LOCALES).reader.read("the lantern is lit"))

    assert [heard("place: GB\n"), heard("hints_percent: 50\n"), heard("hints_percent: 60\n")] == [True, True, False]


def test_faults_of_all_files_are_told_at_once(tmp_path: Path, write: Write) -> None:
    write(
        library__one="flow: one\n", library__two="flow: [", covers__tea="cover: tea\n", programme="keywort: orchard\n"
    )
    with pytest.raises(AuthorError) as error:
        load_programme([tmp_path], LOCALES)
    assert {Path(finding.file).name for finding in error.value.findings} == {
        "one.yaml", "two.yaml", "tea.yaml", "programme.yaml",
    }  # fmt: skip


def test_a_programme_that_cannot_be_run_on_is_refused(tmp_path: Path, write: Write) -> None:
    write(library__one="flow: one\nabout: x\nstart: a\nsteps:\n  a: {say: Hello., next: b}\n")
    with pytest.raises(AuthorError, match="There is no step b"):
        load_programme([tmp_path], LOCALES)


def test_advice_does_not_stop_a_programme(tmp_path: Path, write: Write) -> None:
    write(library__one="flow: one\nabout: x\nstart: a\nsteps:\n  a: {end: Bye.}\n  b: {end: Bye bye.}\n")
    assert "one" in load_programme([tmp_path], LOCALES).flows
    assert any("No step leads to b" in said for said in told(tmp_path))


def test_a_sound_folder_has_nothing_to_mend(tmp_path: Path, write: Write) -> None:
    write()
    assert told(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("library/hello", "Bad}", "Stop}", "hello.yaml:7: hello/how.bad (en): it offers 'Stop', which carriers catch."),
        ("library/hello", "Bad}", "Yes}", "which carriers catch"),
        ("library/hello", "Bad}", "Good}", "'good' answers both this and hello/how.good"),
        ("library/hello", "I am sorry.", "I am sorry. " * 20, "hello.yaml:10: hello/sorry (en): it takes 2"),
        ("library/hello", "How is it?", "How is it? " * 14, "it takes 2 SMS segments"),
        ("covers/tea", "does not boil.", "does not boil. " * 10, "tea.yaml:3: cover.tea/reply.01 (en): it takes"),
        ("covers/tea", "mint.", "mint for your partner.", "tea.yaml:4: cover.tea/ping.01 (en): a cover"),
        ("covers/tea", "mint.", "mint, see tea.org.", "a cover may not hold"),
        ("covers/tea", "mint.", "mint. Harbour House has it.", "a cover may not hold 'harbour house'"),
    ],
)  # fmt: skip
def test_words_are_checked_as_they_would_be_sent(
    tmp_path: Path, write: Write, path: str, old: str, new: str, said: str
) -> None:
    write()
    settings = tmp_path / "programme.yaml"
    settings.write_text(settings.read_text() + "organisations: [Harbour House]\n")
    file = tmp_path / f"{path}.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    assert any(said in each for each in told(tmp_path)), told(tmp_path)


def test_a_file_says_what_it_is_called(tmp_path: Path, write: Write) -> None:
    write(library__hullo="flow: hello\nabout: x\nstart: a\nsteps:\n  a: {end: Bye.}\n")
    assert told(tmp_path) == [
        "hullo.yaml:1: The file is called hullo.yaml, but this says hello. Write `flow: hullo`, or rename the file."
    ]


def test_nothing_is_silently_left_unread(tmp_path: Path, write: Write) -> None:
    write()
    (tmp_path / "library" / "talk.yml").write_text("flow: talk\n")
    assert told(tmp_path) == ["talk.yml:1: A file of this name is not read. Let its name end in .yaml."]
    assert told(tmp_path / "nowhere") == [
        "nowhere:1: There is no such folder. Name one with library/, covers/ or instruments/."
    ]


def test_every_setting_is_on_its_page_and_no_other() -> None:
    page = (LOCALES.parent / "docs" / "programme.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(ProgrammeFile.model_fields)


# what translators get


def test_every_text_has_its_place_and_choices_follow_their_question(write: Write) -> None:
    found = list(sources(write()))
    assert [(source.id, source.english, source.line) for source in found] == [
        ("hello/how", "How is it?", 6),
        ("hello/how.good", "Good", 7),
        ("hello/how.bad", "Bad", 7),
        ("hello/sorry", "I am sorry.", 10),
        ("hello/bye", "Bye.", 11),
        ("cover.tea/reply.01", "Green tea wants water that does not boil.", 3),
        ("cover.tea/ping.01", "Tea this week: mint.", 4),
    ]
    assert all(source.comment for source in found)
    assert gathered(found)


def test_a_cover_has_one_segment_in_every_script(write: Write) -> None:
    covers = [source for source in sources(write()) if source.id.startswith("cover.")]
    assert {(source.max_length, source.max_ucs2) for source in covers} == {(1, None)}


def test_what_says_nothing_is_not_translated(write: Write) -> None:
    content = write(library__quiet='flow: quiet\nabout: x\nstart: a\nsteps:\n  a: {end: ""}\n')
    assert not [source for source in sources(content) if source.id.startswith("quiet/")]


def test_a_programme_says_for_how_many_days_each_kind_is_kept(tmp_path: Path, write: Write) -> None:
    write(programme="keep: {words: 14, notes: 365}\n")
    assert load_programme([SHIPPED, tmp_path], LOCALES).rules.keep == Keep(talk=30, words=14, notes=365)
    write(programme="keep: {words: 0}\n")
    with pytest.raises(AuthorError, match="words"):
        load_programme([SHIPPED, tmp_path], LOCALES)
