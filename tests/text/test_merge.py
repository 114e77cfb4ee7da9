"""Writers reword, drop and bring back; translators lose nothing."""

from pathlib import Path

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.authoring.extract import Source, template, write
from flows.authoring.findings import AuthorError
from flows.authoring.merge import merged, update
from flows.text.languages import Language, PluralRule

ES = Language("es", "Spanish", "Español")
CY = Language("cy", "Welsh", "Cymraeg", plural=PluralRule.parse("nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);"))


def source(message_id: str, english: str, plural: str | None = None) -> Source:
    return Source(message_id, english, "flows/library/checkin.yaml", 7, plural=plural)


def translated(sources: list[Source], **texts: str) -> polib.POFile:
    catalogue = merged(None, sources, ES)
    for entry in catalogue:
        entry.msgstr = texts.get(entry.msgctxt, "")
    return catalogue


def entry(catalogue: polib.POFile, message_id: str) -> polib.POEntry:
    return next(e for e in catalogue if e.msgctxt == message_id)


def reread(catalogue: polib.POFile, tmp: Path) -> polib.POFile:
    write(catalogue, tmp / "x.po")
    return polib.pofile(str(tmp / "x.po"), encoding="utf-8", wrapwidth=-1)


def test_a_new_text_is_there_to_translate_with_its_note() -> None:
    found = entry(merged(None, [Source("a", "Hello", "/home/me/flows/library/a.yaml", 3, "A greeting.", 1)], ES), "a")
    assert (found.msgid, found.msgstr, found.fuzzy) == ("Hello", "", False)
    assert found.comment == "A greeting.\nAt most 1 SMS segment."
    assert found.occurrences == [("flows/library/a.yaml", "")], "neither a line nor anybody's folder"


def test_a_reworded_text_keeps_its_translation_for_a_second_look() -> None:
    old = translated([source("a", "Hello")], a="Hola")
    found = entry(merged(old, [source("a", "Hello there")], ES), "a")
    assert (found.msgid, found.msgstr, found.fuzzy, found.previous_msgid) == ("Hello there", "Hola", True, "Hello")


def test_reworded_twice_it_still_names_the_english_it_was_made_for() -> None:
    old = translated([source("a", "Hello")], a="Hola")
    twice = merged(merged(old, [source("a", "Hi")], ES), [source("a", "Hey")], ES)
    assert entry(twice, "a").previous_msgid == "Hello"


def test_a_reworded_text_nobody_translated_is_simply_new() -> None:
    found = entry(merged(translated([source("a", "Hello")]), [source("a", "Hi")], ES), "a")
    assert (found.fuzzy, found.previous_msgid) == (False, None)


def test_a_dropped_text_sleeps_and_comes_back(tmp_path: Path) -> None:
    both, one = [source("a", "Hello"), source("b", "Bye")], [source("a", "Hello")]
    asleep = reread(merged(translated(both, a="Hola", b="Adiós"), one, ES), tmp_path)
    assert (entry(asleep, "b").obsolete, entry(asleep, "b").msgstr) == (True, "Adiós")
    back = entry(merged(asleep, both, ES), "b")
    assert (back.obsolete, back.msgstr, back.fuzzy) == (False, "Adiós", False)


def test_a_text_that_comes_back_reworded_waits_for_a_second_look(tmp_path: Path) -> None:
    asleep = reread(merged(translated([source("b", "Bye")], b="Adiós"), [source("a", "Hello")], ES), tmp_path)
    back = entry(merged(asleep, [source("b", "Goodbye")], ES), "b")
    assert (back.msgstr, back.fuzzy, back.previous_msgid) == ("Adiós", True, "Bye")


def test_fuzzy_stays_until_a_person_looks_even_when_the_english_returns() -> None:
    reworded = merged(translated([source("a", "Hello")], a="Hola"), [source("a", "Hi")], ES)
    found = entry(merged(reworded, [source("a", "Hello")], ES), "a")
    assert (found.fuzzy, found.previous_msgid) == (True, None)


def test_a_text_that_gets_a_plural_keeps_its_one_form() -> None:
    old = translated([source("a", "a day")], a="un día")
    new = merged(old, [source("a", "{n} day", "{n} days")], ES)
    live, asleep = (next(e for e in new if bool(e.obsolete) is gone) for gone in (False, True))
    assert (live.msgstr_plural, live.fuzzy) == ({0: "un día", 1: "un día"}, True)
    assert (asleep.msgid, asleep.msgstr) == ("a day", "un día")


def test_a_language_that_needs_more_forms_gets_empty_ones() -> None:
    old = merged(None, [source("a", "{n} day", "{n} days")], ES)
    entry(old, "a").msgstr_plural = {0: "un dydd", 1: "{n} diwrnod"}
    assert entry(merged(old, [source("a", "{n} day", "{n} days")], CY), "a").msgstr_plural == {
        0: "un dydd",
        1: "{n} diwrnod",
        2: "",
    }


