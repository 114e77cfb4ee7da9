"""A double of the Telegram Bot API with the phones behind it.

As the real one: an update is forgotten only when a later getUpdates asks for a higher offset; a second poller ends the
first with 409, and so does a webhook; webhooks carry the secret header and are posted again until answered 2xx; a bot
deletes only what is under 48 hours old; buttons carry at most 64 bytes.

    python -m tests.fakes.telegram --port 8092 --state telegram.jsonl
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.server import Fact, Fault
from tests.fakes.telegram_phones import BOT, Item, Phones
from tests.fakes.telegram_updates import Params, Refusal

TOKEN = "700000001:" + "AAfake" * 5
OLDEST_DELETABLE = timedelta(hours=48)
OLDEST_QUERY = timedelta(minutes=1)


class FakeTelegram(Phones):
    """`parallel` webhooks are posted at a time; with 1, in order."""

    def __init__(self, *, token: str = TOKEN, state: Path | None = None, parallel: int = 1) -> None:
        super().__init__(state, parallel)
        self.token = token
        self.profile: dict[str, str] = {"name": "Rowan bot", "description": "", "short_description": ""}
        self.commands: dict[str, list[Params]] = {"default": []}
        self.menu = "commands"  # as a bot has it before anybody sets one
        self.joins_groups = False
        self.pictures = 0
        self._answered: list[str] = []

    @property
    def answered(self) -> list[str]:
        """The callback queries that were answered in time."""
        return list(self._answered)

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

    async def _get_updates(self, request: Request, params: Params) -> Response:
        try:
            shown = await self._poll(request, params)
        except Refusal as refusal:
            return _no(refusal)
        return await self.serve("getupdates", request, lambda: JSONResponse({"ok": True, "result": shown}))

    def _methods(self) -> dict[str, Callable[[Params], Any]]:
        return {
            "getme": lambda _: BOT | {"can_join_groups": self.joins_groups, "can_read_all_group_messages": False},
            "sendmessage": self._send_message,
            "deletemessage": lambda params: self._delete_one(params["chat_id"], params["message_id"]),
            "deletemessages": self._delete_many,
            "answercallbackquery": self._answer_query,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "setmyname": lambda params: self._set("name", params),
            "setmydescription": lambda params: self._set("description", params),
            "setmyshortdescription": lambda params: self._set("short_description", params),
            "getmyname": lambda params: self._shown("name", params),
            "getmydescription": lambda params: self._shown("description", params),
            "getmyshortdescription": lambda params: self._shown("short_description", params),
            "getchatmenubutton": lambda _: self._menu(),
            "setchatmenubutton": self._set_menu,
            "getuserprofilephotos": lambda _: {"total_count": self.pictures, "photos": []},
            "leavechat": self._leave,
            "setmycommands": lambda params: self._set_commands(params, params["commands"]),
            "deletemycommands": lambda params: self._set_commands(params, []),
            "getmycommands": lambda params: self.commands.get(_scope(params), []),
        }

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

    def _webhook_info(self, params: Params) -> Params:
        self.record("waiting", count=self.waiting)
        url = self.webhook.get("url", "")
        return {"url": url, "has_custom_certificate": False, "pending_update_count": self.waiting}

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
        """In one language, or for all that have nothing of their own."""
        place = _in_language(name, params)
        self.profile[place] = params.get(name, "")
        self.record("profile", field=place, value=self.profile[place])
        return True

    def _shown(self, name: str, params: Params) -> Params:
        return {name: self.profile.get(_in_language(name, params)) or self.profile[name]}

    def _menu(self) -> Params:
        return {"type": self.menu, "text": "Get help", "web_app": {"url": "https://help.example/"}}

    def _set_menu(self, params: Params) -> bool:
        self.menu = params["menu_button"]["type"]
        self.record("profile", field="menu", value=self.menu)
        return True

    def _leave(self, params: Params) -> bool:
        self.record("left", chat=params["chat_id"])
        return True

    def _set_commands(self, params: Params, commands: list[Params]) -> bool:
        self.commands[_scope(params)] = commands
        self.record("profile", field="commands", value=commands)
        return True


def _value(name: str, value: str) -> Any:
    """Parameters come as a form; all but plain texts are JSON inside it."""
    if name in ("text", "callback_query_id", "url", "secret_token", "name", "description", "short_description"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _scope(params: Params) -> str:
    return _in_language(str((params.get("scope") or {}).get("type", "default")), params)


def _in_language(name: str, params: Params) -> str:
    return f"{name}:{params['language_code']}" if params.get("language_code") else name


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
