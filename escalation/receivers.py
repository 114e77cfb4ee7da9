"""receivers.yaml: who may be given what of a case to begin with. What ships, and a programme's own over it.

`python -m escalation.receivers` writes its JSON Schema into docs/schema anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, RootModel, WithJsonSchema

from escalation.referral import KINDS, Receiver
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.fit import fit
from flows.authoring.nodes import Document, read_file
from flows.authoring.values import Name, Strict

NAME = "receivers.yaml"
SHIPPED = Path(__file__).with_name(NAME)
LONGEST_NAME = 60  # characters

_FIELDS = rf"^({'|'.join(KINDS)})(\.[A-Za-z0-9_]+)*$"
_OF_GIVES = {"type": "string", "pattern": _FIELDS, "examples": ["safe", "safe.hours"]}
Gives = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), WithJsonSchema(_OF_GIVES)]


class ReceiverFile(Strict):
    """`name`: what staff call it, where it is none of those that ship."""

    name: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    gives: list[Gives]


class ReceiversFile(RootModel[dict[Name, ReceiverFile]]):
    """By name."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})  # a name that cannot be used


@cache
def shipped() -> Mapping[str, Receiver]:
    """What ships alone."""
    return read_receivers(None)


def read_receivers(programme: Path | None) -> Mapping[str, Receiver]:
    """By name, those that ship first. Raises AuthorError with all findings."""
    base = _read(read_file(SHIPPED))
    path = None if programme is None else programme / NAME
    if path is None or not path.exists():
        return _laid(base)
    document = read_file(path)
    own = _read(document)
    refused = sorted(_findings(document, own, base))
    if refused:
        raise AuthorError(refused)
    return _laid({**base, **own})


def check_receivers(programme: Path | None) -> tuple[Finding, ...]:
    """What is to mend in it; what ships is looked at too."""
    try:
        document = read_file(SHIPPED)
        base = _read(document)
        read_receivers(programme)
    except AuthorError as error:
        return error.findings
    return tuple(sorted(_findings(document, base, base)))


def _read(document: Document) -> dict[str, ReceiverFile]:
    return fit(document, ReceiversFile).root


def _laid(file: Mapping[str, ReceiverFile]) -> dict[str, Receiver]:
    return {name: Receiver(name, one.name, frozenset(one.gives)) for name, one in file.items()}


def _findings(
    document: Document, own: Mapping[str, ReceiverFile], base: Mapping[str, ReceiverFile]
) -> Iterator[Finding]:
    for name, one in own.items():
        if not one.name and name not in base:
            yield document.finding(document.key(name), f"`{name}` has no name", "Add what staff call it: `name: …`")
        for number, gives in enumerate(one.gives):
            place = document.at(name, "gives", number)
            if gives.split(".")[0] not in KINDS:
                hint = f"There are {', '.join(KINDS)}, and single fields of them such as safe.hours"
                yield document.finding(place, f"there are no fields `{gives}`", hint)
            elif gives in one.gives[:number]:
                yield document.finding(place, f"`{gives}` stands here twice", "Take one of them out")


if __name__ == "__main__":
    from flows.authoring.schema import FOLDER, schema_of, text_of

    (FOLDER / "receivers.json").write_text(text_of(schema_of(ReceiversFile)), encoding="utf-8")
