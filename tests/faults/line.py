"""Both providers' doubles as this harness needs them: messages repeated until acknowledged, reports in any order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import httpx
from starlette.requests import Request
from starlette.responses import Response

from escalation.console.forgery import FIELD
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio, Message
from tests.faults.evidence import Landed, Phone, Said, Wrote
from tests.faults.town import Desk, Town

EARLY = 0.2  # of status reports come before the answer to the send that they are about
UNPOSTED = 0.03  # of texts have no webhook at all: only Twilio's list has them
REPLAYED = 0.05  # of acknowledged webhooks are posted once more
UNKNOWN_MOST = 4  # tries for a text that the service does not know: a send that was cut off and may not be repeated
REPORTED_AT_ONCE = 8  # messages whose status reports are under way
AGAIN = 0.15  # seconds between two tries of a provider; the real ones wait longer


class Twilio(FakeTwilio):
    """Some sends are reported on before they are answered."""

    async def _create(self, request: Request) -> Response:
        answer = await super()._create(request)
        if answer.status_code == 201 and random.random() < EARLY:
            sid = next(reversed(self.messages))
            await self.report(sid, "delivered")
        return answer


class Line:
    """The outside world: the phones' messages and what landed on them."""

    def __init__(self, port: int, workers: Iterable[Phone] = ()) -> None:
        """`workers` have written to the bot before, as they must before it may write to them."""
        self._workers = tuple(workers)
        self.url = f"http://127.0.0.1:{port}"
        self.twilio, self.telegram = Twilio(), FakeTelegram()
        self.said: list[Said] = []
        self.wrote: list[Wrote] = []  # workers, in the console
        self._waiting = 0
        self._reported = 0
        self._http: httpx.AsyncClient

    def __enter__(self) -> Line:
        self.twilio.start()
        self.telegram.start()
        self.telegram._chats.update(int(address) for channel, address in self._workers if channel == "telegram")
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(15, connect=5), trust_env=False)
        return self

    def __exit__(self, *_: object) -> None:
        self.twilio.stop()
        self.telegram.stop()

    def settings(self, town: Town) -> dict[str, str]:
        return {
            "ROWAN_DATABASE_URL": f"sqlite:///{town.database}",
            "ROWAN_KEY_RING_FILE": str(town.ring),
            "ROWAN_PUBLIC_URL": self.url,
            "ROWAN_PORT": self.url.rpartition(":")[2],
            "ROWAN_TWILIO_ACCOUNT_SID": self.twilio.account,
            "ROWAN_TWILIO_AUTH_TOKEN": self.twilio.token,
            "ROWAN_TWILIO_NUMBERS": self.twilio.number,
            "ROWAN_TWILIO_BASE_URL": self.twilio.url,
            "ROWAN_TELEGRAM_MODE": "polling",
            "ROWAN_TELEGRAM_TOKEN": self.telegram.token,
            "ROWAN_TELEGRAM_BASE_URL": self.telegram.url,
            "ROWAN_LOG_LEVEL": "warning",
        }

    async def hang_up(self) -> None:
        """Close what the phones hold open; in the loop that opened it."""
        await self._http.aclose()

    # from a phone

    async def say(self, phone: Phone, text: str, posted: bool = False) -> None:
        """Returns once the service has acknowledged it, however often it must be repeated.

        A text that must have its webhook is `posted`; of the others a few have none.
        """
        self._waiting += 1
        channel, address = phone
        said = await (self._text(phone, text, posted) if channel == "sms" else self._update(phone, int(address), text))
        self.said.append(said)
        self._waiting -= 1

    async def _text(self, phone: Phone, text: str, posted: bool) -> Said:
        sid = self.twilio.missed(text, phone[1])
        if not posted and random.random() < UNPOSTED:
            return Said(phone, sid, text, acked=False, posted=False)
        form = self.twilio._form(self.twilio.messages[sid])
        while not await self._post("/channels/twilio/inbound", form):  # noqa: ASYNC110 - a provider's retries
            await asyncio.sleep(AGAIN)
        if random.random() < REPLAYED:
            await self._post("/channels/twilio/inbound", form)
        return Said(phone, sid, text, acked=True)

    async def _update(self, phone: Phone, chat: int, text: str) -> Said:
        update = self.telegram.say(chat, text)
        while update in self.telegram._pending:  # noqa: ASYNC110 - the fake lives in another thread
            await asyncio.sleep(0.03)
        return Said(phone, f"update:{update}", text, acked=True)

    async def once(self, path: str, form: dict[str, str]) -> int:
        """One webhook, signed; the status, 0 where no answer came."""
        url = f"{self.url}{path}"
        try:
            answer = await self._http.post(
                url, data=form, headers={"X-Twilio-Signature": self.twilio.signature(url, form)}
            )
        except httpx.HTTPError:
            return 0
        return answer.status_code

    async def press(self, desk: Desk, path: str, form: Mapping[str, str]) -> int:
        """A button of the console; the status, 0 where no answer came."""
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": f"rowan={desk.token}"}
        try:
            answer = await self._http.post(
                f"{self.url}/console{path}", data={FIELD: desk.csrf, **form}, headers=headers
            )
        except httpx.HTTPError:
            return 0
        return answer.status_code

    async def _post(self, path: str, form: dict[str, str]) -> bool:
        return 200 <= await self.once(path, form) < 300

    # about a message

    async def report(self) -> None:
        """For ever: tell the service how its texts fared, a few messages at a time."""
        while True:
            some = self.twilio.sent[self._reported :][:REPORTED_AT_ONCE]
            await asyncio.gather(*(self._tell_of(message) for message in some))
            self._reported += len(some)
            await asyncio.sleep(0.05)

    async def _tell_of(self, message: Message) -> None:
        """'sent' and 'delivered', in any order."""
        for status in random.sample(["sent", "delivered"], 2):
            self.twilio.settle(message.sid, status)
            await self._report(self._status(message.sid, message.to, status))

    async def _report(self, form: dict[str, str]) -> None:
        """A service that is away is told later; one that does not know the message, a few times."""
        unknown = 0
        while unknown < UNKNOWN_MOST:
            answered = await self.once("/channels/twilio/status", form)
            if 200 <= answered < 300:
                return
            unknown += answered == 404
            await asyncio.sleep(AGAIN)

    def _status(self, sid: str, to: str, status: str) -> dict[str, str]:
        return {
            "AccountSid": self.twilio.account,
            "From": self.twilio.number,
            "MessageSid": sid,
            "MessageStatus": status,
            "SmsSid": sid,
            "SmsStatus": status,
            "To": to,
        }

    # at the end

    @property
    def restless(self) -> str:
        """What is not acknowledged or not reported yet; '' when all is."""
        texts, updates, reports = self._waiting, self.telegram.waiting, len(self.twilio.sent) - self._reported
        return f"{texts} texts, {updates} updates, {reports} reports" if texts or updates or reports else ""

    def landed(self) -> list[Landed]:
        texts = [Landed(("sms", m.to), m.sid, m.body) for m in self.twilio.sent]
        chats = [Landed(("telegram", str(i.chat)), str(i.id), i.text) for i in self.telegram.sent]
        return texts + chats

    def save(self, folder: Path) -> None:
        """For whoever must look into a fault."""
        lines = [f"{fact}\n" for fact in (*self.twilio.history, *self.telegram.history)]
        (folder / "history.txt").write_text("".join(lines))
