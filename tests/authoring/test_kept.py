"""Content kept beside the byte code: the same as what was read, never older than its files, never in the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flows.authoring import kept
from flows.authoring.findings import AuthorError
from flows.authoring.kept import MOST_KEPT, keep, kept_programme
from flows.authoring.load import SHIPPED, load_programme
from flows.engine.conditions import holds
from flows.engine.model import Branch
from flows.engine.programme import Programme
from tests.authoring.conftest import HELLO, Write

LOCALES = Path(__file__).parents[2] / "locales"
ROUTES = HELLO.replace(
    "  sorry: {say: I am sorry., next: bye}\n",
    "  sorry: {branch: [{when: \"how == 'bad' && days.joined > 3\", go: bye}, {go: bye}]}\n",
)


@pytest.fixture(autouse=True)
def drawer(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Byte code, and what is kept beside it, in a folder of this test's own, whatever this machine is told."""
    folder = tmp_path_factory.mktemp("drawer")
    monkeypatch.setattr(sys, "pycache_prefix", str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(folder))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    return folder


def standing(folder: Path) -> list[Path]:
    return sorted(folder.rglob("content.*.pickle"))


def refused(folders: object, locales: object) -> Programme:
    raise AssertionError("the content was read again")


def test_a_first_start_reads_in_a_process_of_its_own_and_the_next_not_at_all(
    drawer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_loaded", refused)
    first = kept_programme([SHIPPED], LOCALES)
    assert len(standing(drawer)) == 1
    monkeypatch.setattr(kept, "_read_apart", refused)
    second = kept_programme([SHIPPED], LOCALES)
    assert second.flows == first.flows
    assert second.catalogues == first.catalogues
    assert second.reader.read("he has a knife") == first.reader.read("he has a knife") != ()


def test_what_is_kept_is_what_was_read(tmp_path: Path, write: Write) -> None:
    write(library__hello=ROUTES)
    keep([tmp_path], LOCALES)
    opened, read = kept_programme([tmp_path], LOCALES), load_programme([tmp_path], LOCALES)
    assert opened.flows == read.flows
    assert opened.catalogues == read.catalogues
    assert (opened.covers, opened.rules, opened.own) == (read.covers, read.rules, read.own)
    branch = opened.flows["hello"].steps["sorry"]
    assert isinstance(branch, Branch)
    assert branch.next[0].when is not None
    assert holds(branch.next[0].when, {"how": "bad", "days": {"joined": 4}})
    assert not holds(branch.next[0].when, {"how": "bad", "days": {"joined": 3}})


def test_a_changed_word_is_never_served_from_what_was_kept(tmp_path: Path, write: Write, drawer: Path) -> None:
    write()
    keep([tmp_path], LOCALES)
    write(covers__tea="cover: tea\nlabel: Tea\nreplies: [White tea.]\npings: [Mint tea.]\n")
    assert kept_programme([tmp_path], LOCALES).covers["tea"].replies == (("cover.tea/reply.01", "White tea."),)
    assert len(standing(drawer)) == 2


def test_a_damaged_file_is_read_past(tmp_path: Path, write: Write, drawer: Path) -> None:
    write()
    keep([tmp_path], LOCALES)
    (file,) = standing(drawer)
    for damaged in (b"", file.read_bytes()[:-1], bytes(64)):
        file.write_bytes(damaged)
        assert kept_programme([tmp_path], LOCALES).covers["tea"].label == "Tea"
        assert file.read_bytes() != damaged


def test_content_at_fault_is_told_each_time_and_kept_never(tmp_path: Path, write: Write, drawer: Path) -> None:
    write(library__hello=HELLO.replace("next: bye}", "next: nowhere}"))
    for _ in range(2):
        with pytest.raises(AuthorError, match="nowhere"):
            kept_programme([tmp_path], LOCALES)
    assert standing(drawer) == []


def test_where_python_writes_no_byte_code_nothing_is_kept(
    tmp_path: Path, write: Write, drawer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept_programme([tmp_path], LOCALES).covers["tea"].label == "Tea"
    assert standing(drawer) == []


def test_a_folder_that_cannot_be_written_only_costs_time(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    nowhere = tmp_path / "full"
    nowhere.write_text("no folder")
    monkeypatch.setattr(sys, "pycache_prefix", str(nowhere))
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(nowhere))
    assert kept_programme([tmp_path], LOCALES).covers["tea"].label == "Tea"


def test_old_states_are_thrown_away(tmp_path: Path, write: Write, drawer: Path) -> None:
    keywords = ["aspen", "beech", "cedar", "linden", "maple", "willow"]
    assert len(keywords) > MOST_KEPT
    for keyword in keywords:
        write(programme=f"joining: hello\nopening: hello\nmenu: hello\ncover: tea\nkeyword: {keyword}\n")
        keep([tmp_path], LOCALES)
    assert len(standing(drawer)) == MOST_KEPT
    assert kept_programme([tmp_path], LOCALES).rules.keyword == "willow"
