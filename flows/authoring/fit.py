"""From a document to a model of `files`, or to findings that point at the line and say how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, Tag, ValidationError

from flows.authoring.findings import AuthorError, Finding
from flows.authoring.nodes import Document, Place, Scalar

_Model = TypeVar("_Model", bound=BaseModel)
_PATTERNS = "Use small letters, digits and _, beginning with a letter, 40 characters at most"


def fit(document: Document, model: type[_Model]) -> _Model:
    """Raises AuthorError with every key and value that does not fit."""
    try:
        return model.model_validate(document.plain())
    except ValidationError as error:
        raise AuthorError(_findings(document, error, model)) from error


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest known word, or all of them when they are few."""
    known = sorted(known)
    near = get_close_matches(word, known, 1)
    if near:
        return f"Did you mean `{near[0]}`?"
    return "Known here: " + ", ".join(known) if known else "There is none here"


def _findings(document: Document, error: ValidationError, model: type[BaseModel]) -> list[Finding]:
    return [_finding(document, each, model) for each in error.errors()]


def _finding(document: Document, error: Any, model: type[BaseModel]) -> Finding:
    path = tuple(part for part in error["loc"] if not _is_tag(part))
    about_key = error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",)
    if error["type"] == "extra_forbidden":
        known = _keys(model, error["loc"][:-1])
        problem, hint = f"`{path[-1]}` is no key that is known here", did_you_mean(str(path[-1]), known)
    else:
        problem, hint = _said(error, _name(path))
    around = path[:-1] if error["type"] == "missing" else path
    return document.finding(_place(document, around, about_key), problem, hint)


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and (part[:1] == "<" or part == "[key]")


def _place(document: Document, path: tuple[str | int, ...], about_key: bool) -> Place:
    """The value, or the key when the fault is about the key or about the whole table beneath it."""
    if not path:
        return document.at()
    table = not isinstance(document.node(*path), Scalar)
    return document.key(*path) if about_key or table else document.at(*path)


def _name(path: tuple[str | int, ...]) -> str:
    """What the author calls the thing at `path`: its key, or its place in a list."""
    if not path:
        return "this file"
    return f"`{path[-1]}`" if isinstance(path[-1], str) else f"entry {path[-1] + 1}"


def _said(error: Any, last: str) -> tuple[str, str]:
    """Problem and hint in the words of an author, by pydantic's type of error."""
    context: Mapping[str, Any] = error.get("ctx") or {}
    match error["type"]:
        case "missing":
            return f"{last} is missing", _MISSING.get(last.strip("`"), f"Add it: {last[:-1]}:`")
        case "no_kind" | "next":
            return error["msg"], "See docs/architecture.md, A flow file"
        case "string_pattern_mismatch":
            return f"`{error['input']}` is no name that can be used here", _PATTERNS
        case "literal_error":
            return f"`{error['input']}` is not one of {context['expected']}", "Write one of them"
        case "too_long" | "too_short" as kind:
            bound = context.get("max_length", context.get("min_length"))
            return f"{last} has {context['actual_length']} entries", f"{_BOUND[kind]} {bound}"
        case "string_too_short":
            return f"{last} is empty", "Write its text"
        case "dict_type" | "list_type" | "string_type" | "model_type" as kind:
            return f"{last} is not {_KINDS[kind]}", "See docs/architecture.md, A flow file"
        case "greater_than_equal" | "less_than_equal":
            return f"{last} is out of bounds", error["msg"]
        case _:
            return error["msg"].removeprefix("Value error, "), str(context.get("hint", "See docs/architecture.md"))


_BOUND = {"too_long": "At most", "too_short": "At least"}
_KINDS = {"dict_type": "a table", "list_type": "a list", "string_type": "a text", "model_type": "a table"}
_MISSING = {
    "about": "Say in a line or two what it is for and what it rests on",
    "next": "Say which step comes next: `next: name`",
    "go": "Say which step comes next: `go: name`",
    "start": "Name the first step",
    "tier": "Give it P0, P1, P2 or P3",
}


def _keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys that the table at `loc` may have."""
    kind: Any = model
    for part in loc:
        kind = _inner(_bare(kind), part)
    kind = _bare(kind)
    return [field.alias or name for name, field in kind.model_fields.items()]


def _inner(kind: Any, part: str | int) -> Any:
    """The type of what stands at `part` inside a value of type `kind`; a tag chooses a member of a union."""
    if isinstance(kind, type) and issubclass(kind, RootModel):
        return _inner(kind.model_fields["root"].annotation, part)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {field.alias or name: field for name, field in kind.model_fields.items()}
        return fields[str(part)].annotation
    if get_origin(kind) in (dict, list):
        return get_args(kind)[-1]
    return next(each for each in get_args(kind) if Tag(str(part)) in getattr(each, "__metadata__", ()))


def _bare(kind: Any) -> Any:
    """Without Annotated and without `| None`."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    members = [each for each in get_args(kind) if each is not NoneType]
    return _bare(members[0]) if get_origin(kind) in (Union, UnionType) and len(members) == 1 else kind


def refused(findings: list[Finding]) -> None:
    """Raise AuthorError when there is anything to mend."""
    if findings:
        raise AuthorError(findings)
