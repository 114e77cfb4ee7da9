"""A programme's own words for pages: content-free, one text, and nothing that a worker needs left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.authoring.cover_words import forbidden
from flows.authoring.extract import own_sources
from flows.authoring.findings import Finding
from flows.authoring.page_texts import FAMILY, read_page_texts
from flows.engine.programme import Programme
from flows.engine.wording import page_text
from flows.text.catalogue import Catalogues
from flows.text.segments import count

OWN = 'page/alert: {en: "{tier}: reply A {code}", cy: "{tier}: atebwch A {code}"}\n'


def read(folder: Path, text: str) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The words, and what is said against them."""
    (folder / "pages.yaml").write_text(text, encoding="utf-8")
    findings: list[Finding] = []
    found = read_page_texts([folder], ["Harbour Trust"], findings)
    return {message: dict(said) for message, said in found.items()}, [each.problem for each in findings]


def test_a_page_is_said_in_the_programmes_own_words(tmp_path: Path) -> None:
    found, problems = read(tmp_path, OWN)
    assert problems == []
    programme = Programme({}, {}, {}, Catalogues(), None, own={"page/alert": "shipped {code}"}, pages=found)  # type: ignore[arg-type]
    params = {"tier": "P0", "code": "K2A"}
    assert page_text(programme, "page/alert", params) == "P0: reply A K2A"
    assert page_text(programme, "page/alert", params, "cy") == "P0: atebwch A K2A"
    assert page_text(programme, "page/alert", params, "es") == "shipped K2A", "where it has none, what ships"


def test_a_folder_without_the_file_changes_nothing(tmp_path: Path) -> None:
    findings: list[Finding] = []
    assert read_page_texts([tmp_path], [], findings) == {}
    assert findings == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("page/alrt: {en: x}", "no page page/alrt"),
        ("page/alert: Reply A", "by language"),
        ("page/alert: {en: [a]}", "no text"),
        ('page/alert: {en: "{who}: reply A {code}"}', "{who} is not known"),
        ('page/alert: {en: "{tier} {code} waits"}', "does not say A {code}"),
        ('page/alert: {en: "A victim: reply A {code}"}', "may not hold 'victim'"),
        ('page/alert: {es: "victim: A {code}"}', "may not hold 'victim'"),
        ('page/alert: {en: "Harbour Trust: reply A {code}"}', "may not hold 'harbour trust'"),
        ('page/alert: {en: "example.org: reply A {code}"}', "may not hold"),
        (f'page/alert: {{en: "{"wait " * 32}A {{code}}"}}', "2 SMS segments"),
        (f'page/alert: {{en: "{"ê " * 40}A {{code}}"}}', "2 SMS segments"),
        ('page/call: {en: "Press 1."}', "does not say {code}"),
    ],
)
def test_what_betrays_or_is_no_page_is_refused(tmp_path: Path, text: str, says: str) -> None:
    found, problems = read(tmp_path, text)
    assert any(says in problem for problem in problems), problems
    assert found == {}, "none of the file counts"


def test_what_ships_keeps_to_the_same_rules() -> None:
    rules = forbidden()
    pages = [source for source in own_sources() if source.id.startswith(FAMILY)]
    assert len(pages) > 20
    for source in pages:
        assert (rules["en"] | rules[""]).found(source.english) is None, source.id
        assert count(source.english).segments == 1, source.id
