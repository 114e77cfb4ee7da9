"""The kinds of value that any file may hold, each a string as `nodes` gives it, and the model all files' models are.

Apart from the files' own models: a ladder is read at each start, and theirs are 5 MB.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

LONGEST_NAME = 40  # names are part of message ids and of Telegram's 64 bytes behind a button

_WORD = {"type": ["string", "number", "boolean"]}

Name = Annotated[
    str, Field(pattern=rf"^[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}$", json_schema_extra={"examples": ["safe_now"]})
]
RuleId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=LONGEST_NAME)]
Words = Annotated[str, Field(min_length=1), WithJsonSchema(_WORD | {"minLength": 1})]
Word = Annotated[str, WithJsonSchema(_WORD)]
True_ = Annotated[Literal["true"], WithJsonSchema({"const": True})]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]


def _whole(value: object) -> object:
    if isinstance(value, str):
        if not value.isascii() or not value.removeprefix("-").isdigit():
            raise PydanticCustomError(
                "whole", "`{value}` is no whole number", {"value": value[:40], "hint": "Write 10"}
            )
        return int(value)
    return value


Whole = Annotated[int, BeforeValidator(_whole), Field(ge=-1_000_000, le=1_000_000)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def complaint(problem: str, hint: str) -> PydanticCustomError:
    """An error of a model that is about several keys together."""
    return PydanticCustomError("complaint", "{problem}", {"problem": problem, "hint": hint})
