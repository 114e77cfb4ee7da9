"""Settings: what an operator gets wrong is refused at the start, with a sentence on how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.secret_files import WrongSettings, secret_fields, variable
from bot.settings import Settings, read_settings

SID = "AC" + "0123456789abcdef" * 2
TELEGRAM = "123456:AAA-canary_token"
TWILIO = {"twilio_account_sid": SID, "twilio_auth_token": "canary", "twilio_numbers": "+441632960001"}


def refused(**given: object) -> str:
    with pytest.raises(WrongSettings) as fault:
        read_settings(env_file=None, **given)
    return str(fault.value)


def test_with_nothing_set_it_is_sqlite_on_this_machine_and_no_channel_on() -> None:
    settings = read_settings(env_file=None)
    assert settings.database_url.get_secret_value() == "sqlite:///var/rowan.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert not settings.sms_on
    assert not settings.telegram_on


def test_values_come_from_the_environment_and_the_environment_beats_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("ROWAN_PORT=9000\nROWAN_DEFAULT_REGION=IE\nOTHER_PROGRAM=1\n")
    monkeypatch.setenv("ROWAN_PORT", "9001")
    settings = read_settings(env_file=env_file)
    assert settings.port == 9001
    assert settings.default_region == "IE"


@pytest.mark.parametrize(
    "written", ["+441632960001,+441632960002", "+441632960001, +441632960002", "+441632960001 +441632960002"]
)
def test_numbers_are_a_plain_list(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("ROWAN_TWILIO_NUMBERS", written)
    settings = read_settings(env_file=None, twilio_account_sid=SID, twilio_auth_token="t")
    assert settings.twilio_numbers == ("+441632960001", "+441632960002")
    assert settings.sms_on


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgres://rowan@db/rowan", "postgresql+psycopg://rowan@db/rowan"),
        ("postgresql://rowan@db/rowan", "postgresql+psycopg://rowan@db/rowan"),
        ("postgresql+psycopg:///rowan?host=/run/pg", "postgresql+psycopg:///rowan?host=/run/pg"),
        ("sqlite+aiosqlite:////srv/rowan.db", "sqlite:////srv/rowan.db"),
    ],
)
def test_a_database_url_is_taken_in_its_usual_spellings(written: str, meant: str) -> None:
    assert read_settings(env_file=None, database_url=written).database_url.get_secret_value() == meant


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", sorted(secret_fields(Settings)))
def test_every_secret_may_come_from_a_file(field: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = {
        "alarm_contact": "sms:+441632960009",
        "canaries": "sms:+441632960008, telegram:900302",
        "heartbeat_url": "https://watcher.example.org/line",
        "database_url": "sqlite:///here.db",
        "telegram_token": TELEGRAM,
        "telegram_webhook_secret": "a" * 32,
        "push_key": "1f" * 32,
    }
    monkeypatch.setenv(f"{variable(field)}_FILE", str(tmp_path / "secret"))
    (tmp_path / "secret").write_text(secrets.get(field, "s3cret") + "\n")
    others = TWILIO if field == "twilio_auth_token" else {}
    settings = read_settings(env_file=None, **{key: value for key, value in others.items() if key != field})
    assert getattr(settings, field).get_secret_value() == secrets.get(field, "s3cret")


def test_a_secret_file_may_be_named_in_the_env_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TELEGRAM)
    (tmp_path / ".env").write_text(f"ROWAN_TELEGRAM_TOKEN_FILE={tmp_path}/token\nROWAN_TELEGRAM_MODE=polling\n")
    settings = read_settings(env_file=tmp_path / ".env")
    assert settings.telegram_on
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == TELEGRAM


def test_a_secret_given_twice_a_missing_an_empty_and_a_binary_file_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ROWAN_METRICS_TOKEN_FILE", str(tmp_path / "token"))
    assert "cannot be read" in refused()
    (tmp_path / "token").write_bytes(b"\n")
    assert "empty" in refused()
    (tmp_path / "token").write_bytes(b"\xff\xfe\x00")
    assert "not text" in refused()
    (tmp_path / "token").write_text("x" * 70_000)
    assert "too long" in refused()
    monkeypatch.setenv("ROWAN_METRICS_TOKEN", "t")
    assert "ROWAN_METRICS_TOKEN and ROWAN_METRICS_TOKEN_FILE are both set" in refused()


def test_secrets_show_neither_in_print_nor_in_a_complaint() -> None:
    settings = read_settings(
        env_file=None, telegram_token=TELEGRAM, telegram_mode="polling", database_url="postgresql://u:canary@db/rowan"
    )
    assert "canary" not in f"{settings!r} {settings}"
    wrong = refused(telegram_token="canary", telegram_webhook_secret="canary", alarm_contact="canary", port="canary")
    assert "ROWAN_TELEGRAM_TOKEN" in wrong
    assert "canary" not in wrong


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_misspelt_name_is_refused_with_the_nearest_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROWAN_TELEGRAM_TOKE", "123:abc")
    assert "ROWAN_TELEGRAM_TOKE is not a setting. Did you mean ROWAN_TELEGRAM_TOKEN?" in refused()


def test_a_misspelt_name_in_the_env_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ROWAN_PROT=9000\n")
    with pytest.raises(WrongSettings, match=r"ROWAN_PROT is not a setting\. Did you mean ROWAN_PORT\?"):
        read_settings(env_file=tmp_path / ".env")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"telegram_mode": "polling"}, "ROWAN_TELEGRAM_TOKEN is missing"),
        ({"telegram_mode": "webhook", "telegram_token": TELEGRAM}, "ROWAN_TELEGRAM_WEBHOOK_SECRET is missing"),
        (
            {"telegram_mode": "webhook", "telegram_token": TELEGRAM, "telegram_webhook_secret": "a" * 32},
            "ROWAN_PUBLIC_URL must begin with https://",
        ),
        ({"twilio_account_sid": SID}, "ROWAN_TWILIO_AUTH_TOKEN and ROWAN_TWILIO_NUMBERS missing"),
        ({**TWILIO, "twilio_account_sid": "AC1"}, "ROWAN_TWILIO_ACCOUNT_SID must be AC and 32"),
        ({**TWILIO, "twilio_numbers": "01632 960001"}, "ROWAN_TWILIO_NUMBERS must be numbers such as +44"),
        ({"key_ring": "{}", "key_ring_command": "kms decrypt"}, "which one holds the keys?"),
        ({"key_ring": "{}", "key_ring_file": "ring.json"}, "which one holds the keys?"),
        ({"database_url": "mysql://db/rowan"}, "ROWAN_DATABASE_URL is neither sqlite:///"),
        ({"database_url": "sqlite://"}, "ROWAN_DATABASE_URL is neither sqlite:///"),
        ({"database_url": "sqlite:///:memory:"}, "ROWAN_DATABASE_URL is neither sqlite:///"),
        ({"public_url": "line.example.org"}, "ROWAN_PUBLIC_URL must be an address such as https://"),
        ({"public_url": "http://line.example.org"}, "ROWAN_PUBLIC_URL must begin with https://"),
        ({"public_url": "https://line.example.org/?a=1"}, "without ? or #"),
        ({"twilio_base_url": "http://api.twilio.example"}, "ROWAN_TWILIO_BASE_URL must begin with https://"),
        ({"port": "0"}, "ROWAN_PORT"),
        ({"default_region": "UK"}, "GB (not UK)"),
        ({"log_level": "verbose"}, "'debug', 'info', 'warning' or 'error'"),
        ({"alarm_contact": "+441632960001"}, "must be sms:+<number> or telegram:<chat id>"),
        ({"canaries": "sms:+441632960008,441632960009"}, "must be sms:+<number> or telegram:<chat id>"),
        ({"canaries": "sms:+441632960008,sms:+441632960009"}, "must name one phone a channel"),
        ({"heartbeat_url": "http://watcher.example.org/line"}, "must begin with https://"),
        ({"push_key": "1F" * 32}, "ROWAN_PUSH_KEY must be 64 hexadecimal digits"),
        ({"push_key": "0" * 64}, "ROWAN_PUSH_KEY must be 64 hexadecimal digits"),
        ({"push_key": "f" * 64}, "ROWAN_PUSH_KEY must be 64 hexadecimal digits"),
        ({"push_key": "1f" * 32, "public_url": "http://10.0.0.5"}, "must begin with https:// for ROWAN_PUSH_KEY"),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(given: dict[str, object], says: str) -> None:
    assert says in refused(**given)


def test_all_faults_are_told_at_once() -> None:
    assert len(refused(port="x", default_region="UK", log_level="loud").splitlines()) == 3


@pytest.mark.parametrize("near", ["http://127.0.0.1:8081", "http://bot-api:8081", "http://10.0.0.5", "http://[::1]:9/"])
def test_plain_http_is_taken_inside_a_private_network(near: str) -> None:
    assert read_settings(env_file=None, telegram_base_url=near).telegram_base_url == near.rstrip("/")
