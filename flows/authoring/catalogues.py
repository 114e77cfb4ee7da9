"""The files of locales/: languages.toml, and <code>/LC_MESSAGES/rowan.po for each translated language."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import polib
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from flows.authoring.findings import AuthorError, Finding
from flows.text.canonical import canonical
from flows.text.languages import SOURCE, Language, PluralRule

DOMAIN = "rowan"  # what recipients read, and the pages to workers' phones
CONSOLE = "console"  # what staff read on a screen: its own file, for a language of the line need not have it
LANGUAGES = "languages.toml"

_PO_LINE = re.compile(r'\s*(?:#(?![~|]).*|(?:#[~|]+\s*)?(?:msg[a-z_]+(?:\[[0-9]\])?\s*)?"(?:[^"\\]|\\.)*"\s*)?')
_PO_HINT = "Mend it in a PO editor, or put back what was there."

Canonical = Annotated[str, AfterValidator(canonical)]


class _Entry(BaseModel):
    """One language as it is written in languages.toml."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    name: str = Field(min_length=1)
    own_name: str = Field(min_length=1)
    direction: Literal["ltr", "rtl"]
    fallback: tuple[str, ...] = ()
    plural: Annotated[PluralRule, BeforeValidator(PluralRule.parse)]
    status: Literal["draft", "reviewed", "released"]
    reviewers: tuple[str, ...] = ()
    unclear: tuple[Canonical, ...] = ()
    beside: tuple[Canonical, ...] = ()
    rising: tuple[Canonical, ...] = ()
    scale_first: bool = False


_entries = TypeAdapter(dict[str, _Entry])


def po_path(folder: Path, code: str, domain: str = DOMAIN) -> Path:
    """Where the translations into `code` are, whether or not the file exists."""
    return folder / code / "LC_MESSAGES" / f"{domain}.po"


def languages(folder: Path) -> dict[str, Language]:
    """The languages of languages.toml in its order. Raises AuthorError."""
    path = folder / LANGUAGES
    text = _text(path)
    try:
        entries = _entries.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line, column = map(int, re.findall(r"\d+", str(error))[-2:] or (text.count("\n") + 1, 1))
        raise AuthorError([Finding(str(path), line, column, f"{error}.", "See toml.io for the notation.")]) from error
    except ValidationError as error:
        raise AuthorError(
            Finding(str(path), *_place(text, *each["loc"]), f"{'.'.join(map(str, each['loc']))}: {each['msg']}.")
            for each in error.errors()
        ) from error
    _check_fallbacks(path, text, entries)
    return {code: Language(code=code, **dict(entry)) for code, entry in entries.items()}


def read_po(path: Path) -> polib.POFile:
    """A PO file, ids unique. Raises AuthorError with the line that cannot be read."""
    try:
        _check_lines(path, path.read_text(encoding="utf-8-sig"))
        catalogue = polib.pofile(str(path), encoding="utf-8-sig", wrapwidth=-1)
    except UnicodeDecodeError as error:
        raise AuthorError([Finding(str(path), 1, 1, f"This is not UTF-8: {error}.", "Save it as UTF-8.")]) from error
    except OSError as error:
        found = re.search(r"\(line (\d+)\)", str(error))
        if found is None:
            raise
        problem = "This line does not fit after the one before."
        raise AuthorError([Finding(str(path), int(found[1]), 1, problem, _PO_HINT)]) from error
    _check_ids(path, catalogue)
    return catalogue


@dataclass(frozen=True, slots=True)
class Translation:
    """One language's PO file, with the plural rule that its forms follow."""

    language: Language
    path: Path
    catalogue: polib.POFile
    rule: PluralRule

    def entries(self) -> dict[str, polib.POEntry]:
        """The live entries by message id; those without an id are nobody's."""
        return {entry.msgctxt: entry for entry in self.catalogue if not entry.obsolete and entry.msgctxt}


def translation(folder: Path, language: Language, domain: str = DOMAIN) -> Translation | None:
    """The translation into `language`; None when nobody has begun it. Raises AuthorError."""
    path = po_path(folder, language.code, domain)
    if not path.exists():
        return None
    catalogue = read_po(path)
    try:
        rule = PluralRule.parse(catalogue.metadata.get("Plural-Forms", str(language.plural)))
    except ValueError as error:
        hint = f"Write `Plural-Forms: {language.plural}` in the header."
        raise AuthorError([Finding(str(path), 1, 1, f"{error}.", hint)]) from error
    return Translation(language, path, catalogue, rule)


def forms(entry: polib.POEntry) -> tuple[str, ...]:
    """The translation: one text, or one for each plural form in order."""
    if not entry.msgid_plural:
        return (entry.msgstr,)
    return tuple(entry.msgstr_plural[index] for index in sorted(entry.msgstr_plural))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        problem = "There is no such file." if isinstance(error, FileNotFoundError) else "This is not UTF-8."
        raise AuthorError([Finding(str(path), 1, 1, problem, "Every language is described in it.")]) from error


def _check_fallbacks(path: Path, text: str, entries: dict[str, _Entry]) -> None:
    findings = [
        Finding(
            str(path), *_place(text, code, "fallback"), f"{code} falls back on {other}.", "Name another language here."
        )
        for code, entry in entries.items()
        for other in entry.fallback
        if other == code or other not in entries
    ]
    if SOURCE not in entries:
        findings.append(Finding(str(path), 1, 1, f"There is no [{SOURCE}].", "Flows are written in it: describe it."))
    if findings:
        raise AuthorError(findings)


def _check_lines(path: Path, text: str) -> None:
    """polib takes a string without its closing quote and cuts off its last letter instead."""
    findings = [
        Finding(str(path), number, 1, "This line is no PO: a comment, or a keyword and one string in quotes.", _PO_HINT)
        for number, line in enumerate(text.split("\n"), start=1)
        if not _PO_LINE.fullmatch(line)
    ]
    if findings:
        raise AuthorError(findings)


def _check_ids(path: Path, catalogue: polib.POFile) -> None:
    first: dict[str | None, int] = {}
    findings = []
    for entry in catalogue:
        if entry.obsolete:
            continue
        line = entry.linenum or 1
        if entry.msgctxt in first:
            problem = f"{entry.msgctxt} is here a second time, after line {first[entry.msgctxt]}."
            findings.append(Finding(str(path), line, 1, problem, "Keep one of the two."))
        first.setdefault(entry.msgctxt, line)
    if findings:
        raise AuthorError(findings)


def _place(text: str, code: object, key: object = None, *_rest: object) -> tuple[int, int]:
    """Line and column of `key` in the table `code`, or of the table when the key is not there."""
    table = re.search(rf"^\[{re.escape(str(code))}\]", text, re.MULTILINE)
    start = table.start() if table else 0
    end = text.find("\n[", start) if "\n[" in text[start:] else len(text)
    found = re.search(rf"^{re.escape(str(key))}\s*=", text[start:end], re.MULTILINE)
    return text.count("\n", 0, start + (found.start() if found else 0)) + 1, 1