def test_the_translators_notes_and_header_stay_and_dates_go() -> None:
    old = translated([source("a", "Hello")], a="Hola")
    old.header = "Reviewed by two people"
    old.metadata |= {"Language-Team": "Spanish", "PO-Revision-Date": "2026-01-01 10:00", "X-Generator": "Poedit"}
    entry(old, "a").tcomment = "informal"
    new = merged(old, [source("a", "Hello!")], ES)
    kept = (new.header, new.metadata["Language-Team"], entry(new, "a").tcomment)
    assert kept == ("Reviewed by two people", "Spanish", "informal")
    assert not {"PO-Revision-Date", "POT-Creation-Date", "X-Generator"} & set(new.metadata)
    assert new.metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"


def test_the_same_words_give_the_same_file_whatever_the_order(tmp_path: Path) -> None:
    sources = [source(f"f/s{n:02}", f"Text {n}") for n in range(20)]
    assert str(template(sources)) == str(template(reversed(sources)))
    assert write(template(sources), tmp_path / "x.pot") is True
    assert write(template(sources), tmp_path / "x.pot") is False, "nothing changed, nothing written"


def test_one_id_cannot_have_two_texts() -> None:
    with pytest.raises(AuthorError, match=r"checkin.yaml:7:1: a already has another text in .* Give one"):
        template([source("a", "Hello"), source("a", "Bye")])


LANGUAGES = (
    '[{}]\nname = "N"\nown_name = "N"\ndirection = "ltr"\nplural = "nplurals=2; plural=n != 1;"\nstatus = "draft"\n'
)


def test_update_touches_only_what_changes_and_writes_nothing_when_a_file_is_broken(tmp_path: Path) -> None:
    (tmp_path / "languages.toml").write_text("".join(map(LANGUAGES.format, ("en", "es", "fr"))))
    assert [path.parts[-3] for path in update(tmp_path, [source("a", "Hello")], ["es"])] == ["es"]
    assert update(tmp_path, [source("a", "Hello")]) == ()
    french = tmp_path / "fr" / "LC_MESSAGES" / "rowan.po"
    french.parent.mkdir(parents=True)
    french.write_text('msgid "a\n')
    before = (tmp_path / "es" / "LC_MESSAGES" / "rowan.po").read_bytes()
    with pytest.raises(AuthorError, match=r"rowan.po:1:1: "):
        update(tmp_path, [source("a", "Hello again")])
    assert (tmp_path / "es" / "LC_MESSAGES" / "rowan.po").read_bytes() == before


ENGLISH = st.sampled_from(["One", "Two", "Three {n}", 'Say "x"\nnow', "Tab\tand \\ back"])
SOURCES = st.dictionaries(
    st.sampled_from("abc"), st.tuples(ENGLISH, st.none() | st.just("Many {n}")), min_size=1, max_size=3
).map(lambda found: [source(key, *texts) for key, texts in found.items()])
EDITS = st.lists(st.tuples(SOURCES, st.booleans()), min_size=1, max_size=8)


@given(EDITS)
def test_no_translation_is_ever_lost(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[list[Source], bool]]
) -> None:
    """Random rounds of rewording, dropping, returning, plurals; a translator now and then fills in what is empty."""
    folder = tmp_path_factory.getbasetemp()
    catalogue: polib.POFile | None = None
    written: set[str] = set()
    for number, (sources, fills) in enumerate(edits):
        catalogue = reread(merged(catalogue, sources, ES), folder)
        live = {e.msgctxt: e for e in catalogue if not e.obsolete}
        assert {key: (e.msgid, e.msgid_plural or None) for key, e in live.items()} == {
            s.id: (s.english, s.plural) for s in sources
        }
        assert written <= {form for e in catalogue for form in (e.msgstr, *e.msgstr_plural.values())}
        assert str(merged(catalogue, sources, ES)) == str(catalogue), "a second merge changes nothing"
        for e in live.values() if fills else ():
            if not e.msgid_plural and not e.msgstr:
                e.msgstr = f'{number} "{e.msgctxt}"\n\\ é 😀'
                written.add(e.msgstr)
            for index in e.msgstr_plural if not any(e.msgstr_plural.values()) else ():
                e.msgstr_plural[index] = f"{number}.{index} {e.msgctxt}"
                written.add(e.msgstr_plural[index])


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\t"\\'), min_size=1, max_size=60))
def test_any_words_survive_the_file(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    catalogue = translated([source("a", text)], a=text)
    found = entry(reread(catalogue, tmp_path_factory.getbasetemp()), "a")
    assert (found.msgid, found.msgstr) == (text, text)
