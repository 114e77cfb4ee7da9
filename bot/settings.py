"""What an operator may set: every field is `ROWAN_<NAME>` in the environment or `.env`; secrets also `…_FILE`.

Read once, at start, by `read_settings`; passed on as an argument from there. docs/settings.md is made from this file.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot import settings_shapes as shapes
from bot.secret_files import PREFIX, SecretFiles, WrongSettings, given_names, secret_fields, variable

RESERVED = ("ROWAN_TEST_", "ROWAN_FAILPOINT")
"""Names that belong to the tests and the kill harness; never settings, never complained about."""

WebAddress = Annotated[str, AfterValidator(shapes.web_address)]


class Settings(BaseSettings):
    """One value an operator may choose per field. Frozen; secrets are masked wherever they are printed."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    database_url: Annotated[SecretStr, AfterValidator(shapes.database)] = Field(
        SecretStr("sqlite:///var/rowan.db"),
        description="Where everything is kept: `sqlite:///path` or `postgresql://user@host/name`.",
    )
    key_ring_file: Path = Field(
        Path("var/keyring.json"),
        description="File of the key ring, mode 0400; `rowan init` makes it. Back it up apart from the database.",
    )
    key_ring: SecretStr | None = Field(
        None,
        description="The key ring itself as JSON, where secrets come as environment variables. Instead of the file.",
    )
    key_ring_command: str | None = Field(
        None, description="A command that prints the key ring, such as a key service's client. Instead of the file."
    )
    programme: Path | None = Field(
        None, description="The programme's own folder: flows, covers, directory, rota, ladder, laid over what ships."
    )
    public_url: WebAddress = Field(
        "http://127.0.0.1:8000",
        description="The address the outside world uses, exactly as Twilio and Telegram are told. Twilio signs it.",
    )
    host: str = Field(
        "127.0.0.1", description="Address to listen on. `0.0.0.0` in a container, behind a proxy with TLS."
    )
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")

    telegram_mode: Literal["off", "polling", "webhook"] = Field(
        "off",
        description="How Telegram messages come in. `polling` needs no public address; `webhook` needs one with https.",
    )
    telegram_token: Annotated[SecretStr, AfterValidator(shapes.telegram_token)] | None = Field(
        None, description="The bot's token from BotFather."
    )
    telegram_webhook_secret: Annotated[SecretStr, AfterValidator(shapes.telegram_secret)] | None = Field(
        None, description="The secret that Telegram sends back in a header with every update. Needed for `webhook`."
    )
    telegram_base_url: WebAddress = Field(
        "https://api.telegram.org", description="Base URL of the Bot API, for a local Bot API server or a test double."
    )

    twilio_account_sid: Annotated[str, AfterValidator(shapes.account_sid)] | None = Field(
        None,
        description="Twilio account that sends and receives the texts. Webhooks from any other account are refused.",
    )
    twilio_auth_token: SecretStr | None = Field(
        None, description="The account's auth token; it also checks signatures."
    )
    twilio_numbers: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(shapes.numbers), AfterValidator(shapes.e164)
    ] = Field((), description="The line's own numbers, separated by commas. The first is used to write to a new phone.")
    twilio_base_url: WebAddress = Field(
        "https://api.twilio.com", description="Base URL of Twilio's REST API, for a test double."
    )
    delete_provider_copies: bool = Field(
        False,
        description="Delete Twilio's copies of messages once nobody needs them; after a restore none can be asked for.",
    )

    twilio_voice: bool = Field(
        False, description="Ring workers' telephones through Twilio, where they have one as a method and proved it."
    )

    smtp_host: str = Field("", description="Mail server that pages by e-mail are handed to. It must speak STARTTLS.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_from: Annotated[str, AfterValidator(shapes.mail_address)] = Field(
        "", description="Whom pages by e-mail come from. A neutral address: it stands in workers' mailboxes."
    )
    smtp_user: str = Field("", description="The name to sign in with there; without one nobody signs in.")
    smtp_password: SecretStr | None = Field(None, description="The password that goes with it.")

    push_key: Annotated[SecretStr, AfterValidator(shapes.push_key)] | None = Field(
        None,
        description="Signs pages that are notices of workers' browsers. With another, each browser must be added anew.",
    )

    default_region: Annotated[str, AfterValidator(shapes.region)] = Field(
        "GB", description="Country of numbers written without a country code (ISO 3166)."
    )
    accept_drafts: bool = Field(
        False,
        description="Serve languages that no person has reviewed and numbers that nobody checked. Never in earnest.",
    )
    alarm_contact: Annotated[SecretStr, AfterValidator(shapes.alarm_contact)] | None = Field(
        None,
        description="Last rung of the ladder, paged when nobody else answers: `sms:+<number>` or `telegram:<chat id>`.",
    )
    canaries: Annotated[SecretStr, AfterValidator(shapes.canaries)] | None = Field(
        None,
        description="Phones that get a synthetic message every 5 minutes: `sms:+<number>`, `telegram:<chat id>`,"
        " or both with a comma.",
    )
    heartbeat_url: Annotated[SecretStr, AfterValidator(shapes.secret_address)] | None = Field(
        None,
        description="Address that is asked for once a minute while all is well (a dead man's switch): silence alarms.",
    )

    rota_contact: str = Field(
        "",
        description="Username of whom a hole in the rota, or a feed that is down, is told; without it supervisors.",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level written. No level prints words, numbers or names."
    )
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token that `/metrics` asks for. Without it only this machine may read `/metrics`."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then secret files, then `.env`."""
        return init_settings, env_settings, SecretFiles(settings_cls, dotenv_settings), dotenv_settings

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        complaints = [
            *self._telegram_gaps(),
            *self._twilio_gaps(),
            *self._page_gaps(),
            *self._key_ring_doubt(),
        ]
        if complaints:
            raise ValueError("\n".join(complaints))
        return self

    def _telegram_gaps(self) -> list[str]:
        gaps = []
        if self.telegram_mode != "off" and self.telegram_token is None:
            gaps.append(f"ROWAN_TELEGRAM_TOKEN is missing: ROWAN_TELEGRAM_MODE={self.telegram_mode} needs it.")
        if self.telegram_mode == "webhook" and self.telegram_webhook_secret is None:
            gaps.append("ROWAN_TELEGRAM_WEBHOOK_SECRET is missing: a webhook without it would take anyone's updates.")
        if self.telegram_mode == "webhook" and not self.public_url.startswith("https://"):
            gaps.append("ROWAN_PUBLIC_URL must begin with https:// for ROWAN_TELEGRAM_MODE=webhook; or use polling.")
        return gaps

    def _twilio_gaps(self) -> list[str]:
        given = {
            "ROWAN_TWILIO_ACCOUNT_SID": self.twilio_account_sid,
            "ROWAN_TWILIO_AUTH_TOKEN": self.twilio_auth_token,
            "ROWAN_TWILIO_NUMBERS": self.twilio_numbers,
        }
        missing = [name for name, value in given.items() if not value]
        if len(missing) in {0, len(given)}:
            return []
        return [f"{' and '.join(missing)} missing: the three Twilio settings come together, or none of them."]

    def _page_gaps(self) -> list[str]:
        gaps = []
        if self.twilio_voice and not self.twilio_account_sid:
            gaps.append("ROWAN_TWILIO_VOICE needs the three Twilio settings.")
        if bool(self.smtp_host) != bool(self.smtp_from):
            gaps.append("ROWAN_SMTP_HOST and ROWAN_SMTP_FROM come together, or none of them.")
        if self.smtp_user and self.smtp_password is None:
            gaps.append("ROWAN_SMTP_PASSWORD is missing: ROWAN_SMTP_USER needs it.")
        if self.push_key and not shapes.is_secure(self.public_url):
            gaps.append(
                "ROWAN_PUBLIC_URL must begin with https:// for ROWAN_PUSH_KEY: else no browser shows notices of it."
            )
        return gaps

    def _key_ring_doubt(self) -> list[str]:
        ways = [name for name in ("key_ring", "key_ring_command") if getattr(self, name) is not None]
        ways += ["key_ring_file"] if "key_ring_file" in self.model_fields_set else []
        if len(ways) < 2:
            return []
        return [f"{' and '.join(map(variable, ways))} are set together: which one holds the keys? Keep one."]

    @property
    def sms_on(self) -> bool:
        """Whether texts can be sent and received: the three Twilio settings are there."""
        return self.twilio_account_sid is not None

    @property
    def telegram_on(self) -> bool:
        return self.telegram_mode != "off"


