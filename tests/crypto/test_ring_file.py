"""Writing the ring: whole or not at all, private from the first byte, and never over a key that would be lost."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from storage.crypto.errors import BadRing, ForgetfulRing, UnsafeRing
from storage.crypto.ring import Ring, new_ring
from storage.crypto.ring_file import replace_durably
from storage.crypto.ring_source import RingFile
from storage.crypto.ring_text import written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


def test_a_written_ring_is_private_and_alone_in_its_folder(ring: Ring, path: Path) -> None:
    ring.write(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Ring.read(RingFile(path)) == ring
    assert os.listdir(path.parent) == ["keyring.json"]


def test_it_is_private_whatever_the_umask(ring: Ring, path: Path) -> None:
    before = os.umask(0)
    try:
        ring.write(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_ring_follows_the_one_it_grew_from(ring: Ring, path: Path, november: datetime) -> None:
    ring.write(path)
    grown = ring.add_epoch(november)
    grown.write(path)
    grown.destroy(ring.active.kid).write(path)

    assert [epoch.state for epoch in Ring.read(RingFile(path)).epochs] == ["destroyed", "active"]


def test_a_strangers_ring_is_never_written_over_this_one(ring: Ring, path: Path, november: datetime) -> None:
    ring.write(path)

    with pytest.raises(ForgetfulRing, match="Nothing was written"):
        new_ring(november).write(path)

    assert Ring.read(RingFile(path)) == ring


def test_an_older_copy_cannot_bring_back_a_destroyed_key(ring: Ring, path: Path, november: datetime) -> None:
    grown = ring.add_epoch(november)
    grown.destroy(ring.active.kid).write(path)

    with pytest.raises(ForgetfulRing):
        grown.write(path)


def test_two_rotations_at_once_cannot_lose_an_epoch(ring: Ring, path: Path, november: datetime) -> None:
    ring.write(path)
    rotations = [ring.add_epoch(november) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        outcomes = [attempt.exception() for attempt in [pool.submit(each.write, path) for each in rotations]]

    won = [each for each, problem in zip(rotations, outcomes, strict=True) if problem is None]
    assert won == [Ring.read(RingFile(path))]
    assert all(isinstance(problem, ForgetfulRing) for problem in outcomes if problem)


def test_a_broken_file_is_left_for_the_operator_to_look_at(ring: Ring, path: Path) -> None:
    path.write_text('{"format": 1, "epo')
    path.chmod(0o600)

    with pytest.raises(BadRing, match="cut short"):
        ring.write(path)

    assert path.read_text() == '{"format": 1, "epo'


def test_a_file_open_to_others_is_not_written_over_either(ring: Ring, path: Path) -> None:
    ring.write(path)
    path.chmod(0o644)
    with pytest.raises(UnsafeRing):
        ring.write(path)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_when_the_disk_fails_the_old_ring_stays_and_nothing_lies_beside_it(
    ring: Ring, path: Path, november: datetime, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ring.write(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, full)
        with pytest.raises(OSError, match="No space left"):
            ring.add_epoch(november).write(path)

    assert Ring.read(RingFile(path)) == ring
    assert os.listdir(path.parent) == ["keyring.json"]


def test_a_disk_that_keeps_something_else_is_found_out(
    ring: Ring, path: Path, november: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keeps_another(where: Path, _: str) -> None:
        replace_durably(where, written(new_ring(november).epochs))

    monkeypatch.setattr("storage.crypto.ring.replace_durably", keeps_another)
    with pytest.raises(BadRing, match="does not read back as written"):
        ring.write(path)


def test_the_file_and_its_folder_are_flushed_before_it_counts(
    ring: Ring, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def flushed(handle: int) -> None:
        done.append("folder flushed" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file flushed")
        fsync(handle)

    def renamed(source: Path, target: Path) -> None:
        done.append("renamed")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", renamed)
    ring.write(path)

    assert done == ["file flushed", "renamed", "folder flushed"]
