"""Trying a ladder, and what is drawn of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from escalation.ladder import Hours, Ladder, OfTier
from escalation.ladder.file import shipped
from escalation.ladder.timeline import Row, as_text, lasting, rows, svg
from escalation.ladder.trying import Tried, simulate
from escalation.ports import Duty, Staff
from storage import accounts
from storage.crypto.ring import new_ring
from storage.database import Database
from storage.migrating import upgrade
from storage.vault import open_vault

EVENING = datetime(2026, 7, 20, 19, 30, tzinfo=UTC)  # half past eight in London
SVG = "{http://www.w3.org/2000/svg}"


def one(name: str, duty: Duty) -> Staff:
    return Staff(name, name, name.capitalize(), "worker", duty)


def tried(*team: Staff, tier: str = "P2", quiet: bool = False, **phones: list[str]) -> Tried:
    p2 = shipped().tiers["P2"]
    nights = Hours(22 * 60, 7 * 60) if quiet else None
    ladder = Ladder("Europe/London", {**shipped().tiers, "P2": OfTier(p2.always, (), nights)})
    return simulate(ladder, tier, EVENING, lambda _: team, phones)  # type: ignore[arg-type]


def test_the_text_has_a_row_for_each_page_for_the_night_and_for_when_it_should_be_claimed() -> None:
    text = as_text(tried(one("ana", "on_call"), one("ben", "backup"), quiet=True, ana=["sms"], ben=["telegram"]))
    assert text.splitlines()[:7] == [
        "P2 raised Mon 20 Jul 2026 20:30, Europe/London",
        "",
        "     +0m      20:30  ● on call: Ana (sms)",
        "     +3h      23:30  ┊ quiet hours: waits until Tue 07:00",
        "+10h 30m  Tue 07:00  ● on call, backup: Ana (sms), Ben (telegram)",
        "+12h 30m  Tue 09:00  ● everybody on duty: Ana (sms), Ben (telegram)",
        "    +13h  Tue 09:30  ! should be claimed by now",
    ]
    assert text.endswith("And so on, every 2h, until somebody claims.")


def test_a_step_that_reaches_nobody_is_passed_and_said() -> None:
    first = rows(tried(one("ana", "on_call"), one("ben", "backup"), tier="P0", ben=["sms"]))[0]
    assert (first.kind, first.since, first.who) == ("page", "+0m", "Ben (sms)")
    assert first.what == "on call, backup (the step before reaches nobody)"


def test_whoever_is_reached_beyond_duty_is_said() -> None:
    first = rows(tried(one("ana", "on_call"), one("eva", "off"), tier="P0", eva=["sms"]))[0]
    assert (first.what, first.who) == ("whoever can be reached, nobody on duty can", "Eva (sms)")


def test_nobody_at_all_is_said_in_every_row() -> None:
    found = rows(tried(one("ana", "on_call"), tier="P0"))
    assert {row.kind for row in found} == {"nobody", "breach"}
    assert all("nobody" in row.who for row in found if row.kind == "nobody")


def test_the_drawing_is_well_formed_whatever_people_are_called() -> None:
    named = Staff("x", "x", "<Ana & 'Ben'> of the very long names", "worker", "on_call")
    drawn = svg(rows(tried(named, x=["sms", "telegram"])), "A & B")
    picture = ElementTree.fromstring(drawn)  # noqa: S314 - our own picture
    said = [text.text or "" for text in picture.iter(f"{SVG}text")]
    assert any(each.startswith("<Ana & 'Ben'>") and each.endswith("…") for each in said)
    assert len(list(picture.iter(f"{SVG}circle"))) == 6
    assert len(list(picture.iter(f"{SVG}path"))) == 1
    assert picture.find(f"{SVG}style") is not None


def test_within_a_page_it_brings_no_style_of_its_own() -> None:
    assert "style" not in svg([Row("page", "+0m", "20:30", "on call", "Ana")], "P0", alone=False)


@pytest.mark.parametrize(
    ("seconds", "says"), [(0, "0m"), (90, "1m 30s"), (7200, "2h"), (158400, "1d 20h"), (90061, "1d 1h")]
)
def test_a_span_is_said_in_its_two_largest_parts(seconds: int, says: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == says


# the command


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An installation with Ana on call: its settings."""
    folder = tmp_path_factory.mktemp("house")
    ring, now = new_ring(EVENING), EVENING
    ring.write(folder / "keyring.json")
    url = f"sqlite:///{folder / 'rowan.db'}"
    database = Database(url)
    upgrade(database.engine)
    vault = database.write_now(open_vault, ring)
    ana = database.write_now(accounts.add, vault, "ana", "Ana", "worker", "x", None, now)
    database.write_now(accounts.duty, vault, ana.id, "on_call", now)
    database.write_now(accounts.add_phone, vault, ana.id, "sms", "+447700900201", now)
    (folder / "ladder.yaml").write_text("zone: Europe/London\ntiers:\n  P2: {quiet: 20:00-08:00}\n")
    yield {"ROWAN_DATABASE_URL": url, "ROWAN_KEY_RING_FILE": str(folder / "keyring.json")}
    database.close()


TONIGHT = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}T20:30"  # by London's clock, whatever that is to UTC


def ladder_try(house: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(app, ["ladder", "try", *words], env=house)


def test_the_command_tries_it_on_the_team_there_is(house: dict[str, str]) -> None:
    done = ladder_try(house, "--tier", "P0", "--at", TONIGHT, "--json", "--pages", "3")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    local = datetime.fromisoformat(found["raised"]).astimezone(ZoneInfo("Europe/London"))
    assert (f"{local:%Y-%m-%dT%H:%M}", found["zone"]) == (TONIGHT, "Europe/London")
    assert [page["seconds"] for page in found["pages"]] == [0, 120, 240]
    assert found["pages"][2]["people"] == [{"username": "ana", "methods": ["sms"]}]


def test_the_command_takes_a_programmes_own_ladder(house: dict[str, str]) -> None:
    folder = str(Path(house["ROWAN_KEY_RING_FILE"]).parent)
    words = ("--tier", "P2", "--at", TONIGHT, "--programme", folder)
    assert "quiet hours: waits until " in ladder_try(house, *words).stdout
    assert ElementTree.fromstring(ladder_try(house, *words, "--svg").stdout).tag == f"{SVG}svg"  # noqa: S314


@pytest.mark.parametrize("at", ["tonight", "9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_time_that_is_none_is_wrong_use(house: dict[str, str], at: str) -> None:
    assert ladder_try(house, "--at", at).exit_code == 2
