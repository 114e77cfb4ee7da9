"""`rowan serve`, `demo`, `init`, `audit verify`, `telegram setup`: what operators need."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.app import Service, open_service, read_content
from bot.cli.opening import opened_beside, ring_source
from bot.cli.staff import who
from bot.clock import Clock
from bot.listening import listen
from bot.logs import configure_logging
from bot.secret_files import WrongSettings
from bot.serving import Serving, channels_of, one_heap, run
from bot.settings import Settings, read_settings
from escalation.console.passwords import hash_password
from escalation.console.settings import ConsoleSettings
from escalation.ladder.file import read_ladder
from escalation.ports import Refused
from escalation.receivers import read_receivers
from escalation.rota.file import read_called
from storage import accounts, audit, canaries, decisions
from storage.crypto.address import typed_address
from storage.crypto.process import harden
from storage.crypto.ring import Ring, new_ring

if TYPE_CHECKING:
    from bot.doctor import Diagnosis

serve_app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
audit_app = typer.Typer(help="The audit log.", no_args_is_help=True)
telegram_app = typer.Typer(help="The Telegram bot's neutral profile.", no_args_is_help=True)


@serve_app.callback()
def _serve() -> None:
    """Rowan: a discreet chat line for recipients of intimate-partner aggression, and the on-call desk behind it."""


@audit_app.callback()
def _audit() -> None:
    """The audit log."""


@telegram_app.callback()
def _telegram() -> None:
    """The Telegram bot's neutral profile."""


@serve_app.command("serve")
def serve() -> None:
    """Run the service for real: Telegram and Twilio, console, API."""
    settings = read_settings()
    configure_logging(settings.log_level)
    harden()
    one_heap()
    sockets = listen(settings.host, settings.port)
    clock = Clock()
    ladder, receivers = read_ladder(settings.programme), read_receivers(settings.programme)
    called = read_called(settings.programme)
    programme = read_content(settings.programme, drafts=settings.accept_drafts)
    ring = Ring.read(ring_source(settings))
    url = settings.database_url.get_secret_value()
    channels = channels_of(settings, clock)
    opened = partial(
        open_service,
        delete_copies=settings.delete_provider_copies,
        rota_contact=settings.rota_contact,
        ladder=ladder,
        called=called,
        receivers=receivers,
        region=settings.default_region,
    )
    service = opened(url, ring, programme, channels, clock)
    _keep_alarm_contact(service, settings)
    _keep_canaries(service, settings)
    serving = Serving(service, settings, _console(settings))
    run(serving.app(), sockets)


def _keep_alarm_contact(service: Service, settings: Settings) -> None:
    """As the setting says now. Raises WrongSettings where it names a phone that is somebody else's."""
    if settings.alarm_contact is None:
        service.database.write_now(accounts.stand_down_alarm_contact, service.vault, service.clock.now())
        return
    channel, _, written = settings.alarm_contact.get_secret_value().partition(":")
    address = typed_address(channel, written, settings.default_region)
    nobody_knows = hash_password(secrets.token_urlsafe(32))
    keep = accounts.keep_alarm_contact
    try:
        service.database.write_now(keep, service.vault, nobody_knows, channel, address, service.clock.now())
    except Refused as refused:
        raise WrongSettings(refused.why) from None


def _keep_canaries(service: Service, settings: Settings) -> None:
    """As the setting says now. Raises WrongSettings as above."""
    written = settings.canaries.get_secret_value().split(",") if settings.canaries else []
    pairs = [(channel.strip(), address) for channel, _, address in (each.partition(":") for each in written)]
    phones = {channel: typed_address(channel, address, settings.default_region) for channel, address in pairs}
    nobody_knows = hash_password(secrets.token_urlsafe(32))
    try:
        service.database.write_now(canaries.keep, service.vault, nobody_knows, phones, service.clock.now())
    except Refused as refused:
        raise WrongSettings(refused.why) from None


