"""rota.yaml: what people are called in the team's calendars. None ships: a programme's own folder has it or not.

`python -m escalation.rota.file` writes its JSON Schema into docs/schema anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from escalation.rota.reading import LONGEST_CALLED, folded
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.fit import fit
from flows.authoring.nodes import Document, read_file
from flows.authoring.values import Strict

NAME = "rota.yaml"
Called = Annotated[str, Field(min_length=1, max_length=LONGEST_CALLED)]


class RotaFile(Strict):
    """`people`: by username, the names and e-mail addresses under which somebody stands in the calendars."""

    people: dict[str, Annotated[list[Called], Field(min_length=1)]] = Field(default_factory=dict)


def read_called(programme: Path | None) -> Mapping[str, str]:
    """Name as it stands in a calendar to username. Raises AuthorError with all findings."""
    path = None if programme is None else programme / NAME
    if path is None or not path.exists():
        return {}
    document = read_file(path)
    people = fit(document, RotaFile).people
    refused = sorted(_findings(document, people))
    if refused:
        raise AuthorError(refused)
    return {name: username for username, names in people.items() for name in names}


def check_called(programme: Path | None) -> tuple[Finding, ...]:
    """What is to mend in it. Whether a username is anybody's only the database knows: `rowan doctor` says it."""
    try:
        read_called(programme)
    except AuthorError as error:
        return error.findings
    return ()


def _findings(document: Document, people: Mapping[str, list[str]]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for username, names in people.items():
        if username != "".join(username.lower().split()):
            hint = "Write the username before the colon, as `rowan staff list` shows it, and the names after it"
            yield document.finding(document.key("people", username), f"`{username}` is no username", hint)
        for number, name in enumerate(names):
            other = first.setdefault(folded(name), username)
            place = document.at("people", username, number)
            if not folded(name):
                yield document.finding(place, "this name is empty", "Write it as it stands in the calendar")
            elif other != username:
                hint = "A name means one person. Let the calendar say more of it"
                yield document.finding(place, f"`{name}` is also a name of `{other}`", hint)


if __name__ == "__main__":
    from flows.authoring.schema import FOLDER, schema_of, text_of

    (FOLDER / "rota.json").write_text(text_of(schema_of(RotaFile)), encoding="utf-8")
