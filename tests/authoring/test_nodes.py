"""The reader of YAML: strings stay strings, and everything that surprises is refused where it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.authoring.findings import AuthorError
from flows.authoring.nodes import DEEPEST, MOST_BYTES, MOST_NODES, Place, read_bytes, read_file, read_text


def refused(text: str) -> list[str]:
    with pytest.raises(AuthorError) as error:
        read_text("flow.yaml", text)
    return [str(finding) for finding in error.value.findings]


def test_what_yaml_would_turn_into_something_else_stays_as_it_was_written() -> None:
    read = read_text(
        "f", "{a: no, b: 22:30, c: '+15551234567', d: 0x10, e: ~, f: 1_000, g: 2026-11-20, h: null, i: on}"
    )
    assert read.plain() == {
        "a": "no", "b": "22:30", "c": "+15551234567", "d": "0x10", "e": "~", "f": "1_000", "g": "2026-11-20",
        "h": "null", "i": "on",
    }  # fmt: skip


def test_everything_knows_its_place() -> None:
    read = read_text("f", "steps:\n  hello:\n    say: Hé, you\n    next: [a, {go: b}]\n")
    assert read.key("steps", "hello") == Place(2, 3)
    assert read.at("steps", "hello", "say") == Place(3, 10)
    assert read.at("steps", "hello", "next", 1, "go") == Place(4, 20)
    assert read.at("steps", "hello", "next", 7, "go") == Place(4, 11)  # the nearest that there is


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1", "a second time, after line 1"),
        ("x: {yes: Yes, no: No, yes: Again}", "1:23", "a second time"),
        ("a: &mark [1]\nb: *mark\n", "1:4", "mark for repeating"),
        ("a: &mark [1]\nb: *mark\n", "2:4", "repeats another part"),
        ("a: !!python/object:os.system x", "1:4", "The tag !!"),
        ("a: !!int 3", "1:4", "The tag !!"),
        ("%YAML 1.1\n---\na: 1\n", "1:1", "beginning with %"),
        ("a: 1\n---\nb: 2\n", "2:1", "second document"),
        ("a:\n\tb: 1\n", "2:1", "a tab"),
        ("a: x\ty\n", "1:5", "a tab"),
        ("\ufeffa: 1", "1:1", "byte order mark"),
        ("a: x\u202ey", "1:5", "U+202E"),
        ("a: x\u2028y", "1:5", "U+2028"),
        ("a: x\x07", "1:5", "U+0007"),
        ("a: b: c", "1:5", "This is no YAML"),
        ("a: [1, 2\nb: 3", "2:2", "This is no YAML"),
        ("a: 'x\n", "2:1", "never closed"),
        ("a: @home", "1:4", "quotation marks"),
        ("? [1]\n: 2\n", "1:3", "one word"),
        ("a:\nb: 1\n", "1:3", "`a` has no value"),
        ("- a\n", "1:1", "no table"),
        ("", "1:1", "no table"),
        ("just words", "1:1", "no table"),
        ("[" * 4000 + "]" * 4000, f"1:{DEEPEST + 1}", f"more than {DEEPEST} deep"),
    ],
)
def test_what_surprises_is_refused_with_its_place(text: str, where: str, what: str) -> None:
    assert any(said.startswith(f"flow.yaml:{where}: ") and what in said for said in refused(text)), refused(text)


def test_all_faults_are_told_at_once() -> None:
    assert len(refused("a: &x 1\na: *x\nb:\nc: !t 1\n")) == 5


def test_ten_lines_that_would_grow_into_ten_million_are_refused() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "repeat" in refused(bomb)[0]


def test_a_file_too_large_to_review_is_refused_before_it_is_read() -> None:
    with pytest.raises(AuthorError, match="bytes"):
        read_bytes("f", b"a: " + b"x" * MOST_BYTES)
    with pytest.raises(AuthorError, match=str(MOST_NODES)):
        read_text("f", "a: [" + "x," * MOST_NODES + "]")


def test_a_file_that_is_not_utf8_says_where(tmp_path: Path) -> None:
    path = tmp_path / "flow.yaml"
    path.write_bytes("a: 1\nb: caf\xe9\n".encode("latin-1"))
    with pytest.raises(AuthorError) as error:
        read_file(path)
    assert str(error.value) == f"{path}:2:7: This is not UTF-8. Save the file as UTF-8."


def test_windows_line_ends_are_read() -> None:
    assert read_text("f", "a: 1\r\nb: two\r\n").plain() == {"a": "1", "b": "two"}


@given(st.text(max_size=80))
def test_no_text_at_all_breaks_the_reader(text: str) -> None:
    try:
        read = read_text("f", text)
    except AuthorError as error:
        places = [(finding.line, finding.column) for finding in error.findings]
        lines = text.count("\n") + text.count("\r") + 2
        assert all(1 <= line <= lines and column >= 1 for line, column in places)
        assert places
    else:
        assert all(isinstance(key, str) for key in read.plain())


printable = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"))
visible = printable.filter(lambda text: not any("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in text))


@given(st.dictionaries(visible, visible | st.lists(visible, max_size=3), min_size=1, max_size=4))
def test_json_is_read_as_it_was_written(tables: dict[str, object]) -> None:
    assert read_text("f", json.dumps(tables, ensure_ascii=False)).plain() == tables
