"""`rowan rota` as an operator uses it: a file in, holes out, the same calendar back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

import bot.cli.rota
from bot.app import read_content
from bot.cli.opening import opened
from flows.engine.programme import Programme
from storage import accounts
from storage.crypto.ring import new_ring
from tests.rota.calendars import calendar

Rota = Callable[..., Result]
TODAY = datetime.now(UTC).date()
EVERY_DAY = f"SUMMARY:ana|DTSTART;VALUE=DATE:{TODAY - timedelta(days=9):%Y%m%d}|RRULE:FREQ=DAILY"
BUT = f"{EVERY_DAY}|EXDATE;VALUE=DATE:{TODAY + timedelta(days=3):%Y%m%d}"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_content()


@pytest.fixture
def rota(tmp_path: Path, programme: Programme, monkeypatch: pytest.MonkeyPatch) -> Rota:
    """The commands in this process, on a database with Ana and Ben."""
    new_ring(datetime.now(UTC)).write(tmp_path / "keyring.json")
    monkeypatch.setenv("ROWAN_KEY_RING_FILE", str(tmp_path / "keyring.json"))
    monkeypatch.setenv("ROWAN_DATABASE_URL", f"sqlite:///{tmp_path / 'rowan.db'}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bot.cli.rota, "read_content", lambda _: programme)
    with opened() as (database, vault):
        for name in ("ana", "ben"):
            database.write_now(accounts.add, vault, name, name.title(), "worker", "x", None, datetime.now(UTC))
    runner = CliRunner()

    def run(*words: str) -> Result:
        return runner.invoke(bot.cli.rota.app, list(words))

    return run


def given(tmp_path: Path, *events: str) -> str:
    path = tmp_path / "nights.ics"
    path.write_text(calendar(*events), newline="")
    return str(path)


def shown(done: Result) -> Any:
    return json.loads(done.stdout)


def test_a_calendar_goes_in_and_who_is_on_call_comes_out(rota: Rota, tmp_path: Path) -> None:
    assert rota("gaps").exit_code == 1, "nobody is on call yet"
    done = rota("import", "Nights", given(tmp_path, EVERY_DAY))
    assert (done.exit_code, done.stderr) == (0, "")
    assert shown(rota("show", "--json"))["now"] == {"ana": "on_call"}
    text = rota("show").stdout
    assert "now      on_call    ana" in text
    assert "calendar Nights: on_call, layer 0, file" in text
    assert rota("gaps").exit_code == 0


def test_a_hole_is_said_with_its_times_and_fails_the_command(rota: Rota, tmp_path: Path) -> None:
    rota("import", "Nights", given(tmp_path, BUT), "--zone", "UTC")
    done = rota("gaps", "--json")
    (gap,) = shown(done)["gaps"]
    assert done.exit_code == 1
    assert gap["from"].startswith(f"{TODAY + timedelta(days=3)}T00:00:00")
    assert gap["to"].startswith(f"{TODAY + timedelta(days=4)}T00:00:00")
    assert rota("gaps", "--days", "2").exit_code == 0
    assert "NOBODY on call" in rota("show").stdout


def test_what_is_not_understood_is_told_and_fails_and_another_name_mends_it(rota: Rota, tmp_path: Path) -> None:
    path = given(tmp_path, EVERY_DAY.replace("ana", "Night|ATTENDEE:mailto:a.reyes@example.org"))
    done = rota("import", "Nights", path)
    assert done.exit_code == 1
    assert "Nobody on the team is called 'Night'" in done.stderr
    assert "called 'Night'" in rota("show").stdout
    done = rota("import", "Nights", path, "--who", "a.reyes@example.org=ana", "--json")
    assert (done.exit_code, shown(done)["findings"]) == (0, [])
    assert shown(rota("show", "--json"))["now"] == {"ana": "on_call"}
    assert len(shown(rota("show", "--json"))["calendars"]) == 1, "the same name: in its place"


def test_names_of_the_programmes_own_file_are_known_and_what_was_said_of_a_calendar_stays(
    rota: Rota, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROWAN_PROGRAMME", str(tmp_path))
    (tmp_path / "rota.yaml").write_text("people:\n  ana: [Ana R.]\n")
    path = given(tmp_path, EVERY_DAY.replace("ana", "Ana R."))
    done = rota("import", "Nights", path)
    assert (done.exit_code, done.stderr) == (0, "")
    assert shown(rota("show", "--json"))["now"] == {"ana": "on_call"}
    assert rota("import", "Nights", path, "--who", "Ana R.=ben").exit_code == 0
    assert rota("import", "Nights", path).exit_code == 0
    assert shown(rota("show", "--json"))["now"] == {"ben": "on_call"}


def test_layers_and_an_export_that_can_be_imported_again(rota: Rota, tmp_path: Path) -> None:
    rota("import", "Weeks", given(tmp_path, EVERY_DAY))
    rota(
        "import",
        "Today",
        given(tmp_path, f"SUMMARY:ben|DTSTART;VALUE=DATE:{TODAY:%Y%m%d}"),
        "--layer",
        "2",
        "--zone",
        "UTC",
    )
    before = shown(rota("export", "--json", "--days", "20"))["shifts"]
    assert before[0]["username"] == "ben"
    (tmp_path / "whole.ics").write_text(rota("export", "--days", "20").stdout, newline="")
    assert "Ben" not in rota("export", "ana").stdout
    for name in ("Weeks", "Today"):
        assert rota("remove", name).exit_code == 0
    assert rota("import", "Whole", "whole.ics").exit_code == 0
    after = shown(rota("export", "--json", "--days", "20"))["shifts"]
    assert [(one["to"], one["username"]) for one in after[:-1]] == [(one["to"], one["username"]) for one in before[:-1]]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("import", "Nights", "nowhere.ics"), 2, "cannot be read"),
        (("import", "Nights", "http://cal.example.org/x.ics"), 1, "begins with https://"),
        (("import", "Nights", "https://10.0.0.1/x.ics"), 1, "An address of this network"),
        (("import", "Nights", "x.ics", "--zone", "Mars/One"), 2, "no zone Mars/One"),
        (("import", "x" * 61, "x.ics"), 2, "1 to 60"),
        (("import", "Nights", "x.ics", "--who", "ana"), 2, "NAME=username"),
        (("remove", "Nights"), 1, "no calendar Nights"),
        (("export", "zed"), 1, "There is no zed"),
    ],
)
def test_what_is_wrong_is_said(words: tuple[str, ...], code: int, says: str, rota: Rota) -> None:
    done = rota(*words)
    assert done.exit_code == code
    assert says in " ".join(done.stderr.replace("│", " ").split())


def test_a_file_that_is_no_calendar_changes_nothing(rota: Rota, tmp_path: Path) -> None:
    rota("import", "Nights", given(tmp_path, EVERY_DAY))
    for text in ("<html>", " \r\n"):
        (tmp_path / "page.ics").write_text(text)
        done = rota("import", "Nights", "page.ics")
        assert (done.exit_code, "no iCal calendar" in done.stderr) == (1, True)
    assert shown(rota("show", "--json"))["now"] == {"ana": "on_call"}
