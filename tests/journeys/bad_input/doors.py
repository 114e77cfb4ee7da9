"""What is posted at the doors of a house, rightly signed or not, and what is looked at afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlencode

import httpx

from tests.journeys.house import HER_PHONE, House

INBOUND = "/channels/twilio/inbound"
SECRET = {"X-Telegram-Bot-Api-Secret-Token": "a-secret-of-the-webhook"}
FORM = "application/x-www-form-urlencoded"


def a_form(house: House, number: int = 1, **other: str) -> dict[str, str]:
    """A text as Twilio posts it. `number` makes its SID."""
    sid = f"SM{number:032x}"
    form = {"AccountSid": house.twilio.account, "Body": "hi", "From": HER_PHONE, "MessageSid": sid, "NumMedia": "0"}
    return form | {"To": house.twilio.number} | other


async def post(house: House, form: Mapping[str, str], signature: str | None = None, path: str = INBOUND) -> int:
    """Posted as Twilio does; signed rightly unless told otherwise ('' leaves the signature out)."""
    right = house.twilio.signature(house.url + INBOUND, form)
    return await raw(house, urlencode(form).encode(), right if signature is None else signature, path=path)


async def raw(
    house: House, body: bytes | AsyncIterator[bytes], signature: str, kind: str = FORM, path: str = INBOUND
) -> int:
    headers = {"Content-Type": kind} | ({"X-Twilio-Signature": signature.encode("latin-1")} if signature else {})
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        answer = await client.post(house.url + path, content=body, headers=headers)
    assert "Traceback" not in answer.text
    return answer.status_code


async def good(house: House) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"{house.url}/healthz")).status_code == 200


async def she_can_still_talk(house: House) -> None:
    """The service is well, and her word opens the chat as ever."""
    assert await good(house)
    (answer,) = await house.she_texts("sunflower")
    assert "safe" in answer


def covers(texts: list[str]) -> bool:
    return all(text.startswith("Home recipes") for text in texts)


STRANGE = {
    "nul": "hi\x00there",
    "only nul": "\x00",
    "combining marks": "a" + "\u0301" * 1_599,
    "right to left": "\u202e\u2066 reverof \u2069\u202c",
    "sql": "'; DROP TABLE persons; --",
    "jinja": "{{ 7*7 }}{% for x in y %}",
    "format": "{0} {name!r} %s %(x)s ${HOME}",
    "markup": "<script>alert(1)</script><b>*_[x](y)`",
    "twiml": "</Message></Response><!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "cel": "safe_now == 'yes' || true",
    "new lines": "a\r\nX-Header: 1\r\n\r\n{}",
    "byte order mark": "\ufeffhi",
    "terminal": "\x1b[2J\x1b]0;t\x07",
    "emoji": "👩‍👩‍👧‍👦" * 100,
    "longest": "😀" * 800,
    "digits of many scripts": "٣３३",
    "blank": "",
    "spaces": " \u00a0\u2003\u200b",
}


async def update(house: House, content: bytes, headers: Mapping[str, str] = SECRET) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        answer = await client.post(f"{house.url}/channels/telegram", content=content, headers=dict(headers))
    return answer.status_code
