"""The doubles themselves: they must be as strict as the providers, or the tests above prove little."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from bot.channels.sms_form import read_inbound, signature_ok
from bot.channels.telegram_update import secret_ok
from tests.channels.conftest import HER_CHAT, HER_PHONE
from tests.fakes.ports import free_port
from tests.fakes.server import FakeServer, Fault
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio

REPOSITORY = Path(__file__).parents[2]


class Service(FakeServer):
    """What stands for Rowan here: a webhook that keeps what is posted to it."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[tuple[dict[str, str], list[tuple[str, str]], bytes]] = []

    def routes(self) -> list[Route]:
        return [Route("/in", self._in, methods=["POST"])]

    def refusal(self, fault: Fault) -> Response:
        return Response(status_code=fault.http)

    async def _in(self, request: Request) -> Response:
        body = await request.body()
        pairs = [(name, str(value)) for name, value in (await request.form()).multi_items()]
        with self._lock:
            self.posts.append((dict(request.headers), pairs, body))
        return await self.serve("in", request, lambda: Response("<Response/>", media_type="text/xml"))


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


class TestTwilioWebhooks:
    async def test_a_text_is_posted_signed_and_in_shape(self, twilio: FakeTwilio, service: Service) -> None:
        twilio.app = f"{service.url}/in"
        delivered = await twilio.deliver("sunflower é", HER_PHONE, media=["image/png"])
        headers, pairs, _ = service.posts[0]
        assert delivered.attempts == [200]
        assert signature_ok(twilio.app, pairs, headers["x-twilio-signature"], twilio.token)
        assert RequestValidator(twilio.token).validate(twilio.app, dict(pairs), headers["x-twilio-signature"])
        inbound = read_inbound(pairs, twilio.account, datetime.now(UTC))
        assert (inbound.text, inbound.media, inbound.provider_id) == ("sunflower é", ("photo",), delivered.sid)
        assert headers["i-twilio-idempotency-token"]

    async def test_by_default_a_failing_webhook_is_not_tried_again(self, twilio: FakeTwilio, service: Service) -> None:
        twilio.app = f"{service.url}/in"
        service.fail(Fault.status(503), on="in")
        delivered = await twilio.deliver("sunflower", HER_PHONE)
        assert (delivered.attempts, delivered.ok) == ([503], False)

    @pytest.mark.parametrize("overrides", ["#rc=3&rp=5xx", "#rc=5&rp=all", "#rp=4xx,5xx&rc=2"])
    async def test_with_overrides_it_is(self, twilio: FakeTwilio, service: Service, overrides: str) -> None:
        twilio.app = f"{service.url}/in{overrides}"
        service.fail(Fault.status(503), Fault.status(500), on="in")
        delivered = await twilio.deliver("sunflower", HER_PHONE)
        assert delivered.attempts == [503, 500, 200]
        tokens = {headers["i-twilio-idempotency-token"] for headers, _, _ in service.posts}
        assert len(tokens) == 1
        for headers, pairs, _ in service.posts:
            assert signature_ok(twilio.app, pairs, headers["x-twilio-signature"], twilio.token)

    async def test_no_connection_is_tried_once_more(self, twilio: FakeTwilio) -> None:
        twilio.app = "http://127.0.0.1:9/in"
        assert (await twilio.deliver("sunflower", HER_PHONE)).attempts == ["connect", "connect"]

    async def test_a_message_can_be_posted_again(self, twilio: FakeTwilio, service: Service) -> None:
        twilio.app = f"{service.url}/in"
        first = await twilio.deliver("sunflower", HER_PHONE)
        await twilio.deliver("", HER_PHONE, sid=first.sid)
        assert service.posts[0][1] == service.posts[1][1]

    async def test_status_reports_go_to_the_message_s_own_address(self, twilio: FakeTwilio, service: Service) -> None:
        form = {"To": HER_PHONE, "From": twilio.number, "Body": "x", "StatusCallback": f"{service.url}/in"}
        url = f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        async with httpx.AsyncClient(auth=(ACCOUNT, TOKEN)) as client:
            sid = (await client.post(url, data=form)).json()["sid"]
        await twilio.report(sid, "undelivered", 30003)
        pairs = dict(service.posts[0][1])
        assert (pairs["MessageStatus"], pairs["ErrorCode"], pairs["MessageSid"]) == ("undelivered", "30003", sid)
        assert twilio.messages[sid].status == "undelivered"


