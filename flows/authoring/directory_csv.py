"""A directory as a table: one service a line, to the same tables that HSDS gives."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from flows.authoring.directory_hours import DAYS
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.fit import did_you_mean
from flows.authoring.placed import Placed

NEEDED = ("id", "name", "categories", "areas", "source")
PHONES = {"phone": "voice", "freephone": "voice", "text": "text", "relay": "relay"}
COLUMNS = (
    "id", "organization", "name", "short_name", "description", "categories", *PHONES, "country", "areas", "languages",
    "hours", "time_zone", "holidays", "closed_on", "silent_contact", "appears_on_bill", "who_is_turned_away",
    "for_whom", "free", "verified_on", "source",
)  # fmt: skip
_OWN = (
    "silent_contact", "appears_on_bill", "who_is_turned_away", "for_whom", "free", "verified_on", "source", "country",
    "time_zone", "holidays", "closed_on", "categories",
)  # fmt: skip
_HOURS = re.compile(r"([a-z]{2})(?:-([a-z]{2}))?\s+(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")
_NAMES = {day.lower(): number for number, day in enumerate(DAYS)}


def read_csv(file: str, data: bytes) -> list[Placed]:
    """Raises AuthorError when it is no table with the columns of docs/directory.md."""
    try:
        text = data.decode("utf-8-sig")
        dialect = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect, strict=True)
        header = [column.strip().lower() for column in next(reader, [])]
        _columns(file, header)
        return list(_rows(file, header, reader))
    except (UnicodeDecodeError, csv.Error) as bad:
        problem = f"This is no table in UTF-8: {bad}." if isinstance(bad, csv.Error) else "This is no table in UTF-8."
        raise AuthorError([Finding(file, 1, 1, problem, "Save it as CSV, UTF-8, from the template")]) from bad


def _columns(file: str, header: list[str]) -> None:
    missing = [f"the column {name} is missing" for name in NEEDED if name not in header]
    unknown = [column for column in header if column not in COLUMNS]
    twice = [column for column in dict.fromkeys(header) if header.count(column) > 1]
    findings = [
        Finding(file, 1, 1, f"{problem[0].upper()}{problem[1:]}.", "See docs/directory.md.") for problem in missing
    ]
    findings += [Finding(file, 1, 1, f"There is no column {c[:40]!r}.", did_you_mean(c, COLUMNS)) for c in unknown]
    findings += [Finding(file, 1, 1, f"The column {c} is here twice.", "Keep one of them.") for c in twice]
    if findings:
        raise AuthorError(findings)


def _rows(file: str, header: list[str], reader: Iterator[list[str]]) -> Iterator[Placed]:
    """Each line as a service. A quoted cell may go over lines: the place told is that of the row's last one."""
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        line = getattr(reader, "line_num", 1)
        if len(row) != len(header):
            problem = f"This row has {len(row)} cells, and the head has {len(header)}."
            raise AuthorError([Finding(file, line, 1, problem, "Put cells with a comma between quotation marks.")])
        yield _placed(_service(dict(zip(header, (cell.strip() for cell in row), strict=True)), line), line)


def _service(cells: dict[str, str], line: int) -> Placed:
    own = {key: cells[key] for key in _OWN if cells.get(key)}
    table = {
        "id": cells["id"],
        "name": cells["name"],
        "alternate_name": cells.get("short_name", ""),
        "description": cells.get("description", ""),
        "organization": _placed({"name": cells.get("organization", "")}, line),
        "phones": [
            _placed({"number": number, "type": kind, **({"kind": "freephone"} if column == "freephone" else {})}, line)
            for column, kind in PHONES.items()
            for number in _listed(cells.get(column, ""))
        ],
        "service_areas": [_placed({"name": area, "extent": area}, line) for area in _listed(cells["areas"])],
        "languages": [_placed({"code": code}, line) for code in _listed(cells.get("languages", ""))],
        "schedules": [_placed(each, line) for each in _schedules(cells.get("hours", ""))],
        "rowan": _placed(own, line),
    }
    return Placed(table)


def _schedules(written: str) -> Iterator[dict[str, str]]:
    """`24/7`, or `mo-fr 09:00-17:00; sa 10:00-12:00`. What cannot be read is told by the reader of hours."""
    for part in _listed(written.lower()):
        found = _HOURS.fullmatch(part)
        if part == "24/7":
            yield {"byday": ",".join(DAYS), "opens_at": "00:00", "closes_at": "00:00"}
        elif found is None or not {found[1], found[2] or found[1]} <= _NAMES.keys():
            yield {"byday": part, "opens_at": "", "closes_at": ""}
        else:
            first, last = _NAMES[found[1]], _NAMES[found[2] or found[1]]
            days = range(first, last + 1) if first <= last else (*range(first, 7), *range(last + 1))
            yield {"byday": ",".join(DAYS[day] for day in days), "opens_at": found[3], "closes_at": found[4]}


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _placed(table: Mapping[str, object], line: int) -> Placed:
    placed = Placed(table)
    placed.line = line
    return placed
