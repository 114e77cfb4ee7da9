"""A double of the Telegram Bot API with the phones behind it.

As the real one: an update is forgotten only when a later getUpdates asks for a higher offset; a second poller ends the
first with 409, and so does a webhook; webhooks carry the secret header and are posted again until answered 2xx; a bot
deletes only what is under 48 hours old; buttons carry at most 64 bytes.

    python -m tests.fakes.telegram --port 8092 --state telegram.jsonl
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.server import Fact, FakeServer, Fault

TOKEN = "700000001:" + "AAfake" * 5
BOT = {"id": 700000001, "is_bot": True, "first_name": "Kitchen table", "username": "kitchen_table_bot"}
OLDEST_DELETABLE = timedelta(hours=48)
OLDEST_QUERY = timedelta(minutes=1)
RETRY_SECONDS = 0.02  # the real one waits longer
Params = dict[str, Any]


@dataclass
class Item:
    """One message on a phone, from either side."""

    id: int
    chat: int
    from_us: bool
    text: str
    at: float
    params: Params = field(default_factory=dict)
    deleted: bool = False

    @property
    def tokens(self) -> list[str]:
        rows = (self.params.get("reply_markup") or {}).get("inline_keyboard", [])
        return [button["callback_data"] for row in rows for button in row]


class Refusal(Exception):
    """The Bot API says no."""

    def __init__(self, http: int, description: str, parameters: Params | None = None) -> None:
        super().__init__(description)
        self.http, self.description, self.parameters = http, description, parameters


class FakeTelegram(FakeServer):
    """`parallel` webhooks are posted at a time; with 1, in order."""

    def __init__(self, *, token: str = TOKEN, state: Path | None = None, parallel: int = 1) -> None:
        super().__init__(state)
        self.token = token
        self.items: dict[int, Item] = {}
        self.profile: dict[str, str] = {"name": "Rowan bot", "description": "", "short_description": ""}
        self.commands: dict[str, list[Params]] = {"default": []}
        self.joins_groups = False
        self.webhook: Params = {}
        self.clock: Callable[[], float] = time  # a story's own, where it moves one
        self._parallel = parallel
        self._pending: dict[int, Params] = {}
        self._allowed: list[str] = []
        self._chats: set[int] = set()
        self._blocked: set[int] = set()
        self._queries: dict[str, float] = {}
        self._answered: list[str] = []
        self._message_ids = itertools.count(1001)
        self._update_ids = itertools.count(500_000)
        self._poll_over: asyncio.Event | None = None
        self._posts: set[asyncio.Task[None]] = set()

    # -- what a test asks

    @property
    def sent(self) -> list[Item]:
        """What was accepted from the service, in order; deleted ones too."""
        with self._lock:
            return [item for item in self.items.values() if item.from_us]

    def texts_to(self, chat: int) -> list[str]:
        return [item.text for item in self.sent if item.chat == chat]

    def screen(self, chat: int) -> list[str]:
        """What can be read on the phone, both sides."""
        with self._lock:
            return [item.text for item in self.items.values() if item.chat == chat and not item.deleted]

    @property
    def waiting(self) -> int:
        """Updates not acknowledged yet."""
        return len(self._pending)

    @property
    def answered(self) -> list[str]:
        """The callback queries that were answered in time."""
        return list(self._answered)

    def drained(self, seconds: float = 10.0) -> None:
        """Wait until every update is acknowledged."""
        self.until(lambda: not self._pending, seconds)

    # -- what a person does

    def say(self, chat: int, text: str, **extra: Any) -> int:
        """She writes; returns the update's number. `extra` goes into the message ('caption', 'forward_origin' …)."""
        return self._message(chat, {"text": text, **extra})

    def send_media(self, chat: int, kind: str, caption: str = "", content: Any = None) -> int:
        """She sends a 'photo', 'voice', 'location' … ."""
        body: Params = {kind: content if content is not None else {"file_id": "f1", "file_unique_id": "u1"}}
        return self._message(chat, body | ({"caption": caption} if caption else {}))

    def edit(self, chat: int, message_id: int, text: str) -> int:
        """She changes a message of hers."""
        with self._lock:
            self.items[message_id].text = text
            message = self._head(chat, message_id) | {"edit_date": int(self._time()), "text": text}
            return self.push({"edited_message": message})

    def press(self, chat: int, token: str) -> int:
        """She presses a button; the latest message that has it. Raises KeyError where no screen shows it."""
        with self._lock:
            holders = [item for item in self.items.values() if item.chat == chat and token in item.tokens]
            if not holders:
                raise KeyError(token)
            query = f"query-{len(self._queries) + 1}"
            self._queries[query] = self._time()
            body = {
                "id": query,
                "from": self._person(chat),
                "chat_instance": "1",
                "data": token,
                "message": self._head(chat, holders[-1].id) | {"from": BOT, "text": holders[-1].text},
            }
            return self.push({"callback_query": body})

    def block(self, chat: int, blocked: bool = True) -> int:
        """She blocks the bot, or lets it in again."""
        with self._lock:
            (self._blocked.add if blocked else self._blocked.discard)(chat)
            was, now = ("member", "kicked") if blocked else ("kicked", "member")
            change = {
                "chat": self._chat(chat),
                "from": self._person(chat),
                "date": int(self._time()),
                "old_chat_member": {"user": BOT, "status": was},
                "new_chat_member": {"user": BOT, "status": now},
            }
            return self.push({"my_chat_member": change})

    def push(self, body: Params) -> int:
        """Any update at all, given its body; kinds that were not asked for are dropped as Telegram does."""
        with self._lock:
            number = next(self._update_ids)
            if self._allowed and not set(body) & set(self._allowed):
                return number
            self._pending[number] = {"update_id": number, **body}
            self.record("update", update=number, kinds=list(body))
        self._on_loop(self._wake)
        return number

    # -- the Bot API

    def routes(self) -> list[Route]:
        return [
            Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
            self.control("say", lambda asked: {"update": self.say(asked.pop("chat"), asked.pop("text"), **asked)}),
            self.control("press", lambda asked: {"update": self.press(**asked)}),
            self.control("block", lambda asked: {"update": self.block(**asked)}),
            self.control("waiting", lambda _: {"waiting": self.waiting}),
        ]

    def refusal(self, fault: Fault) -> Response:
        wait = {"retry_after": fault.retry_after} if fault.retry_after is not None else None
        return _no(Refusal(fault.http, fault.words or f"Error {fault.http}", wait))

    async def _call(self, request: Request) -> Response:
        if request.path_params["token"] != self.token:
            self.record("unwelcome")
            return _no(Refusal(401, "Unauthorized"))
        method = request.path_params["method"].lower()
        params = {name: _value(name, str(value)) for name, value in (await request.form()).items()}
        if method == "getupdates":
            return await self._get_updates(request, params)
        act = self._methods().get(method)
        if act is None:
            return _no(Refusal(404, "Not Found"))
        return await self.serve("send" if method == "sendmessage" else method, request, lambda: _yes_or_no(act, params))

    def _methods(self) -> dict[str, Callable[[Params], Any]]:
        return {
            "getme": lambda _: BOT | {"can_join_groups": self.joins_groups, "can_read_all_group_messages": False},
            "sendmessage": self._send_message,
            "deletemessage": lambda params: self._delete_one(params["chat_id"], params["message_id"]),
            "deletemessages": self._delete_many,
            "answercallbackquery": self._answer_query,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": lambda _: {
                "url": self.webhook.get("url", ""),
                "has_custom_certificate": False,
                "pending_update_count": len(self._pending),
            },
            "setmyname": lambda params: self._set("name", params),
            "setmydescription": lambda params: self._set("description", params),
            "setmyshortdescription": lambda params: self._set("short_description", params),
            "getmyname": lambda _: {"name": self.profile["name"]},
            "getmydescription": lambda _: {"description": self.profile["description"]},
            "getmyshortdescription": lambda _: {"short_description": self.profile["short_description"]},
            "setmycommands": lambda params: self._set_commands(params, params["commands"]),
            "deletemycommands": lambda params: self._set_commands(params, []),
            "getmycommands": lambda params: self.commands.get(_scope(params), []),
        }

    async def _get_updates(self, request: Request, params: Params) -> Response:
        if self.webhook:
            return _no(Refusal(409, "Conflict: can't use getUpdates method while webhook is active"))
        if self._poll_over:
            self._poll_over.set()
        over = self._poll_over = asyncio.Event()
        self._acknowledge(params.get("offset"))
        self._allowed = params.get("allowed_updates", self._allowed)
        if not self._pending and params.get("timeout"):
            await self._first(request, over, params["timeout"])
        if over.is_set() and self._poll_over is not over:
            return _no(Refusal(409, "Conflict: terminated by other getUpdates request"))
        self._poll_over = None
        with self._lock:
            shown = list(self._pending.values())[: params.get("limit", 100)]
        return await self.serve("getupdates", request, lambda: JSONResponse({"ok": True, "result": shown}))

    async def _first(self, request: Request, over: asyncio.Event, seconds: float) -> None:
        """Until there is an update, the time is up, another poller comes, the service leaves, or we stop."""
        self._arrived = asyncio.Event()
        self.record("polling", seconds=seconds)
        waits = [self._arrived.wait(), over.wait(), self._released.wait(), _left(request)]
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    def _acknowledge(self, offset: int | None) -> None:
        with self._lock:
            if offset is None:
                return
            keep = sorted(self._pending)[offset:] if offset < 0 else [key for key in self._pending if key >= offset]
            done = [key for key in self._pending if key not in set(keep)]
            for key in done:
                del self._pending[key]
            if done:
                self.record("acknowledged", updates=done)

    def _send_message(self, params: Params) -> Params:
        chat, text = params["chat_id"], params.get("text", "")
        with self._lock:
            if chat in self._blocked:
                raise Refusal(403, "Forbidden: bot was blocked by the user")
            if chat not in self._chats:
                raise Refusal(400, "Bad Request: chat not found")
            if not text.strip():
                raise Refusal(400, "Bad Request: message text is empty")
            if len(text) > 4096:
                raise Refusal(400, "Bad Request: message is too long")
            item = Item(next(self._message_ids), chat, True, text, self._time(), params)
            if any(not 1 <= len(token.encode()) <= 64 for token in item.tokens):
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
            self.items[item.id] = item
            self.record("accepted", chat=chat, message=item.id, text=text, params=params)
            return self._head(chat, item.id) | {"from": BOT, "text": text}

    def _delete_one(self, chat: int, number: int) -> bool:
        with self._lock:
            item = self.items.get(number)
            if item is None or item.chat != chat or item.deleted:
                raise Refusal(400, "Bad Request: message to delete not found")
            if self._time() - item.at >= OLDEST_DELETABLE.total_seconds():
                raise Refusal(400, "Bad Request: message can't be deleted for everyone")
            item.deleted = True
            self.record("deleted", chat=chat, messages=[number])
        return True

    def _delete_many(self, params: Params) -> bool:
        """Those not found are passed over; one that is too old stops the whole batch."""
        chat, numbers = params["chat_id"], params["message_ids"]
        if not 1 <= len(numbers) <= 100:
            raise Refusal(400, "Bad Request: from 1 to 100 message identifiers must be specified")
        with self._lock:
            here = {key: item for key, item in self.items.items() if item.chat == chat and not item.deleted}
            found = [here[key] for key in numbers if key in here]
            if any(self._time() - item.at >= OLDEST_DELETABLE.total_seconds() for item in found):
                raise Refusal(400, "Bad Request: message can't be deleted for everyone")
            for item in found:
                item.deleted = True
            self.record("deleted", chat=chat, messages=[item.id for item in found])
        return True

    def _answer_query(self, params: Params) -> bool:
        asked = self._queries.get(params["callback_query_id"], 0.0)
        if self._time() - asked > OLDEST_QUERY.total_seconds():
            words = "Bad Request: query is too old and response timeout expired or query ID is invalid"
            raise Refusal(400, words)
        self._answered.append(params["callback_query_id"])
        self.record("answered", query=params["callback_query_id"])
        return True

    def _set(self, name: str, params: Params) -> bool:
        self.profile[name] = params.get(name, "")
        self.record("profile", field=name, value=self.profile[name])
        return True

    def _set_commands(self, params: Params, commands: list[Params]) -> bool:
        self.commands[_scope(params)] = commands
        self.record("profile", field="commands", value=commands)
        return True

    # -- webhooks

    def _set_webhook(self, params: Params) -> bool:
        self.webhook = params if params.get("url") else {}
        self._allowed = params.get("allowed_updates", self._allowed)
        self._gate = asyncio.Semaphore(self._parallel)
        for number in list(self._pending):
            self._begin_post(number)
        return True

    def _delete_webhook(self, params: Params) -> bool:
        self.webhook = {}
        if params.get("drop_pending_updates"):
            self._pending.clear()
        return True

    def _wake(self) -> None:
        if self.webhook:
            for number in list(self._pending):
                self._begin_post(number)
        elif hasattr(self, "_arrived"):
            self._arrived.set()

    def _begin_post(self, number: int) -> None:
        if all(task.get_name() != str(number) for task in self._posts):
            task = asyncio.get_running_loop().create_task(self._post(number), name=str(number))
            self._posts.add(task)
            task.add_done_callback(self._posts.discard)

    async def _post(self, number: int) -> None:
        async with self._gate, httpx.AsyncClient(timeout=10, trust_env=False) as client:
            while self.webhook and number in self._pending and not self._released.is_set():
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
                try:
                    answer = await client.post(self.webhook["url"], json=self._pending[number], headers=headers)
                    outcome: int | str = answer.status_code
                except httpx.HTTPError as error:
                    outcome = type(error).__name__
                if isinstance(outcome, int) and outcome < 300:
                    self._pending.pop(number, None)
                    self.record("webhook", update=number, outcome=outcome)
                    return
                self.record("webhook", update=number, outcome=outcome)
                await asyncio.sleep(RETRY_SECONDS)

    # -- the parts of an update

    def _message(self, chat: int, body: Params) -> int:
        with self._lock:
            self._chats.add(chat)
            number = next(self._message_ids)
            self.items[number] = Item(
                number, chat, False, str(body.get("text") or body.get("caption") or ""), self._time()
            )
            self.record("said", chat=chat, message=number, text=body.get("text", ""))
            return self.push({"message": self._head(chat, number) | body})

    def _head(self, chat: int, number: int) -> Params:
        return {
            "message_id": number,
            "date": int(self._time()),
            "chat": self._chat(chat),
            "from": self._person(chat),
        }

    def _chat(self, chat: int) -> Params:
        return {"id": chat, "type": "private", "first_name": "A"}

    def _person(self, chat: int) -> Params:
        return {"id": chat, "is_bot": False, "first_name": "A"}

    def _time(self) -> float:
        return self.clock() + self.clock_ahead.total_seconds()


def _value(name: str, value: str) -> Any:
    """Parameters come as a form; all but plain texts are JSON inside it."""
    if name in ("text", "callback_query_id", "url", "secret_token", "name", "description", "short_description"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _scope(params: Params) -> str:
    return str((params.get("scope") or {}).get("type", "default"))


def _yes_or_no(act: Callable[[Params], Any], params: Params) -> Response:
    try:
        return JSONResponse({"ok": True, "result": act(params)})
    except Refusal as refusal:
        return _no(refusal)
    except KeyError as missing:
        return _no(Refusal(400, f"Bad Request: {missing} is empty"))


def _no(refusal: Refusal) -> Response:
    body: Fact = {"ok": False, "error_code": refusal.http, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return JSONResponse(body, refusal.http)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description="A double of the Telegram Bot API on 127.0.0.1.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, help="history as JSON lines, appended")
    parser.add_argument("--token", default=TOKEN)
    asked = parser.parse_args()
    fake = FakeTelegram(token=asked.token, state=asked.state).start(asked.port)
    print(f"listening on {fake.url}", flush=True)
    fake.run_forever()


if __name__ == "__main__":
    main()
