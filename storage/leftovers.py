"""Whether anything is left of who was erased: rows that name them, pages that SQLite freed, words in the files."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.recording import line_of
from storage.schema import metadata, tombstones

AT_ONCE = 200  # people of one statement
BESIDE = ("", "-wal", "-shm", ".before-restore")  # files that belong to a database
CHUNK = 1 << 20  # bytes read at once
LONGEST = 4096  # bytes of what is looked for; so much of a chunk is looked through again with the next


def rows_of_the_erased(conn: Connection) -> Iterator[str]:
    """One sentence for each column that still names somebody with a tombstone: all columns are asked that can."""
    erased = list(conn.execute(sa.select(tombstones.c.person_id)).scalars())
    for start in range(0, len(erased), AT_ONCE):
        named = [name for person in erased[start : start + AT_ONCE] for name in _names(person)]
        for table in metadata.sorted_tables:
            for column in table.columns:
                if table is tombstones or not isinstance(column.type, sa.String):
                    continue
                left = conn.execute(sa.select(sa.func.count()).where(column.in_(named))).scalar_one()
                if left:
                    yield f"{table.name}.{column.name}: rows that name somebody who was erased: {left}"


def _names(person: str) -> set[str]:
    return {person, line_of("wipe", person), line_of("exit", person)}


def free_pages(path: Path) -> Iterator[str]:
    """Pages that SQLite holds in reserve, and its log, while nobody has the database open.

    With secure_delete every freed page is zero, but for those that list the others (SQLite's file format, 1.5).
    """
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        yield f"{log.name} is not empty: what was deleted may stand in it."
    with path.open("rb") as file:
        header = file.read(100)
        size, trunk = struct.unpack(">H", header[16:18])[0], struct.unpack(">I", header[32:36])[0]
        written = sum(any(page) for page in _freed(file, 65536 if size == 1 else size, trunk))
    if written:
        yield f"{path.name}: free pages that are not wiped, so that what was deleted can be read: {written}. VACUUM it."


def _freed(file: BinaryIO, size: int, trunk: int) -> Iterator[bytes]:
    seen: set[int] = set()
    while trunk and trunk not in seen:
        seen.add(trunk)
        page = _page(file, size, trunk)
        trunk, count = struct.unpack(">II", page[:8])
        count = min(count, size // 4 - 2)
        for number in struct.unpack(f">{count}I", page[8 : 8 + 4 * count]):
            yield _page(file, size, number)


def _page(file: BinaryIO, size: int, number: int) -> bytes:
    file.seek((number - 1) * size)
    return file.read(size)


def in_files(path: Path, words: Sequence[str]) -> Iterator[str]:
    """Where a word stands readable in the files of a database. It is named by its number: the word is not told."""
    for end in BESIDE:
        file = path.with_name(path.name + end)
        if file.exists():
            yield from (f"{file.name}: line {number}" for number in sorted(_numbers(file, words)))


def in_columns(conn: Connection, words: Sequence[str]) -> Iterator[str]:
    """The same for every column of every row, on any database."""
    wanted = _wanted(words)
    for table in metadata.sorted_tables if wanted else ():
        found: set[tuple[str, int]] = set()
        for row in conn.execute(sa.select(table).execution_options(yield_per=500)):
            for name, value in row._mapping.items():
                raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                found |= {(name, number) for number, word in wanted.items() if word in raw.lower()}
        yield from (f"{table.name}.{name}: line {number}" for name, number in sorted(found))


def _numbers(file: Path, words: Sequence[str]) -> set[int]:
    wanted, found, before = _wanted(words), set[int](), b""
    with file.open("rb") as reading:
        while chunk := reading.read(CHUNK):
            here = (before + chunk).lower()
            found |= {number for number, word in wanted.items() if word in here}
            before = chunk[-LONGEST:]
    return found


def _wanted(words: Sequence[str]) -> dict[int, bytes]:
    """By line number from 1. Letters of ASCII are found in either case, others as they are written."""
    return {number: word.encode().lower()[:LONGEST] for number, word in enumerate(words, 1) if word}
