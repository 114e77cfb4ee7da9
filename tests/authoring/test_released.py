"""In production she is offered the languages that a person has released, and no other (SAFETY 12)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flows.authoring.compile import compile_text
from flows.authoring.dump import dump
from flows.authoring.kept import kept_programme
from flows.authoring.load import SHIPPED
from flows.authoring.released import released
from flows.engine.model import Ask, Branch
from flows.engine.programme import Programme

LOCALES = Path(__file__).parents[2] / "locales"
ASKED = [("join", "language"), ("join", "language_wales"), ("my_data", "which_language")]


def production(*codes: str) -> Programme:
    """What ships, as if people had released these languages."""
    programme = kept_programme([SHIPPED], LOCALES)
    known = programme.catalogues.languages
    languages = {code: replace(each, status="released" if code in codes else "draft") for code, each in known.items()}
    return released(replace(programme, catalogues=replace(programme.catalogues, languages=languages)))


@pytest.mark.parametrize(("flow", "step"), ASKED)
def test_with_english_alone_nothing_is_asked(flow: str, step: str) -> None:
    asked = production("en").flows[flow].steps[step]
    assert isinstance(asked, Branch)
    assert len(asked.next) == 1


@pytest.mark.parametrize(("flow", "step"), ASKED)
def test_those_behind_more_move_to_the_first_question(flow: str, step: str) -> None:
    asked = production("en", "fr", "ur").flows[flow].steps[step]
    assert isinstance(asked, Ask)
    assert {choice.name for choice in asked.choices} == {"en", "fr", "ur"}
    assert [choice.token for choice in asked.choices] == ["1", "2", "3"]
    assert {choice.english for choice in asked.choices} == {"English", "Français", "اردو"}
    assert all(route.answer is None for route in asked.next)


def test_with_all_of_them_the_flows_are_as_written() -> None:
    written = kept_programme([SHIPPED], LOCALES)
    assert production(*written.catalogues.languages).flows == written.flows


def test_a_changed_flow_is_another_revision_that_can_be_kept() -> None:
    written, served = kept_programme([SHIPPED], LOCALES).flows["join"], production("en").flows["join"]
    assert served.revision != written.revision
    assert compile_text("join", dump(served)) == served


def test_the_console_too_offers_no_draft() -> None:
    written = kept_programme([SHIPPED], LOCALES)
    assert {"en", "es", "cy"} <= set(written.console.languages)
    assert set(released(written).console.languages) == {"en"}
