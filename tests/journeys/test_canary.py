"""SAFETY 29, 30: invented words in every field of one whole run. They stand on her phone and on the case page, for her
worker; in no log, metric, address, error, page to a phone, backup or file, and after erasure nowhere at all."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from escalation.console.passwords import hash_password
from storage.backup import backup
from storage.schema import metadata
from tests.journeys.house import ANA_PHONE, HER_CHAT, HER_PHONE, House, until, until_async

SIGNAL, DURESS, EXIT = "quincetree", "maplegrove", "lindenhill"  # the words that she chooses
SAID, CASE_NUMBER, QUESTION, PLAN = "heronsbill", "wigeonfen", "ploverfield", "kestrelbarn"
NOTE, CLOSING, REASON, TALKED, CAPTION = "dunnockmoor", "siskinwood", "wrenhollow", "curlewbank", "avocetsands"
FORGED, NOWHERE, FAULT, UNREAD = "buntingdale", "fieldfarelane", "whimbrelbay", "garganeypond"
PASSWORD, NAME = "a long enough shoveler", "Corncrake"
HERS = (SIGNAL, DURESS, EXIT, SAID, CASE_NUMBER, QUESTION, PLAN, NOTE, CLOSING, TALKED, CAPTION, UNREAD)
CANARIES = (*HERS, REASON, FORGED, NOWHERE, FAULT, "shoveler", HER_PHONE[1:], HER_PHONE[4:], str(HER_CHAT))
HERE = {"Sec-Fetch-Site": "same-origin"}


def found(text: str, words: tuple[str, ...] = CANARIES) -> list[str]:
    return [word for word in words if word.lower() in text.lower()]


@dataclass
class Browser:
    """Ana's, by hand: it keeps all addresses, all errors and the page it is on."""

    client: httpx.AsyncClient
    page: str = ""
    addresses: list[str] = field(default_factory=list)
    errors: list[httpx.Response] = field(default_factory=list)

    async def get(self, path: str) -> httpx.Response:
        return self._seen(await self.client.get(path, follow_redirects=True))

    async def post(self, path: str, **fields: str) -> httpx.Response:
        token = re.search(r'name="csrf" value="([^"]+)"', self.page)
        form = fields | ({"csrf": token[1]} if token else {})
        return self._seen(await self.client.post(path, data=form, headers=HERE, follow_redirects=True))

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        self.addresses += [str(one.url) for one in (*answer.history, answer)]
        self.addresses += [one.headers.get("location", "") for one in answer.history]
        if answer.is_error:
            self.errors.append(answer)
        elif "html" in answer.headers.get("content-type", ""):
            self.page = answer.text
            self.addresses += re.findall(r'(?:href|action|src|data-[a-z]+)="([^"]*)"', answer.text)
        return answer


async def joins(house: House, ana: Browser) -> str:
    """By a code from the console, with words and a question of her own. Returns her case ref."""
    await ana.get("/console/joining-code")
    made = (await ana.post("/console/joining-code", language="en", case=CASE_NUMBER)).text
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", made)
    assert code, "a joining code"
    await house.she_texts(code[0], "en", "1", "1", "1", "1", "5", SIGNAL, DURESS, EXIT)
    await house.she_texts("2", "2", "5", "7", "1", "24", "1", f"The cat? {QUESTION}", "1", "1", f"my aunt at {PLAN}")
    await leaves(house)
    query = sa.select(metadata.tables["persons"].c.ref)
    return str(await house.service.database.read(lambda conn: conn.execute(query).scalar_one()))


async def leaves(house: House) -> None:
    """Her chat is hidden, whether or not anything is said."""
    assert (await house.twilio.deliver("x", HER_PHONE)).ok
    await house.service.settle()


async def worked_on(house: House, ana: Browser, person: str) -> None:
    """Found, claimed, read, noted, talked, closed."""
    alert = await house.only_alert()
    await ana.get("/console/queue")
    await ana.post(f"/console/cases/{person}", reason=REASON)
    await ana.post(f"/console/alerts/{alert.ref}/claim")
    assert SAID in (await ana.post(f"/console/cases/{person}/transcript")).text, "her worker reads it"
    assert NOTE in (await ana.post(f"/console/cases/{person}/notes", note=NOTE, talk="1")).text
    await ana.post(f"/console/cases/{person}/chat")
    sent = len(house.twilio.texts_to(HER_PHONE))
    await ana.post(f"/console/cases/{person}/say", text=f"I am here, {TALKED}", nonce="n1")
    await until(lambda: TALKED in " ".join(house.twilio.texts_to(HER_PHONE)[sent:]), "her worker's words")
    held = (await house.queue())[0]
    resolving = {"outcome": "other", "closing": CLOSING, "claim": str(held.claim)}
    assert (await ana.post(f"/console/alerts/{held.ref}/resolve", **resolving)).status_code == 200


