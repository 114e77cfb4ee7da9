"""The auditor's page: the audit log by time, person and act, whether its chain holds, and a file of it.

No word about a recipient is here: refs and ids, and whether a reason was given.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from escalation.auditing import MOST_EXPORTED, MOST_ROWS, NOBODY, Chain, Row, Wanted
from escalation.console.clocks import day_of, midnight
from escalation.console.doors import AUDIT, REF, Door, Visit
from escalation.console.pages import page

# What an act begins with, by the name that the page gives it.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "read": (
        *("case.read", "case.find", "ref.", "transcript.", "timeline."),
        *("closing.read", "meeting.read", "sample.", "shift.read"),
    ),
    "case": ("case.", "note.", "contact.", "sheet.", "decision.", "task.", "meeting."),
    "alert": ("alert.",),
    "chat": ("chat.",),
    "erase": ("recipient.", "database."),
    "staff": ("staff.", "signed_", "duty.", "shift.", "debrief.", "session.", "token.", "phone.", "method."),
    "rota": ("rota.", "calendar.", "cover."),
    "audit": ("audit.",),
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would reckon with
HEAD = ("number", "time", "who", "act", "about", "reason given")


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def check(visit: Visit) -> Response:
    """Every row counted through; a long log takes some seconds."""
    return await _page(visit, await visit.wiring.auditing.verify(visit.staff.id, visit.now))


async def export(visit: Visit) -> Response:
    """What the page is looking for, as CSV: the asking is itself the next row of the log."""
    rows = await visit.wiring.auditing.export(_wanted(visit), visit.staff.id, visit.now)
    names = {person.id: person.username for person in await visit.wiring.accounts.staff()}
    headers = {"Content-Disposition": f'attachment; filename="audit-{visit.now:%Y%m%d}.csv"'}
    return Response(as_csv(rows, names), media_type="text/csv; charset=utf-8", headers=headers)


def as_csv(rows: Sequence[Row], names: Mapping[str, str]) -> str:
    """One line a row, times in UTC; nothing in it begins as a formula of a spreadsheet does."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for row in rows:
        who = names.get(row.actor, row.actor)
        about = " ".join(names.get(word, word) for word in row.subject.split())
        line = (row.seq, row.at.isoformat(), who, row.action, about, "yes" if row.reasoned else "")
        writer.writerow([_plain(str(cell)) for cell in line])
    return out.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _asked(visit: Visit) -> dict[str, str]:
    """What is looked for: in the address of a page, in the form of an act. What is none of ours is nothing."""
    given = visit.form or visit.request.query_params
    asked = {name: str(given.get(name, "")) for name in ("who", "act", "about", "from", "to", "before")}
    asked["act"] = asked["act"] if asked["act"] in FAMILIES else ""
    for name in ("who", "about"):
        asked[name] = asked[name].strip() if REF.fullmatch(asked[name].strip()) else ""
    for name in ("from", "to"):
        asked[name] = asked[name] if day_of(asked[name]) else ""
    asked["before"] = asked["before"] if asked["before"].isdecimal() and len(asked["before"]) < 16 else ""
    return asked


def _wanted(visit: Visit) -> Wanted:
    asked, zone = _asked(visit), visit.wiring.settings.zone
    first, last = day_of(asked["from"]), day_of(asked["to"])
    return Wanted(
        actor=asked["who"],
        actions=FAMILIES.get(asked["act"], ()),
        subject=asked["about"],
        since=None if first is None else midnight(first, zone),
        until=None if last is None else midnight(last + timedelta(days=1), zone),
        before=int(asked["before"]) if asked["before"] else None,
    )


async def _page(visit: Visit, chain: Chain | None = None) -> Response:
    asked = _asked(visit)
    rows = await visit.wiring.auditing.rows(_wanted(visit))
    older = {**asked, "before": str(rows[-1].seq)} if len(rows) == MOST_ROWS else {}
    everybody = await visit.wiring.accounts.staff()
    return page(
        visit,
        "audit.html",
        rows=rows,
        asked=asked,
        families=tuple(FAMILIES),
        people=everybody,
        nobody=NOBODY,
        names={person.id: person.name for person in everybody},
        older=urlencode({key: value for key, value in older.items() if value}),
        chain=chain,
        most=MOST_EXPORTED,
        here="audit",
    )


DOORS: tuple[Door, ...] = (
    Door("GET", "/audit", "audit", show, AUDIT),
    Door("POST", "/audit/check", "audit_check", check, AUDIT, "act"),
    Door("POST", "/audit/export", "audit_export", export, AUDIT, "act"),
)
