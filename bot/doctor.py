"""`rowan doctor`: what an operator should know before the first recipient does, each with what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.app import LOCALES, SHIPPED, read_content
from bot.channels.base import SendFailed
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_setup import neutral, picture_hint
from bot.cli.opening import opened_beside, ring_source
from bot.clock import Clock
from bot.problems import KNOWN, sentence
from bot.serving import channels_of
from bot.settings import Settings
from escalation.ladder.file import check_ladder, read_ladder
from escalation.ladder.trying import Paged
from escalation.rota import nobody_on_call
from escalation.rota.file import check_called, read_called
from flows.authoring.findings import AuthorError
from flows.authoring.load import check
from flows.engine.programme import Programme
from storage import audit, carriers, rota_alarms
from storage.crypto.errors import CryptoProblem
from storage.crypto.ring import Ring
from storage.database import quick_check
from storage.team import CASEWORK, team
from storage.trying import tried

MOST_APART = timedelta(minutes=1)  # a clock kept by NTP is within a second; five minutes ahead, and all is late
Grade = Literal["good", "look", "bad"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line: `look` may be meant so, `bad` keeps the service from doing its job."""

    what: str
    grade: Grade
    says: str


def examine(settings: Settings) -> list[Diagnosis]:
    """Every check; one that cannot be made says why."""
    found: list[Diagnosis] = []
    for part in (_keys, _database, _content, _channels):
        found += part(settings)
    return found


def _keys(settings: Settings) -> Iterator[Diagnosis]:
    try:
        ring = Ring.read(ring_source(settings))
    except CryptoProblem as problem:
        yield Diagnosis("keys", "bad", str(problem))
        return
    due = ring.rotation_due(datetime.now(UTC))
    yield Diagnosis(
        "keys", "look" if due else "good", "A new epoch is due: rowan db rotate-keys." if due else "In order."
    )


def _database(settings: Settings) -> Iterator[Diagnosis]:
    try:
        with opened_beside(settings) as (database, vault):
            database.read_now(quick_check)
            broken = database.read_now(audit.verify, vault)
            now = datetime.now(UTC)
            staff = database.read_now(team, vault, now)
            holes = database.read_now(rota_alarms.holes, now)
            stale = database.read_now(rota_alarms.stale, now)
            mute = database.read_now(carriers.mute)
            ladder = read_ladder(settings.programme)
            called = read_called(settings.programme)
            first = database.read_now(tried, vault, "P0", now, 2, ladder).pages[0]
    except KNOWN as problem:
        yield Diagnosis("database", "bad", sentence(problem) or type(problem).__name__)
        return
    yield Diagnosis("database", "good", "It opens with these keys and is up to date.")
    says = "Holds." if broken is None else f"Broken at row {broken}."
    yield Diagnosis("audit log", "good" if broken is None else "bad", says)
    uncovered = nobody_on_call(staff)
    yield _ladder(first)
    says = "Nobody is on call: rowan staff duty NAME on_call." if uncovered else "Somebody is on call."
    yield Diagnosis("rota", "bad" if uncovered else "good", says)
    if holes and not uncovered:
        says = f"Nobody is on call at {len(holes)} times of the next 14 days: rowan rota gaps."
        yield Diagnosis("rota", "look", says)
    strangers = sorted(set(called.values()) - {one.username for one in staff if one.role in CASEWORK})
    if strangers:
        says = f"rota.yaml has names for {', '.join(strangers)}, and nobody who works on cases has that username."
        yield Diagnosis("rota", "look", says)
    if mute:
        yield Diagnosis("receipts", "look", "No carrier says whether a page by text arrives: only a P0 goes on early.")
    if stale:
        yield Diagnosis("rota", "bad", f"{len(stale)} feeds could not be read for hours: rowan rota show.")


def _ladder(first: Paged) -> Diagnosis:
    """By the programme's own ladder, as the service would climb it."""
    names = ", ".join(f"{one.staff.username} ({' '.join(one.methods)})" for one in first.people)
    says = f"A P0 of now pages {names} first." if names else "A P0 of now pages nobody: no phone is open."
    return Diagnosis("ladder", "good" if names else "bad", says)


def _content(settings: Settings) -> Iterator[Diagnosis]:
    folders = [SHIPPED] if settings.programme is None else [SHIPPED, settings.programme]
    today = datetime.now(UTC).date()
    own = (*check_ladder(settings.programme), *check_called(settings.programme))
    findings = [*check(folders, LOCALES, today), *own]
    says = "rowan check finds nothing to mend." if not findings else f"{len(findings)} to mend: see rowan check."
    yield Diagnosis("content", "bad" if findings else "good", says)
    try:
        programme = read_content(settings.programme)
    except AuthorError:
        return
    yield _languages(programme, settings)
    yield from (Diagnosis("instrument", "bad", _why(*each)) for each in programme.refused(today).items())


