"""`rowan ladder try`: who would be paged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import opened_beside
from bot.settings import read_settings
from escalation.ladder.file import read_ladder
from escalation.ladder.timeline import as_text, clock, rows, svg
from escalation.ladder.trying import FURTHEST, MOST_PAGES, PAGES, Paged, Tried
from flows.engine.model import Tier
from storage.trying import tried

app = typer.Typer(help="Who is paged for an alert, and when.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A group, though it has one command yet."""


@app.command("try")
def try_(
    tier: Annotated[Tier, typer.Option(help="The tier of the alert.")] = "P0",
    at: Annotated[str, typer.Option(help="When it is raised (ISO 8601; without an offset by the ladder's zone).")] = "",
    pages: Annotated[int, typer.Option(min=2, max=MOST_PAGES, help="How many pages to show.")] = PAGES,
    programme: Annotated[Path | None, typer.Option("--programme", help="Its own folder, else ROWAN_PROGRAMME.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    as_svg: Annotated[bool, typer.Option("--svg", help="A drawing, for a file.")] = False,
) -> None:
    """Who would be paged, and when, for an alert that nobody claims. Nobody is paged by it."""
    settings = read_settings()
    ladder = read_ladder(programme or settings.programme)
    raised = _moment(at, ladder.zone)
    with opened_beside(settings) as (database, vault):
        found = database.read_now(tried, vault, tier, raised, pages, ladder)
    if as_json:
        print(json.dumps(_plain(found), ensure_ascii=False))
    elif as_svg:
        print(svg(rows(found), f"{tier} raised {clock(found, raised)}"))
    else:
        print(as_text(found))


def _moment(at: str, zone: str) -> datetime:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    try:
        moment = datetime.fromisoformat(at) if at else now
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter("give a time such as 2026-11-20T18:00", param_hint="--at") from None
    if abs(moment - now) > FURTHEST:
        raise typer.BadParameter("give a time within a year of today", param_hint="--at")
    return moment


def _plain(found: Tried) -> dict[str, Any]:
    return {
        "tier": found.tier,
        "zone": found.zone,
        "raised": found.raised.isoformat(),
        "breach": found.breach.isoformat(),
        "pages": [_page(found, paged) for paged in found.pages],
    }


def _page(found: Tried, paged: Paged) -> dict[str, Any]:
    return {
        "at": paged.at.isoformat(),
        "seconds": (paged.at - found.raised).total_seconds(),
        "level": paged.level,
        "who": list(paged.step.who),
        "people": [{"username": one.staff.username, "methods": list(one.methods)} for one in paged.people],
        "waited_from": paged.waited_from.isoformat() if paged.waited_from else None,
        "beyond_duty": paged.beyond_duty,
    }
