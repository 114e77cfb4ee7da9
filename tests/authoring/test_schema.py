"""The schemas in docs/schema are those of today's models, and say what an editor needs."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from escalation.ladder.file import LadderFile
from escalation.receivers import ReceiversFile
from escalation.rota.file import RotaFile
from flows.authoring.files import STEPS
from flows.authoring.schema import FILES, FOLDER, json_schema, schema_of, text_of


@pytest.mark.parametrize("name", FILES)
def test_it_is_up_to_date(name: str) -> None:
    written = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert written == text_of(json_schema()[name]), "Run `python -m flows.authoring.schema`"


@pytest.mark.parametrize(("name", "model"), [("ladder", LadderFile), ("rota", RotaFile)])
def test_those_of_the_ladder_and_the_rota_are_up_to_date(name: str, model: type[BaseModel]) -> None:
    written = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert written == text_of(schema_of(model)), f"Run `python -m escalation.{name}.file`"


def test_that_of_the_receivers_is_up_to_date() -> None:
    written = (FOLDER / "receivers.json").read_text(encoding="utf-8")
    assert written == text_of(schema_of(ReceiversFile)), "Run `python -m escalation.receivers`"


def test_none_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {*FILES, "ladder", "rota", "receivers"}


def test_every_kind_of_step_is_described_and_takes_no_other_key() -> None:
    described = json_schema()["flow"]["$defs"]
    for verb, model in STEPS.items():
        step = described[model.__name__]
        assert verb in step["required"]
        assert step["additionalProperties"] is False
        assert step["description"]


def test_keys_are_those_of_the_file_and_not_of_the_code() -> None:
    number = json_schema()["flow"]["$defs"]["NumberFile"]
    assert set(number["properties"]) == {"from", "to"}


def test_what_editors_read_as_truth_or_number_may_stand_as_a_word() -> None:
    ask = json_schema()["flow"]["$defs"]["AskFile"]["properties"]
    assert ask["yes_no"] == {"const": True}
    assert "number" in ask["fine"]["type"]


def test_a_single_message_needs_no_brackets() -> None:
    line = json_schema()["transcript"]["$defs"]["LineFile"]["properties"]
    assert {each.get("type") for each in line["we"]["anyOf"]} == {"string", "array"}
