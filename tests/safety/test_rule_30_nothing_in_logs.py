"""SAFETY 30: no text, number, chat or name of hers stands in logs, metrics, URLs, error pages or pages to workers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.server import Fault
from tests.journeys.house import ANA_CHAT, ANA_PHONE, HER_CHAT, HER_PHONE, House, until_async
from tests.journeys.test_providers import after, refused

CANARIES = ("zimtstern", "quarkstrudel", "Aurelia", "wanderfalke")  # her words, her plan's, the worker's name, a note


async def test_no_number_no_name_and_no_word_stands_in_logs_or_metrics(log: io.StringIO, tmp_path: Path) -> None:
    async with House(tmp_path) as house:
        ana = await house.worker("Aurelia", phone=ANA_PHONE, chat=ANA_CHAT)
        person = await house.recipient()
        await house.recipient("telegram", str(HER_CHAT))
        house.twilio.fail(Fault.status(503, words=f"zimtstern {HER_PHONE}"), Fault.html())
        await house.twilio.deliver("zimtstern", HER_PHONE)
        await house.twilio.deliver("zimtstern", HER_PHONE)
        await refused(house, 2)
        house.twilio.fail(Fault.status(400, 21614, words=f"zimtstern {HER_PHONE}"))
        await house.twilio.deliver("zimtstern", HER_PHONE)
        await refused(house, 3)  # whichever of the three it was, what follows is answered
        await house.she_texts("sunflower", "3")
        await house.she_writes("sunflower", "quarkstrudel")
        house.telegram.push({"message": {"text": "zimtstern", "chat": {"id": HER_CHAT, "type": "group"}}})
        house.service.turns._decide = _breaks  # type: ignore[assignment]
        await house.twilio.deliver("quarkstrudel", HER_PHONE)
        await until_async(house.queue, "alerts")
        alert = next(one for one in await house.queue() if one.person == person)
        await house.service.desk.claim(alert.ref, ana.id, house.clock.now())
        await house.service.desk.note(person, ana.id, "wanderfalke", house.clock.now())
        async with httpx.AsyncClient(base_url=house.url, trust_env=False) as client:
            forged = await client.post("/channels/twilio/inbound", data={"Body": "zimtstern", "From": HER_PHONE})
            assert forged.status_code == 403
            opened = await client.get(f"/console/cases/{person}?reason=zimtstern")
            nowhere = await client.get("/console/zimtstern")
            shown = " ".join((forged.text, opened.text, nowhere.text, (await client.get("/health")).text))
            metrics = (await client.get("/metrics")).text
        await after(house, 5)
        pages = str([*house.twilio.texts_to(ANA_PHONE), *house.telegram.texts_to(ANA_CHAT)])
    written = log.getvalue()
    assert "delivery.refused" in written
    assert "turn.failed" in written
    assert "webhook.signature" in written
    assert "rowan_turns" in metrics
    assert nowhere.status_code == 404
    assert alert.ref in pages
    for hers in ("zimtstern", "quarkstrudel", "wanderfalke", "sunflower", HER_PHONE[1:], str(HER_CHAT)):
        assert hers not in pages
    secrets = [*CANARIES, HER_PHONE, HER_PHONE[1:], str(HER_CHAT), ANA_PHONE[1:], str(ANA_CHAT), house.telegram.token]
    for secret in [*secrets, house.twilio.token, "sunflower", person]:
        assert secret.lower() not in written.lower(), secret
        assert secret.lower() not in metrics.lower(), secret
    for hers in (*CANARIES, "sunflower", HER_PHONE[1:], str(HER_CHAT)):
        assert hers.lower() not in shown.lower(), f"{hers} on a page for strangers"


def _breaks(*_: object) -> Any:
    raise RuntimeError(f"quarkstrudel {HER_PHONE}")
