"""Whatever anybody wrote, anywhere, is shown as the words it is and never becomes part of the page."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Literal
from urllib.parse import quote

import msgspec
import pytest

from escalation.ports import Assessment, Judgement, Line, Why
from flows.engine.conversation import PlanItem, Sheet, SheetAnswer
from tests.console.conftest import Visitor
from tests.console.examples import CONTACT, NOW, House, an_alert

By = Literal["her", "bot", "worker", "note"]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea><svg onload=alert(1)>",
    "</title><iframe src=javascript:alert(1)>",
    "{{ 7 * 7 }}{% raw %}${7*7}#{7*7}",
    "%s{0}{n}{__class__}",
    "<!--><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<b>drow\u202c\u2066x",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "a\x1b[31mb",
]
ALLOWED = re.findall(
    r"\w+",
    """html head meta title link body a header svg path circle span nav details summary div p b br form input button
    main h1 h2 h3 ul ol li dl dt dd section aside label textarea select option noscript script time data fieldset
    legend strong code q mark table thead tbody tr th td g desc line text polyline footer small bdi dialog kbd""",
)


class Read(HTMLParser):
    """A page as a browser reads it: its tags, its handlers, its scripts and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.scripts: list[str | None] = []
        self.addresses: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.handlers += [name for name in given if name.startswith("on") or name == "style"]
        self.addresses += [given.get(name) or "" for name in ("href", "src", "action") if name in given]
        if tag == "script":
            self.scripts.append(given.get("src"))

    def handle_data(self, data: str) -> None:
        self.words += data


async def every_page(sam: Visitor, ruth: Visitor, hostile: str) -> list[str]:
    pages = [
        await sam.get("/queue"),
        await sam.get("/queue/list"),
        await ruth.get("/queue"),
        await sam.post("/cases/P-K2A/chat"),
        await ruth.post("/cases/P-K2A", reason=hostile),
        await sam.post("/cases/P-K2A/say", text=hostile, nonce="", talk="1"),
        await sam.post("/alerts/K2A/resolve", claim="1", outcome=hostile, closing=hostile),
        await ruth.get("/cases/P-K2A"),
        await sam.get("/cases/P-K2A/instruments/orchard"),
        await ruth.post("/cases/P-K2A/instruments/orchard", reason=hostile, item=hostile),
        await sam.post("/cases/P-K2A/instruments/orchard/answer", item=hostile, answer=hostile, before="0"),
        await sam.get("/cases/P-K2A/instruments/baseline"),
        await sam.post("/cases/P-K2A/instruments/baseline/judge", tier=hostile, why=hostile),
        await sam.get("/staff"),
        await ruth.get("/staff"),
        await sam.post("/joining-code"),
        await sam.post("/sign-in", username=hostile, password="x", next=hostile),
        await sam.get("/queue?notice=" + quote(hostile)),
        await sam.post("/alerts/HOSTILE/claim"),
    ]
    assert [page.status_code for page in pages if page.status_code >= 500] == []
    return [page.text for page in pages]


@pytest.mark.usefixtures("no_hashing")
@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_words_in_every_field_stay_words(hostile: str, sam: Visitor, ruth: Visitor, house: House) -> None:
    for staff in house.memory.accounts:
        house.change(staff, name=hostile)
    her = house.put(an_alert(title=hostile, channel=hostile, language=hostile))
    house.put(an_alert("HOSTILE", "P-2", title=hostile, state="claimed", holder="s2", holder_name=hostile, claim=1,
                      claim_until=NOW.replace(year=2030)))  # fmt: skip
    free = ("may_read", "verify_question", "language", "channel", "shared_phone", "cover", "missed_rule", "voicemail")
    her.contact, her.verify_first = msgspec.structs.replace(CONTACT, **dict.fromkeys(free, hostile)), True
    her.plan, her.notes = [PlanItem(hostile, "todo", hostile)], [Line(NOW, "note", hostile, staff=hostile)]
    house.memory.why["K2A"] = (Why(NOW, "P1", (hostile,), (hostile,), (hostile,)),)
    everybody: tuple[By, ...] = ("her", "bot", "worker", "note")
    her.lines = [Line(NOW, by, hostile, hostile, hostile, hostile, (hostile,)) for by in everybody]
    house.people.invite = lambda *_: said(hostile)  # type: ignore[method-assign]
    await sam.post("/alerts/K2A/claim")
    given = SheetAnswer(hostile, hostile, hostile, NOW)
    her.sheets["orchard"] = Sheet("one", "orchard", "2026.1", NOW, hostile, {"q01": given})
    found = Assessment(NOW, "P1", (hostile,), {"hurt": hostile}, "up", "baseline", hostile)
    her.assessments = [replace(found, by=hostile, origins={"hurt": hostile}, says=(hostile,)), found]
    her.judgements = [Judgement(NOW, "baseline", "1", "P1", "P0", hostile, hostile)]

    shown = 0
    for text in await every_page(sam, ruth, hostile):
        page = Read(text)
        assert page.tags <= set(ALLOWED)
        assert page.handlers == []
        assert all(src and src.startswith("/console/static/") for src in page.scripts)
        assert not any(address.startswith("javascript") for address in page.addresses)
        shown += hostile in page.words
        assert "49" not in page.words or "49" in hostile
    assert shown >= 8


async def said(words: str) -> str:
    return words