async def goes_wrong(house: House, ana: Browser, api: httpx.AsyncClient, person: str) -> list[httpx.Response]:
    """404, 403, 405, 409, 413, 415, 422 and 500, at every kind of door, with a word in what was asked."""
    await ana.get("/console/queue")
    await ana.post(f"/console/alerts/{NOWHERE}/claim")
    await ana.post("/console/joining-code", language="xx", case=FAULT)
    answers = [
        await api.post(f"/recipients/{NOWHERE}/records", json={"fact": "no_contact_order", "value": "stands"}),
        await api.post(f"/recipients/{person}/erase", json={"reason": FAULT, "confirm": FAULT, "authority": FAULT}),
        await api.post(f"/recipients/{person}/records", json={"fact": FAULT, "value": FAULT, FAULT: 1}),
        await api.post(f"/recipients/{person}/records", content=f"{{{FAULT}", headers={"content-type": "text/plain"}),
        await api.post(
            f"/recipients/{person}/records", content=f"{{{FAULT}", headers={"content-type": "application/json"}
        ),
        await api.post("/recipients", json={"case": FAULT * 10}),
        await api.get(f"/alerts?state={FAULT}"),
        await api.get("/alerts", headers={"Authorization": f"Bearer {FAULT}"}),
    ]

    async def broken(*_: Any) -> Any:
        raise RuntimeError(f"{FAULT} {HER_PHONE}")

    house.service.desk.timeline = broken  # type: ignore[method-assign]
    house.service.desk.case = broken  # type: ignore[method-assign]
    answers.append(await api.get(f"/recipients/{person}/timeline"))
    await ana.get(f"/console/cases/{person}")
    del house.service.desk.timeline, house.service.desk.case  # type: ignore[attr-defined]
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as stranger:
        forged = {"Body": FORGED, "From": HER_PHONE}
        answers.append(await stranger.post("/channels/twilio/inbound", data=forged))
        answers.append(await stranger.post("/channels/telegram", json={"message": FORGED}))
        answers.append(await stranger.put("/console/queue", content=FORGED))
    return answers


def columns(house: House, but: str = "") -> Any:
    """Every value of every row, as text; `but` a table."""

    def unit(conn: sa.Connection) -> str:
        rows = (row for table in metadata.sorted_tables if table.name != but for row in conn.execute(sa.select(table)))
        shown = (bytes(v).decode("latin-1") if isinstance(v, bytes) else str(v) for row in rows for v in row)
        return "\n".join(shown)

    return house.service.database.read(unit)


def files(folder: Path) -> str:
    """Every byte of the database, its log, and the backups."""
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.glob("*")) if path.is_file())


async def test_nothing_of_hers_is_anywhere_else(log: io.StringIO, tmp_path: Path) -> None:
    async with House(tmp_path) as house:
        worker = await house.worker("Ana", phone=ANA_PHONE, password=hash_password(PASSWORD))
        await house.worker(NAME, duty="supervisor", role="supervisor", phone="+447700900205")
        async with httpx.AsyncClient(base_url=house.url, trust_env=False) as client, await house.caller(worker) as api:
            ana = Browser(client)
            await ana.get("/console/sign-in")
            await ana.post("/console/sign-in", username="ana", password=PASSWORD)
            assert "Sign out" in ana.page
            person = await joins(house, ana)
            await house.she_texts(SIGNAL, "3", f"he has a gun and {SAID}")
            assert (await house.twilio.deliver(CAPTION, HER_PHONE, media=["image/jpeg"])).ok
            await house.service.settle()
            await worked_on(house, ana, person)
            house.telegram.say(HER_CHAT, UNREAD)  # a stranger's
            await house.service.settle()
            wrong = await goes_wrong(house, ana, api, person)
            seen = [*wrong, *ana.errors]
            assert {one.status_code for one in seen} >= {400, 401, 403, 404, 405, 415, 422, 500}
            for one in seen:
                assert found(one.text) == [], (one.request.url.path, one.status_code)
            for path in ("/healthz", "/readyz", "/health/escalation", "/metrics", "/api/v1/openapi.json"):
                assert found((await client.get(path)).text) == [], path
            ours = [address for address in ana.addresses if NOWHERE not in address]
            assert found(" ".join(ours)) == []
            pages = " ".join(house.twilio.texts_to(ANA_PHONE) + house.twilio.texts_to("+447700900205"))
            assert pages
            assert found(pages) == []

            backup(tmp_path / "rowan.db", tmp_path / "before.db")
            assert found(files(tmp_path)) == []
            assert found(await columns(house)) == []
            sealed = await sealed_of(house)

            asked = {"authority": "in_person", "reason": f"She asked, {REASON}", "confirm": person}
            assert (await api.post(f"/recipients/{person}/erase", json=asked)).status_code == 201
            await house.service.settle()
            (tmp_path / "before.db").unlink()
            backup(tmp_path / "rowan.db", tmp_path / "after.db")
            await until_async(lambda: emptied(house), "the log of the database is empty")
            standing = files(tmp_path)
            assert found(standing) == []
            assert [one for one in sealed if one.decode("latin-1") in standing] == [], "not even sealed"
            assert person not in await columns(house, but="audit"), "there alone her reference stays"
            assert found(await columns(house)) == []
            written = log.getvalue()
    assert "webhook.signature" in written, "the log is read"
    assert "turn.failed" not in written
    assert found(written + log.getvalue()) == []
    assert person not in log.getvalue()


async def sealed_of(house: House) -> list[bytes]:
    """Her key and everything under it, as it stands in the rows."""

    def unit(conn: sa.Connection) -> list[bytes]:
        hers = [metadata.tables[name] for name in ("events", "reasons", "notes")]
        keys = conn.execute(sa.select(metadata.tables["persons"].c.wdek)).scalars()
        return [bytes(v) for v in keys] + [
            bytes(v) for table in hers for v in conn.execute(sa.select(table.c.sealed)).scalars()
        ]

    found_ = await house.service.database.read(unit)
    assert len(found_) > 20
    return found_


async def emptied(house: House) -> bool:
    await house.service.database.empty_log()
    return (house.folder / "rowan.db-wal").stat().st_size == 0


@pytest.mark.parametrize("word", [SAID, HER_PHONE[1:]])
def test_the_search_finds_what_is_there(word: str, tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"\x00" + word.upper().encode() + b"\xff")
    assert word in found(files(tmp_path))
