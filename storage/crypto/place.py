"""Where a sealed value stands: authenticated with it, so a value that is moved or rolled back does not open."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import NamedTuple

from storage.crypto.errors import BadPlace

COLUMNS = 1024  # distinct table columns whose beginning is kept; a schema has far fewer

_ROW = struct.Struct(">HHQ")  # bytes of the row id, bytes of the person id, row version


class Place(NamedTuple):
    """One cell of the database.

    `row_id` and `person` are ids made by the application (`person` empty for a row that belongs to nobody), `version`
    counts the row's writes. A named tuple and not a dataclass, because four are made in every turn and a frozen
    dataclass takes three times as long to make.
    """

    table: str
    column: str
    row_id: str
    person: str
    version: int


@lru_cache(maxsize=COLUMNS)
def _beginning(table: str, column: str) -> bytes:
    table_, column_ = table.encode(), column.encode()
    return b"v1" + struct.pack(">HH", len(table_), len(column_)) + table_ + column_


def associated(place: Place) -> bytes:
    """The bytes authenticated with the value.

    "v1" | 2 B length of table | 2 B length of column | table | column
         | 2 B length of row id | 2 B length of person | 8 B version | row id | person
    Lengths in bytes, all big-endian, so no two places share an encoding. Raises `BadPlace` for an id over 65,535 bytes
    or a version that is negative.
    """
    table, column, row_id, person, version = place
    row, owner = row_id.encode(), person.encode()
    try:
        return b"".join((_beginning(table, column), _ROW.pack(len(row), len(owner), version), row, owner))
    except struct.error:
        fault = f"A place in {table}.{column} cannot be."
    raise BadPlace(fault, "ids have 65,535 bytes at most, and a version is a whole number from 0 up.")
