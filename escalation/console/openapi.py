"""The OpenAPI 3.1 description, made from the doors themselves: what is described is what is served."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import msgspec

from escalation.console.api_doors import ApiDoor
from escalation.console.api_views import REASON
from escalation.console.case_page import LONGEST_REASON

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `holder` names who has the claim, where that is the reason.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "holder": {"type": "string"},
    },
}
ALWAYS = (401, 403, 429)
REF = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}


def describe(doors: tuple[ApiDoor, ...], server: str) -> dict[str, Any]:
    """`server` is the address that the API is mounted at."""
    models = [door.gives for door in doors] + [door.takes for door in doors if door.takes]
    _, components = msgspec.json.schema_components(models, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for door in doors:
        paths.setdefault(door.path, {})[door.method.lower()] = _operation(door)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rowan",
            "version": "1",
            "description": "Queue, enrolment, instruments, tasks. Nothing here returns a word that a recipient wrote.",
        },
        "servers": [{"url": server}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": PROBLEM},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(door: ApiDoor) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": door.name,
        "summary": door.about,
        "parameters": [*_in_path(door), *_in_query(door), *_in_header(door)],
        "responses": {str(door.status): _response(HTTPStatus(door.status).phrase, _ref(door.gives.__name__))},
    }
    for status in sorted({*ALWAYS, *door.refuses}):
        operation["responses"][str(status)] = _response(HTTPStatus(status).phrase, _ref("Problem"), "problem+json")
    if door.takes is not None:
        required = any(field.required for field in msgspec.structs.fields(door.takes))
        content = {"application/json": {"schema": _ref(door.takes.__name__)}}
        operation["requestBody"] = {"required": required, "content": content}
    return operation


def _in_path(door: ApiDoor) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": REF} for name in re.findall(r"{(\w+)}", door.path)]


def _in_query(door: ApiDoor) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": {"type": "string", "enum": list(values), "default": values[0]},
        }
        for name, values in (door.query or {}).items()
    ]


def _in_header(door: ApiDoor) -> list[dict[str, Any]]:
    about = "Why you open a case of which you hold no alert. UTF-8. A supervisor is told."
    schema = {"type": "string", "maxLength": LONGEST_REASON}
    given = {"name": REASON, "in": "header", "required": False, "description": about, "schema": schema}
    return [given] if door.opens else []


def _response(phrase: str, schema: dict[str, str], kind: str = "json") -> dict[str, Any]:
    return {"description": phrase, "content": {f"application/{kind}": {"schema": schema}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