def _console(settings: Settings) -> ConsoleSettings:
    secure = settings.public_url.startswith("https://")
    lines = {"sms": ", ".join(settings.twilio_numbers)} if settings.twilio_numbers else {}
    return ConsoleSettings(origin=settings.public_url, secure_cookies=secure, lines=lines)


def demo(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8000,
    as_json: Annotated[
        bool, typer.Option("--json", help="Addresses and sign-ins as one object on the first line.")
    ] = False,
) -> None:
    """A whole Rowan on throwaway data: two phones beside the live queue, a clock that can be moved."""
    from bot.demo import showing

    showing.run_demo(port, as_json)


def init(
    folder: Annotated[Path, typer.Argument(help="Where the database and the key ring go.")] = Path("var"),
) -> None:
    """Make a key ring for a new installation. Back it up apart from the database: without it nothing can be read."""
    path = folder / "keyring.json"
    if path.exists():
        print(f"{path} stands already and is left as it is.", file=sys.stderr)
        raise typer.Exit(1)
    folder.mkdir(parents=True, exist_ok=True)
    new_ring(datetime.now(UTC)).write(path)
    print(f"{path} is made. Copy it to a safe place now, never beside the database's backups.")


def doctor(
    page: Annotated[
        str, typer.Option(help="A username: send them a test page by each of their ways, and wait for the receipts.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False,
) -> None:
    """Look at keys, database, rota, content and channels; exit 1 when something keeps the service from its job.

    With --page nothing is looked at but how one person is paged, by the running service.
    """
    from bot.doctor import Diagnosis, examine

    settings, found = read_settings(), list[Diagnosis]()
    for one in _paged(settings, page) if page else examine(settings):
        found.append(one)
        if not as_json:
            print(f"{one.grade:5} {one.what:10} {one.says}", flush=True)
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    raise typer.Exit(1 if any(one.grade == "bad" for one in found) else 0)


def _paged(settings: Settings, username: str) -> Iterator[Diagnosis]:
    from bot.trial import paged

    with opened_beside(settings) as (database, vault):
        try:
            yield from paged(database, vault, who(database, username))
        except Refused as refused:
            print(refused.why, file=sys.stderr)
            raise typer.Exit(1) from None


@audit_app.command("verify")
def audit_verify() -> None:
    """Check the chain of the audit log, and those of the decisions; exit 1 where a row does not follow."""
    with opened_beside() as (database, vault):
        broken = database.read_now(audit.verify, vault)
        faults = database.read_now(lambda conn: list(decisions.faults(conn, vault)))
    if broken is not None:
        print(
            f"The audit log is broken at row {broken}: it was changed, or rows before it were taken out.",
            file=sys.stderr,
        )
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults or broken is not None:
        raise typer.Exit(1)
    print("The audit log holds from its first row to its last, and so does each record of decisions.")


@telegram_app.command("setup")
def telegram_setup() -> None:
    """Set the bot's neutral name and description in every language; take commands and menu button away."""
    settings = read_settings()
    if settings.telegram_token is None:
        print("ROWAN_TELEGRAM_TOKEN is missing.", file=sys.stderr)
        raise typer.Exit(1)
    differences, hint = asyncio.run(_set_up(settings, settings.telegram_token.get_secret_value()))
    print(hint)
    for difference in differences:
        print(f"still differs: {difference}", file=sys.stderr)
    raise typer.Exit(1 if differences else 0)


async def _set_up(settings: Settings, token: str) -> tuple[tuple[object, ...], str]:
    from bot.channels.telegram import TelegramChannel
    from bot.channels.telegram_setup import neutral, picture_hint

    channel = TelegramChannel(token, base_url=settings.telegram_base_url)
    try:
        programme = await asyncio.to_thread(read_content, settings.programme, drafts=settings.accept_drafts)
        profile = neutral(programme)
        left = await channel.setup(profile)
        return left, picture_hint(profile.name, await channel.pictures())
    finally:
        await channel.close()