def read_settings(env_file: Path | None = Path(".env"), **given: Any) -> Settings:
    """Settings from arguments, environment, secret files and `.env`. Raises WrongSettings, one line for each fault."""
    complaints = _strangers(given_names(DotEnvSettingsSource(Settings, env_file=env_file)))
    try:
        settings = Settings(_env_file=env_file, **given)
    except ValidationError as error:
        raise WrongSettings("\n".join([*complaints, *_complaints(error)])) from None
    if complaints:
        raise WrongSettings("\n".join(complaints))
    return settings


def _strangers(given: Mapping[str, str | None]) -> list[str]:
    """A misspelt name would leave a default in force without a word: say so."""
    known = {variable(name) for name in Settings.model_fields}
    known |= {f"{variable(name)}_FILE" for name in secret_fields(Settings)}
    strangers = sorted(name for name in given if name not in known and not name.startswith(RESERVED))
    return [f"{name} is not a setting.{_nearest(name, known)} docs/settings.md lists them all." for name in strangers]


def _nearest(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _complaints(error: ValidationError) -> list[str]:
    lines = []
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        says = fault["msg"].removeprefix("Value error, ").replace("Input should", "should")
        name = str(fault["loc"][0]) if fault["loc"] else ""
        about = Settings.model_fields[name].description if name in Settings.model_fields else None
        lines.append(f"{variable(name)} {says}. What it is: {about}" if about else says)
    return lines
