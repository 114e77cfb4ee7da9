"""The programme's own systems at the API: from an alert to its outcome, from a referral to a phone that joined."""

from __future__ import annotations

import re

import httpx

from escalation.console.app import API
from tests.journeys.house import ANA_PHONE, HER_PHONE, House, until

STRANGER = "+447700900987"


async def test_an_alert_is_listed_claimed_released_and_resolved(house: House) -> None:
    ana, ben = await house.worker("Ana", phone=ANA_PHONE), await house.worker("Ben")
    person = await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    await house.only_alert()

    async with await house.caller(ana) as hers, await house.caller(ben) as his:
        listed = (await hers.get("/alerts", params={"state": "open"})).json()["alerts"]
        (alert,) = listed
        ref = alert["ref"]
        assert (alert["tier"], alert["state"], alert["recipient"]) == ("P1", "open", person)
        assert "afraid" not in str(alert)
        assert HER_PHONE not in str(alert)

        claimed = await hers.post(f"/alerts/{ref}/claim")
        assert (claimed.status_code, claimed.json()["holder_name"]) == (200, "Ana")
        assert (await hers.get("/alerts", params={"state": "open"})).json()["alerts"] == []
        held = (await his.get("/alerts", params={"state": "claimed"})).json()["alerts"]
        assert [one["ref"] for one in held] == [ref]

        late = await his.post(f"/alerts/{ref}/claim")
        assert (late.status_code, late.json()["holder"]) == (409, "Ana")
        assert (await his.post(f"/alerts/{ref}/release")).status_code == 409
        assert (await his.post(f"/alerts/{ref}/resolve", json={"outcome": "referred", "note": "n"})).status_code == 409

        assert (await hers.post(f"/alerts/{ref}/release")).json()["state"] == "open"
        number = (await his.post(f"/alerts/{ref}/claim")).json()["claim"]
        old = await his.post(f"/alerts/{ref}/release", json={"claim": number - 1})
        assert old.status_code == 409, "an act under an old claim"
        assert (await his.post(f"/alerts/{ref}/resolve", json={"outcome": "referred"})).status_code == 409, "no note"
        done = await his.post(f"/alerts/{ref}/resolve", json={"outcome": "referred", "note": "With the refuge."})
        assert (done.status_code, done.json()["state"]) == (200, "closing")
        assert (await his.post(f"/alerts/{ref}/sign")).status_code == 409, "not by who closed it"
        waits = (await hers.get("/alerts", params={"state": "closing"})).json()["alerts"]
        assert [one["ref"] for one in waits] == [ref]
        closing = (await hers.get(f"/alerts/{ref}/closing")).json()
        assert (closing["by"], closing["outcome"], closing["note"]) == ("Ben", "referred", "With the refuge.")
        assert (await hers.post(f"/alerts/{ref}/sign")).json()["state"] == "resolved"
        assert (await his.post(f"/alerts/{ref}/claim")).status_code == 409, "it is closed"
        listed = (await his.get("/alerts", params={"state": "all"})).json()["alerts"]
        assert ref not in [alert["ref"] for alert in listed]
        assert (await his.post("/alerts/ZZZZ/claim")).status_code == 404

    task = await house.only_alert()
    assert (task.tier, task.kind) == ("P3", "task"), "her record is to be confirmed after it"


async def test_a_referral_becomes_a_code_that_works_on_a_phone(house: House) -> None:
    ana = await house.worker("Ana")
    async with await house.caller(ana) as client:
        answer = await client.post("/recipients", json={"language": "es", "case": "DV-2210"})
        assert answer.status_code == 201
        code = answer.json()["joining_code"]
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", code)
        assert (await client.post("/recipients", json={"name": "A"})).status_code == 422

    (first,) = await house.she_texts(code.lower(), phone=STRANGER)
    assert "English" in first
    assert (await house.state(address=STRANGER)).contact.language == "es"


async def test_a_timeline_tells_what_happened_and_no_word_of_hers(house: House) -> None:
    ana = await house.worker("Ana")
    person = await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9, he has my passport")
    alert = await house.only_alert()
    async with await house.caller(ana) as client:
        assert (await client.get(f"/recipients/{person}/timeline")).status_code == 409, "no reason was given"
        client.headers["Rowan-Reason"] = "Weekly meeting"
        answer = await client.get(f"/recipients/{person}/timeline")
        assert answer.status_code == 200
        assert alert.ref in answer.text
        contacts = [entry["kind"] for entry in answer.json()["entries"] if entry["what"] == "contact"]
        assert contacts == ["answered"], "she opened her chat"
        assert "passport" not in answer.text
        assert HER_PHONE not in answer.text
        assert (await client.get("/recipients/R-NONE/timeline")).status_code == 404


async def test_an_instrument_filled_in_raises_pages_and_outlives_a_restart(house: House) -> None:
    ana = await house.worker("Ana", phone=ANA_PHONE)
    person = await house.recipient()
    why = {"Rowan-Reason": "She rang the office"}
    async with await house.caller(ana) as client:
        assert (await client.get(f"/recipients/{person}/instruments")).status_code == 409, "no reason was given"
        client.headers.update(why)
        begun = (await client.post(f"/recipients/{person}/instruments/baseline/begin")).json()
        given = {"sheet": begun["sheet"], "item": "forced", "value": "yes", "origin": "her"}
        assert (await client.post(f"/recipients/{person}/instruments/baseline/answer", json=given)).status_code == 200
    alert = await house.only_alert()
    assert (alert.tier, alert.title, alert.person) == ("P1", "In the last year: forced sex", person)
    await until(lambda: any(alert.ref in text for text in house.twilio.texts_to(ANA_PHONE)), "Ana is paged")

    await house.stop()
    await house.start()
    async with await house.caller(ana) as client:
        client.headers.update(why)
        stands = (await client.get(f"/recipients/{person}/instruments/baseline")).json()
        assert [item["id"] for item in stands["items"] if item["given"]] == ["forced"]
        done = await client.post(f"/recipients/{person}/instruments/baseline/finish", json={"sheet": begun["sheet"]})
        (found,) = done.json()["assessments"]
        assert (found["tier"], found["by"], found["score"]["unanswered"]) == ("P1", ana.id, 3)
    assert house.twilio.texts_to(HER_PHONE) == [], "nothing of it reaches her phone"


async def test_without_a_token_there_is_nothing_and_with_one_only_what_is_described(house: House) -> None:
    ana, auditor = await house.worker("Ana"), await house.worker("Olu", role="auditor")
    async with httpx.AsyncClient(base_url=f"{house.url}/api/v1", trust_env=False) as nobody:
        for door in API:
            answer = await nobody.request(door.method, door.path.format(ref="K2A", instrument="baseline"))
            assert answer.status_code == 401, door
            assert answer.headers["www-authenticate"].startswith("Bearer")
        described = await nobody.get("/openapi.json")
    assert described.status_code == 200
    paths = described.json()["paths"]
    served = {(door.method.lower(), door.path) for door in API}
    assert {(method, path) for path, methods in paths.items() for method in methods} == served
    async with await house.caller(ana) as client:
        for method, path in served:
            answer = await client.request(
                method, path.format(ref="K2A", instrument="baseline"), json={} if method == "post" else None
            )
            assert str(answer.status_code) in paths[path][method]["responses"], (method, path)
    async with await house.caller(auditor) as client:
        assert (await client.get("/alerts")).status_code == 403
    async with await house.caller(ana) as client:
        client.headers["Authorization"] = client.headers["Authorization"].swapcase()
        assert (await client.get("/alerts")).status_code == 401
