"""JSON Schema of every kind of file, for editors: they complete keys and mark slips while one writes.

Kept in docs/schema/; `python -m flows.authoring.schema` writes them anew, and a test holds them to the models.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from flows.authoring.files import CoverFile, FlowFile, ProgrammeFile
from flows.authoring.instrument_file import InstrumentFile
from flows.authoring.transcripts import TranscriptFile

FILES: Mapping[str, type[BaseModel]] = {
    "flow": FlowFile,
    "cover": CoverFile,
    "instrument": InstrumentFile,
    "programme": ProgrammeFile,
    "transcript": TranscriptFile,
}
FOLDER = Path(__file__).parents[2] / "docs" / "schema"


def json_schema() -> dict[str, dict[str, Any]]:
    """The schema of each kind of file, by its name."""
    return {name: schema_of(model) for name, model in FILES.items()}


def write_schemas(folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in json_schema().items():
        (folder / f"{name}.json").write_text(text_of(schema), encoding="utf-8")


def text_of(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of one kind of file; those of the ladder and the rota are made where these are."""
    schema = model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_plainer(schema)}


def _plainer(value: Any) -> Any:
    """Without titles that only repeat a key, and without nulls, which the reader of YAML never gives."""
    if isinstance(value, list):
        return [_plainer(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _plainer(each) for key, each in value.items() if not (key == "title" and isinstance(each, str))}
    if found.get("default", "") is None:
        del found["default"]
    members = [member for member in found.get("anyOf", []) if member != {"type": "null"}]
    if len(members) == 1 and len(found["anyOf"]) > 1:
        del found["anyOf"]
        found = {**members[0], **found}
    elif members:
        found["anyOf"] = members
    return found


if __name__ == "__main__":
    write_schemas()
