"""`rowan rota`: the calendars that say who is on duty."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo, available_timezones

import typer

from bot.app import read_content
from bot.cli.opening import opened_beside
from bot.feeds import Feed, FeedFailed, fetch
from bot.settings import read_settings
from escalation.ports import Duty, Refused, Staff
from escalation.rota import Gap, Rota, Shift, on_duty
from escalation.rota.export import export, served
from escalation.rota.file import read_called
from escalation.rota.port import HIGHEST, LONGEST_NAME, Calendar, OffCover, Proposed
from escalation.rota.reading import NO_CALENDAR, BadCalendar, Reading
from storage import calendars, off_cover, rota_alarms
from storage.team import rota_between
from storage.telling import all_staff

app = typer.Typer(help="Who is on duty when: calendars, holes, export.", no_args_is_help=True)
T = TypeVar("T")
TABLE = "%a %d %b %H:%M"


class DutyName(StrEnum):
    on_call = "on_call"
    backup = "backup"
    supervisor = "supervisor"


Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Days = Annotated[int, typer.Option(min=1, max=62, help="How many days from now.")]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database has of it. `zone`: the programme's, in which times are shown."""

    rota: Rota
    staff: Sequence[Staff]
    calendars: Sequence[Calendar]
    off: dict[str, OffCover]
    gaps: Sequence[Gap]
    now: datetime
    zone: ZoneInfo

    @property
    def names(self) -> dict[str, str]:
        return {one.id: one.username for one in self.staff}

    def at(self, when: datetime) -> str:
        return f"{when.astimezone(self.zone):{TABLE}}"


def _seen(days: int) -> Seen:
    settings, now = read_settings(), datetime.now(UTC)
    zone = ZoneInfo(read_content(settings.programme).rules.zone)
    with opened_beside(settings) as (database, vault):
        staff = database.read_now(all_staff)
        rota = database.read_now(rota_between, staff, now, now + timedelta(days=days))
        kept = [one.shown for one in database.read_now(calendars.everything, vault)]
        off = dict(database.read_now(off_cover.everybody))
        return Seen(rota, staff, kept, off, database.read_now(rota_alarms.holes, now, days), now, zone)


@app.command()
def show(days: Days = 14, as_json: Json = False) -> None:
    """Who is on duty now and in the coming days, the calendars, and what is wrong with them."""
    seen = _seen(days)
    if as_json:
        print(json.dumps(_as_json(seen, days)))
        return
    print(f"Times in {seen.zone.key}.")
    for id, duty in on_duty(seen.rota, seen.now).items():
        print(f"now      {duty:10} {seen.names[id]}")
    for id in sorted(seen.off.keys() & seen.names.keys()):
        print(f"off cover           {seen.names[id]}: no page reaches them ({seen.off[id].why})")
    for shift in served(seen.rota, seen.now, seen.now + timedelta(days=days)):
        print(f"{seen.at(shift.start)} to {seen.at(shift.end)}  {shift.duty:10} {seen.names[shift.staff]}")
    for gap in seen.gaps:
        print(f"{seen.at(gap.start)} to {seen.at(gap.end)}  NOBODY on call{_hand(seen, gap)}")
    for one in seen.calendars:
        state = "" if one.failed_at is None else f"  not read since {seen.at(one.failed_at)}"
        print(f"calendar {one.name}: {one.duty}, layer {one.layer}, {one.host or 'file'}{state}")
        for finding in one.findings:
            print(f"  {finding}")


def _hand(seen: Seen, gap: Gap) -> str:
    names = ", ".join(seen.names[id] for id in gap.by_hand if id in seen.names)
    return f" in any calendar; by hand {names}" if names else ""


def _as_json(seen: Seen, days: int) -> dict[str, object]:
    shifts = served(seen.rota, seen.now, seen.now + timedelta(days=days))
    return {
        "zone": seen.zone.key,
        "now": {seen.names[id]: duty for id, duty in on_duty(seen.rota, seen.now).items()},
        "off_cover": {seen.names[id]: off.why for id, off in seen.off.items() if id in seen.names},
        "shifts": [_shift(seen, shift) for shift in shifts],
        "gaps": [_gap(seen, gap) for gap in seen.gaps],
        "calendars": [
            {
                "name": one.name,
                "duty": one.duty,
                "layer": one.layer,
                "feed": one.host or None,
                "failed_at": None if one.failed_at is None else one.failed_at.isoformat(),
                "findings": list(one.findings),
            }
            for one in seen.calendars
        ],
    }


def _shift(seen: Seen, shift: Shift) -> dict[str, object]:
    who = {"duty": shift.duty, "username": seen.names[shift.staff]}
    return {"from": shift.start.isoformat(), "to": shift.end.isoformat(), **who}


def _gap(seen: Seen, gap: Gap) -> dict[str, object]:
    by_hand = [seen.names[id] for id in gap.by_hand if id in seen.names]
    return {"from": gap.start.isoformat(), "to": gap.end.isoformat(), "by_hand": by_hand}


