"""Nothing in the project knows the machine it was written on or where libraries are fetched from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.docs.pages import HOUSE, tracked, written

PINS = ("requirements.txt", "deploy/requirements.txt")
HOMES = re.compile(rb"(?<![\w.:/$}-])(?:/root/\w|/Users/\w+/\w|" + re.escape(bytes(HOUSE)) + rb"/)")
BINARY = {".png", ".ico", ".woff2", ".mo"}


def lines(name: str) -> list[str]:
    return (HOUSE / name).read_text(encoding="utf-8").splitlines()


def pinned(name: str) -> dict[str, str]:
    wanted = (line.removesuffix("\\").strip() for line in lines(name) if line and line[0] not in "# -")
    return {one.name: str(one.specifier) for one in map(Requirement, wanted)}


@pytest.mark.parametrize("name", PINS)
def test_pins_hold_versions_and_hashes_and_no_place_to_fetch_from(name: str) -> None:
    entry = re.compile(r"[a-z0-9][a-z0-9._-]*==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|\s*#.*|")
    for number, line in enumerate(lines(name), 1):
        assert entry.fullmatch(line), f"{name}:{number}: {line}"
        assert "://" not in line, f"{name}:{number}: {line}"


def test_the_container_runs_the_versions_that_were_tested() -> None:
    tested, run = pinned("requirements.txt"), pinned("deploy/requirements.txt")
    assert run.items() <= tested.items()
    assert not {"pytest", "playwright", "mypy"} & run.keys()


@pytest.mark.parametrize("name", ["pyproject.toml", "Makefile", ".ci/run", ".ci/setup", "deploy/Dockerfile"])
def test_what_installs_names_no_host(name: str) -> None:
    hosts = [line for line in lines(name) if "://" in line and "127.0.0.1" not in line]
    assert hosts == []


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    wrong = [
        f"{written(path)}: {found.decode()}"
        for path in tracked()
        if path.suffix not in BINARY
        for found in HOMES.findall(path.read_bytes())
    ]
    assert not wrong


def test_no_file_is_a_lock_of_a_tool_that_writes_addresses() -> None:
    locks = {"uv.lock", "poetry.lock", "package-lock.json", "Pipfile.lock", "yarn.lock"}
    assert [written(path) for path in tracked() if path.name in locks] == []


def test_every_script_starts_with_the_interpreter_of_whoever_runs_it() -> None:
    for path in (path for path in tracked() if path.suffix in {".sh", ".py", ""} and path.parent != Path(HOUSE)):
        first = path.read_bytes()[:64].split(b"\n")[0]
        if first.startswith(b"#!"):
            assert first in {b"#!/bin/sh", b"#!/usr/bin/env bash", b"#!/usr/bin/env python3"}, written(path)