def _why(name: str, why: str) -> str:
    return f"{name} does not run: {why}. All else does. See docs/instruments.md."


def _languages(programme: Programme, settings: Settings) -> Diagnosis:
    languages = programme.catalogues.languages.values()
    drafts = [each.code for each in languages if each.status != "released" and each.code != "en"]
    if not drafts:
        return Diagnosis("languages", "good", "All are released.")
    served = "served, as ROWAN_ACCEPT_DRAFTS says" if settings.accept_drafts else "not served"
    return Diagnosis("languages", "look", f"No person has reviewed {', '.join(drafts)}: {served}.")


def _channels(settings: Settings) -> Iterator[Diagnosis]:
    channels = channels_of(settings, Clock())
    if not channels:
        yield Diagnosis("channels", "bad", "Neither SMS nor Telegram is set up: see README, going live.")
    for name in ("sms", "telegram"):
        if name in channels:
            yield from asyncio.run(CHECKS[name](settings))


async def _sms(settings: Settings) -> list[Diagnosis]:
    from bot.channels.sms import SmsChannel  # and with it the provider's library

    channel = channels_of(settings, Clock())["sms"]
    if not isinstance(channel, SmsChannel):
        return []
    try:
        await channel.inbound_since(datetime.now(UTC) - timedelta(minutes=5))
        clock = _clock("Twilio", channel.their_time, datetime.now(UTC))
    except SendFailed as failed:
        return [Diagnosis("sms", "bad", str(failed))]
    finally:
        await channel.close()
    https = settings.public_url.startswith("https://")
    url = f"{settings.public_url}/channels/twilio/inbound#rc=5&rp=all"
    says = f"Twilio answers. Its webhook must be exactly {url}"
    sms = Diagnosis("sms", "good" if https else "look", says + ("" if https else " (and https)"))
    return [sms, _copies(settings), *clock]


def _copies(settings: Settings) -> Diagnosis:
    """SAFETY 31. What Twilio itself can leave out is set there, and cannot be read from here."""
    own = "Message redaction and the days for which Twilio keeps messages are set at Twilio."
    if settings.delete_provider_copies:
        return Diagnosis("copies", "good", f"Twilio's copy of each message is deleted once nobody needs it. {own}")
    return Diagnosis("copies", "look", f"Twilio keeps its copies: ROWAN_DELETE_PROVIDER_COPIES is off. {own}")


async def _telegram(settings: Settings) -> list[Diagnosis]:
    channel = channels_of(settings, Clock())["telegram"]
    if not isinstance(channel, TelegramChannel):
        return []
    programme = await asyncio.to_thread(read_content, settings.programme, drafts=settings.accept_drafts)
    profile = neutral(programme)
    try:
        differences = await channel.check_setup(profile)
        picture = Diagnosis("picture", "look", picture_hint(profile.name, await channel.pictures()))
        clock = _clock("Telegram", channel.their_time, datetime.now(UTC))
    except SendFailed as failed:
        return [Diagnosis("telegram", "bad", str(failed))]
    finally:
        await channel.close()
    says = "; ".join(str(one) for one in differences)
    if differences:
        says = f"The bot may give itself away: {says}. Run rowan telegram setup."
        return [Diagnosis("telegram", "bad", says), picture, *clock]
    return [Diagnosis("telegram", "good", "The bot answers and its profile is neutral."), picture, *clock]


def _clock(provider: str, theirs: datetime | None, ours: datetime) -> list[Diagnosis]:
    """Nothing where the provider's answer had no date. A message is late or not by this machine's clock."""
    if theirs is None:
        return []
    apart = ours - theirs
    if abs(apart) <= MOST_APART:
        return [Diagnosis("clock", "good", f"This machine's clock agrees with {provider}'s.")]
    way, harm = ("ahead of", "messages count as late") if apart > timedelta() else ("behind", "times are wrong")
    span = f"{abs(apart) // MOST_APART} min {int(abs(apart).total_seconds()) % 60} s"
    return [Diagnosis("clock", "bad", f"This machine's clock is {span} {way} {provider}'s: {harm}. Set it by NTP.")]


CHECKS: dict[str, Callable[[Settings], Coroutine[None, None, list[Diagnosis]]]] = {"sms": _sms, "telegram": _telegram}