@app.command()
def gaps(days: Days = 14, as_json: Json = False) -> None:
    """When nobody is on call. Exit code 1 where there is such a time."""
    seen = _seen(days)
    if as_json:
        print(json.dumps({"zone": seen.zone.key, "gaps": [_gap(seen, gap) for gap in seen.gaps]}))
    elif not seen.gaps:
        print(f"Somebody is on call at each moment of the next {days} days.")
    else:
        for gap in seen.gaps:
            print(f"{seen.at(gap.start)} to {seen.at(gap.end)} ({seen.zone.key}): nobody{_hand(seen, gap)}")
    raise typer.Exit(1 if seen.gaps else 0)


@app.command("import")
def import_(
    name: Annotated[str, typer.Argument(help="What the calendar is called here; one of the same name is replaced.")],
    source: Annotated[str, typer.Argument(help="An iCal file, or the https address of a feed that is asked on.")],
    duty: Annotated[DutyName, typer.Option(help="What who stands in it does.")] = DutyName.on_call,
    layer: Annotated[
        int, typer.Option(min=0, max=HIGHEST, help="Where two calendars have somebody, the higher holds.")
    ] = 0,
    zone: Annotated[str, typer.Option(help="Zone of times that name none; else the programme's.")] = "",
    who: Annotated[list[str] | None, typer.Option(help="NAME=username, for names and addresses in it.")] = None,
    as_json: Json = False,
) -> None:
    """Take a calendar into the rota. What of it is not understood is told line by line; then the exit code is 1."""
    settings = read_settings()
    zone = zone or read_content(settings.programme).rules.zone
    called, proposed = read_called(settings.programme), _proposed(name, source, duty.value, layer, zone, who or [])
    with opened_beside(settings) as (database, vault):
        staff, now = database.read_now(all_staff), datetime.now(UTC)
        before = database.read_now(calendars.named, vault, name)
        given = calendars.meant(before.given if before else None, proposed)
        reading = _or_exit(lambda: calendars.read(given, staff, now, called))
        database.write_now(calendars.put, vault, given, reading, "", now)
    _report(name, reading, as_json)
    raise typer.Exit(1 if reading.findings else 0)


def _report(name: str, reading: Reading, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"name": name, "shifts": len(reading.turns), "findings": list(reading.findings)}))
        return
    for finding in reading.findings:
        print(finding, file=sys.stderr)
    print(f"{name}: {len(reading.turns)} shifts until ten weeks from now. See `rowan rota show`.")


def _proposed(name: str, source: str, duty: Duty, layer: int, zone: str, who: list[str]) -> Proposed:
    if not 1 <= len(name) <= LONGEST_NAME:
        raise typer.BadParameter(f"a name has 1 to {LONGEST_NAME} characters", param_hint="NAME")
    if zone not in available_timezones():
        raise typer.BadParameter(f"there is no zone {zone}; one is Europe/London", param_hint="--zone")
    pairs = [one.rpartition("=") for one in who]
    if not all(called and username for called, _, username in pairs):
        raise typer.BadParameter("write NAME=username", param_hint="--who")
    feed = source if "://" in source else ""
    text = _or_exit(lambda: _text(source, feed))
    return Proposed(name, duty, layer, zone, feed, text, {called: username for called, _, username in pairs})


def _text(source: str, feed: str) -> str:
    """Never empty. Raises FeedFailed, BadCalendar."""
    try:
        text = asyncio.run(fetch(Feed(feed))).text if feed else Path(source).read_text("utf-8-sig", "replace")
    except OSError as missing:
        raise typer.BadParameter(f"{source} cannot be read: {missing.strerror}", param_hint="SOURCE") from None
    if not text or not text.strip():
        raise BadCalendar(NO_CALENDAR)
    return text


def _or_exit(what: Callable[[], T]) -> T:
    """What is refused is said, and the command fails."""
    try:
        return what()
    except (BadCalendar, FeedFailed, Refused) as refused:
        print(refused.why, file=sys.stderr)
        raise typer.Exit(1) from None


@app.command()
def remove(name: Annotated[str, typer.Argument(help="As `rowan rota show` has it.")]) -> None:
    """Take a calendar out of the rota."""
    with opened_beside() as (database, vault):
        now = datetime.now(UTC)
        _or_exit(lambda: database.write_now(calendars.remove, vault, name, "", now))
    print(f"{name} is no part of the rota any more. Look at `rowan rota gaps`.")


@app.command("export")
def export_(
    username: Annotated[str, typer.Argument(help="Of one person only; without it everybody.")] = "",
    days: Days = 62,
    as_json: Json = False,
) -> None:
    """The rota as iCal, covers and layers worked in, on standard output."""
    seen = _seen(days)
    of = [one.id for one in seen.staff if one.username == username.lower()]
    if username and not of:
        print(f"There is no {username}. `rowan staff list` shows who there is.", file=sys.stderr)
        raise typer.Exit(1)
    end = seen.now + timedelta(days=days)
    if as_json:
        shifts = [_shift(seen, one) for one in served(seen.rota, seen.now, end) if not of or one.staff in of]
        print(json.dumps({"zone": seen.zone.key, "shifts": shifts}))
        return
    names = {one.id: one.name for one in seen.staff}
    sys.stdout.write(export(seen.rota, names, seen.now, end, seen.now, of=of))
