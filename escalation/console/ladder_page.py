"""Who is paged for an alert, and when: the ladder tried for supervisors, drawn, with a table behind the drawing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from markupsafe import Markup
from starlette.responses import Response

from escalation.console.doors import TurnedAway, Visit
from escalation.console.pages import page
from escalation.console.strings import Strings
from escalation.ladder.policy import EVERYBODY
from escalation.ladder.timeline import Moment, Row, lasting, moments, since, svg
from escalation.ladder.trying import FURTHEST, Paged, Tried
from flows.engine.model import Tier

TIERS: tuple[Tier, ...] = get_args(Tier)
FORM = "%Y-%m-%dT%H:%M"  # of the browser's own field for a day and a time


async def show(visit: Visit) -> Response:
    asked, zone = visit.request.query_params, ZoneInfo(visit.wiring.trying.zone)
    tier = next((tier for tier in TIERS if tier == asked.get("tier", TIERS[0])), None)
    raised = _moment(asked.get("at", ""), visit.now, zone)
    if tier is None or raised is None:
        raise TurnedAway(422, "problem.not_valid")
    tried = await visit.wiring.trying.tried(tier, raised)
    words = _Words(tried, visit.wiring.strings)
    rows = [words.row(moment) for moment in moments(tried)]
    title = visit.wiring.strings.say("ladder.drawing", tier=tier, clock=words.clock(raised))
    return page(
        visit,
        "ladder.html",
        tiers=TIERS,
        tier=tier,
        at=raised.astimezone(zone).strftime(FORM),
        zone=zone.key,
        rows=rows,
        drawing=Markup(svg(rows, title, alone=False)),  # noqa: S704 - each word in it is escaped where it is drawn
        repeat=lasting(tried.repeat),
        unheard=not any(paged.people for paged in tried.pages),
        waits=any(paged.waited_from for paged in tried.pages),
        here="staff",
    )


def _moment(given: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """By that zone's clock; now without one; None for what is no time, or too far."""
    if not given:
        return now.replace(second=0, microsecond=0)
    try:
        moment = datetime.strptime(given, FORM).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if abs(moment - now) <= FURTHEST else None


class _Words:
    """The rows of the timeline, in the reader's language."""

    def __init__(self, tried: Tried, strings: Strings) -> None:
        self._tried, self._strings, self._zone = tried, strings, ZoneInfo(tried.zone)

    def row(self, moment: Moment) -> Row:
        say, paged = self._strings.say, moment.paged
        after = since(self._tried, moment.at)
        if paged is None:
            return Row("breach", after, self.clock(moment.at), say("ladder.claimed"))
        if moment.kind == "quiet":
            return Row("quiet", after, self.clock(moment.at), say("ladder.quiet", clock=self.clock(paged.at)))
        return Row(moment.kind, after, self.clock(moment.at), self._what(paged), self._who(paged))

    def clock(self, at: datetime) -> str:
        """With its weekday where that is not the day of the raise."""
        local, first = at.astimezone(self._zone), self._tried.raised.astimezone(self._zone)
        pattern = "HH:mm" if local.date() == first.date() else "EEE HH:mm"
        return format_datetime(local, pattern, tzinfo=self._zone, locale=self._strings.locale)

    def _what(self, paged: Paged) -> str:
        say = self._strings.say
        if not paged.people:
            return say("ladder.nobody")
        if paged.beyond_duty:
            return say("ladder.beyond")
        everybody = set(paged.step.who) == set(EVERYBODY)
        duties = say("ladder.everybody") if everybody else ", ".join(say(f"duty.{duty}") for duty in paged.step.who)
        return say("ladder.passed", duties=duties) if paged.passed else duties

    def _who(self, paged: Paged) -> str:
        say = self._strings.say
        return ", ".join(
            say("ladder.by", name=one.staff.name, methods=", ".join(say(f"ladder.method.{m}") for m in one.methods))
            for one in paged.people
        )
