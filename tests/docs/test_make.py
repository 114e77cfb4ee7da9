"""Make targets: each that the pages name exists, each that exists is named and explains itself; CI adds nothing."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.docs.pages import HOUSE, code, pages, written

RULE = re.compile(r"^([a-z]+):.*?(## .+)?$", re.MULTILINE)
NAMED = re.compile(r"(?<![\w-])make ([a-z]+)")


def by_hand() -> dict[str, str]:
    """As in a shell: a make that runs the tests must not speak through the make under test."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


def rules() -> dict[str, str]:
    """Target to its explanation, empty where it has none."""
    return dict(RULE.findall((HOUSE / "Makefile").read_text(encoding="utf-8")))


def test_every_target_explains_itself_and_is_no_file() -> None:
    makefile = (HOUSE / "Makefile").read_text(encoding="utf-8")
    phony = set(makefile.split(".PHONY:")[1].split("\n")[0].split())
    assert phony == set(rules())
    assert all(rules().values())


def test_every_target_the_pages_name_exists() -> None:
    wrong = [
        f"{written(page)}: make {name}"
        for page in pages()
        for line in code(page)
        for name in NAMED.findall(line)
        if name not in rules()
    ]
    assert not wrong


def test_the_pages_name_every_target() -> None:
    named = {name for page in pages() for line in code(page) for name in NAMED.findall(line)}
    assert set(rules()) - named == set()


def test_make_alone_shows_every_target() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=HOUSE, env=by_hand(), capture_output=True, check=True, text=True
    ).stdout
    assert [line.split()[1] for line in shown.splitlines()[1:]] == list(rules())


def test_ci_runs_what_the_readme_names_and_nothing_else() -> None:
    script = (HOUSE / ".ci/run").read_text(encoding="utf-8")
    assert os.access(HOUSE / ".ci/run", os.X_OK)
    assert re.findall(r"^make (.+)$", script, re.MULTILINE) == ["check", "test"]
    readme = "\n".join(code(HOUSE / "README.md"))
    assert "make check" in readme
    assert "make test" in readme


def test_setup_says_so_when_python_is_too_old(tmp_path: os.PathLike[str]) -> None:
    old = HOUSE.joinpath(tmp_path, "python3.9")
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        [HOUSE / ".ci/setup", f"{tmp_path}/venv", str(old)], cwd=tmp_path, capture_output=True, check=False, text=True
    )
    assert done.returncode == 1
    assert "Rowan needs Python 3.11 or newer." in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert "make setup PYTHON=" in done.stderr


@pytest.mark.parametrize("script", ["setup", "browser"])
def test_the_scripts_of_make_are_plain_shell(script: str) -> None:
    subprocess.run(["sh", "-n", HOUSE / ".ci" / script], check=True)