class TestTelegramWebhooks:
    async def test_an_update_is_posted_with_the_secret_until_it_is_taken(
        self, telegram: FakeTelegram, service: Service
    ) -> None:
        service.fail(Fault.status(500), Fault.status(503), on="in")
        async with httpx.AsyncClient() as client:
            answer = await client.post(
                f"{telegram.url}/bot{telegram.token}/setWebhook",
                data={"url": f"{service.url}/in", "secret_token": "s3cret"},
            )
        assert answer.json() == {"ok": True, "result": True}
        await asyncio.to_thread(telegram.drained)
        assert [json.loads(body)["message"]["text"] for _, _, body in service.posts] == ["hello"] * 3
        assert secret_ok(service.posts[0][0]["x-telegram-bot-api-secret-token"], "s3cret")

    async def test_updates_come_in_order_when_one_is_posted_at_a_time(
        self, telegram: FakeTelegram, service: Service
    ) -> None:
        async with httpx.AsyncClient() as client:
            await client.post(f"{telegram.url}/bot{telegram.token}/setWebhook", data={"url": f"{service.url}/in"})
        service.fail(Fault.status(500), on="in")
        for n in range(20):
            telegram.say(HER_CHAT, str(n))
        await asyncio.to_thread(telegram.drained)
        seen = [json.loads(body)["message"]["text"] for _, _, body in service.posts]
        assert list(dict.fromkeys(seen)) == ["hello", *map(str, range(20))]


class TestTelegramStrictness:
    async def ask(self, telegram: FakeTelegram, method: str, **params: Any) -> dict[str, Any]:
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{telegram.url}/bot{telegram.token}/{method}", data=params)
        found: dict[str, Any] = answer.json()
        return found

    @pytest.mark.parametrize(
        ("params", "words"),
        [
            ({"chat_id": 1, "text": "hi"}, "chat not found"),
            ({"chat_id": HER_CHAT, "text": " "}, "message text is empty"),
            ({"chat_id": HER_CHAT, "text": "a" * 4097}, "message is too long"),
            (
                {
                    "chat_id": HER_CHAT,
                    "text": "hi",
                    "reply_markup": '{"inline_keyboard":[[{"text":"a","callback_data":"' + "x" * 65 + '"}]]}',
                },
                "BUTTON_DATA_INVALID",
            ),
        ],
    )
    async def test_a_wrong_message_is_refused(self, telegram: FakeTelegram, params: Any, words: str) -> None:
        answer = await self.ask(telegram, "sendMessage", **params)
        assert (answer["ok"], answer["error_code"]) == (False, 400)
        assert words in answer["description"]

    async def test_more_than_a_hundred_deletions_are_refused(self, telegram: FakeTelegram) -> None:
        answer = await self.ask(telegram, "deleteMessages", chat_id=HER_CHAT, message_ids=json.dumps([*range(101)]))
        assert answer["error_code"] == 400

    async def test_a_button_that_no_screen_shows_cannot_be_pressed(self, telegram: FakeTelegram) -> None:
        with pytest.raises(KeyError):
            telegram.press(HER_CHAT, "t-none")

    async def test_method_names_may_be_in_any_case_and_others_are_not_found(self, telegram: FakeTelegram) -> None:
        assert (await self.ask(telegram, "GETME"))["result"]["is_bot"] is True
        assert (await self.ask(telegram, "getMoney"))["error_code"] == 404

    async def test_a_negative_offset_keeps_only_the_last(self, telegram: FakeTelegram) -> None:
        telegram.say(HER_CHAT, "last")
        (update,) = (await self.ask(telegram, "getUpdates", offset=-1))["result"]
        assert update["message"]["text"] == "last"
        assert telegram.waiting == 1


@pytest.mark.parametrize(
    ("name", "act", "kind"),
    [
        ("twilio", ("missed", {"body": "sunflower", "from_": HER_PHONE}), "inbound"),
        ("telegram", ("say", {"chat": HER_CHAT, "text": "sunflower"}), "said"),
    ],
)
def test_each_runs_as_a_process_that_writes_what_happened(
    name: str, act: tuple[str, dict[str, Any]], kind: str, tmp_path: Path
) -> None:
    state = tmp_path / "history.jsonl"
    command = [sys.executable, "-m", f"tests.fakes.{name}", "--port", str(free_port()), "--state", str(state)]
    with Popen(command, cwd=REPOSITORY, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        httpx.post(f"{url}/_fake/{act[0]}", json=act[1]).raise_for_status()
        httpx.post(f"{url}/_fake/fault", json={"kind": "status", "http": 503}).raise_for_status()
        over_http = httpx.get(f"{url}/_fake/history").json()
        process.terminate()
    on_disk = [json.loads(line) for line in state.read_text().splitlines()]
    assert on_disk == over_http
    assert on_disk[0]["kind"] == kind
    assert on_disk[0]["n"] == 1


def test_what_never_comes_true_says_what_came_instead() -> None:
    with FakeTwilio() as fake:
        fake.record("accepted", to=HER_PHONE)
        with pytest.raises(AssertionError, match="accepted"):
            fake.until(lambda: False, seconds=0.01)
