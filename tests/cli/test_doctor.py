"""`rowan doctor` and the providers: this machine's clock beside theirs."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio
from tests.warm import Rowan


@pytest.fixture
def made(rowan: Rowan, tmp_path: Path) -> dict[str, str]:
    assert rowan("init", "var").returncode == 0
    return {
        "ROWAN_KEY_RING_FILE": str(tmp_path / "var" / "keyring.json"),
        "ROWAN_DATABASE_URL": f"sqlite:///{tmp_path}/var/rowan.db",
    }


def clock(rowan: Rowan, settings: dict[str, str]) -> list[tuple[str, str]]:
    found = json.loads(rowan("doctor", "--json", **settings).stdout)
    return [(one["grade"], one["says"]) for one in found if one["what"] == "clock"]


def at_telegram(fake: FakeTelegram) -> dict[str, str]:
    return {"ROWAN_TELEGRAM_MODE": "polling", "ROWAN_TELEGRAM_TOKEN": fake.token, "ROWAN_TELEGRAM_BASE_URL": fake.url}


def test_a_clock_that_is_right_is_said_so(rowan: Rowan, made: dict[str, str]) -> None:
    with FakeTelegram() as fake:
        assert clock(rowan, made | at_telegram(fake)) == [("good", "This machine's clock agrees with Telegram's.")]


def test_a_clock_six_minutes_fast_makes_every_message_late_and_the_doctor_says_so(
    rowan: Rowan, made: dict[str, str]
) -> None:
    with FakeTelegram() as fake:
        fake.clock_ahead = timedelta(minutes=-6)
        ((grade, says),) = clock(rowan, made | at_telegram(fake))
    assert grade == "bad"
    assert says.startswith("This machine's clock is 6 min ")
    assert says.endswith(" ahead of Telegram's: messages count as late. Set it by NTP.")


def test_a_slow_clock_is_told_by_twilios_answer(rowan: Rowan, made: dict[str, str]) -> None:
    with FakeTwilio() as fake:
        fake.clock_ahead = timedelta(minutes=2)
        settings = {
            "ROWAN_TWILIO_ACCOUNT_SID": fake.account,
            "ROWAN_TWILIO_AUTH_TOKEN": fake.token,
            "ROWAN_TWILIO_NUMBERS": fake.number,
            "ROWAN_TWILIO_BASE_URL": fake.url,
        }
        ((grade, says),) = clock(rowan, made | settings)
    assert grade == "bad"
    assert "behind Twilio's" in says


def test_without_a_provider_nothing_is_said_of_the_clock(rowan: Rowan, made: dict[str, str]) -> None:
    assert clock(rowan, made) == []


def test_telegram_setup_gives_every_language_its_cover_and_the_doctor_agrees(
    rowan: Rowan, made: dict[str, str]
) -> None:
    with FakeTelegram() as fake:
        fake.commands["default:es"] = [{"command": "ayuda", "description": "Ayuda"}]
        settings = made | at_telegram(fake) | {"ROWAN_ACCEPT_DRAFTS": "true"}
        before = json.loads(rowan("doctor", "--json", **settings).stdout)
        done = rowan("telegram", "setup", **settings)
        after = json.loads(rowan("doctor", "--json", **settings).stdout)
    assert done.returncode == 0, done.stderr
    assert "BotFather (/setuserpic)" in done.stdout
    assert fake.profile["name"] == "Home recipes"
    names = {fake.profile.get(f"name:{code}") for code in ("es", "pt", "fr", "pl", "ar", "ur", "cy")}
    assert None not in names
    assert "Home recipes" not in names
    assert not any(fake.commands.values())
    (was,) = [one for one in before if one["what"] == "telegram"]
    (now,) = [one for one in after if one["what"] == "telegram"]
    assert (was["grade"], now["grade"]) == ("bad", "good")
    assert "commands (es) is '/ayuda'" in was["says"]
    assert [one["grade"] for one in after if one["what"] == "picture"] == ["look"]


def test_a_name_in_rota_yaml_that_is_for_nobody_is_told(rowan: Rowan, made: dict[str, str], tmp_path: Path) -> None:
    assert rowan("db", "upgrade", **made).returncode == 0
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "rota.yaml").write_text("people:\n  kit: [Kit L.]\n")
    found = json.loads(rowan("doctor", "--json", **made, ROWAN_PROGRAMME=str(tmp_path / "ours")).stdout)
    said = [(one["grade"], one["says"]) for one in found if "rota.yaml" in one["says"]]
    assert said == [("look", "rota.yaml has names for kit, and nobody who works on cases has that username.")]
