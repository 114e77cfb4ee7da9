"""The engine alone, its state written out and read back each turn, beside an in-memory ConversationHandler.

The same dialogue for both, from Telegram's update (parsed JSON) to the next state: signal word, four answers, exit.
The other one checks each answer by a filter, keeps its state in a dict, weighs nothing, matches nothing generously and
stores nothing. Seconds are the processor's, so that a busy machine does not decide.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram import Update
from telegram.ext import Application, ContextTypes, ConversationHandler, MessageHandler, filters
from telegram.request import BaseRequest, RequestData

from bot.bench.people import DIALOGUE
from bot.channels.telegram_update import read_update
from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Memory
from flows.engine.events import Heard
from flows.engine.programme import Programme
from flows.engine.step import step
from flows.safety.hours import PRESETS
from flows.text.canonical import canonical
from storage.inbox import Inbound

ROUNDS = 1500


def engine(programme: Programme, rounds: int = ROUNDS) -> float:
    """Turns a second."""
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    contact = Contact(signal="mac:sunflower", windows=PRESETS["always"], consent="worker")
    state = codec.write(Conversation("person-1", contact, memory=Memory(joined_at=at)))
    updates = [_update(number, text) for number, text in enumerate(DIALOGUE)]
    began, turns = time.process_time(), 0
    for _ in range(rounds):
        for update in updates:
            at += timedelta(seconds=20)
            turns += 1
            inbound = read_update(update, at)
            if not isinstance(inbound, Inbound):
                raise TypeError("the benchmark's update is no message")
            heard = Heard(at, inbound.text, f"mac:{canonical(inbound.text)}", f"{turns:028d}")
            state = codec.write(step(programme, codec.read(state), heard).conversation)
        at += timedelta(hours=5)  # so that the next round is a check-in again
    return turns / (time.process_time() - began)


class _Offline(BaseRequest):
    """Answers getMe and nothing else: no byte leaves."""

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    @property
    def read_timeout(self) -> float | None:
        return None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *rest: Any, **more: Any
    ) -> tuple[int, bytes]:
        return 200, b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"b","username":"b_bot"}}'


def conversation_handler(rounds: int = ROUNDS, *, parse: bool = True) -> float:
    """Turns a second of python-telegram-bot's ConversationHandler, in memory; without `parse` from ready objects."""
    return asyncio.run(_conversation_handler(rounds, parse))


async def _conversation_handler(rounds: int, parse: bool) -> float:
    offline = _Offline()
    app = Application.builder().token("1:offline").request(offline).get_updates_request(offline).updater(None).build()

    def then(state: int) -> Any:
        async def answered(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
            return state

        return answered

    states = {n: [MessageHandler(filters.Regex(r"^[0-9]+$"), then(n + 1))] for n in range(4)}
    leave = [MessageHandler(filters.Regex("^x$"), then(ConversationHandler.END))]
    enter = [MessageHandler(filters.Regex("^sunflower$"), then(0))]
    states[4] = states[3]
    app.add_handler(ConversationHandler(enter, states, leave))  # type: ignore[arg-type]
    await app.initialize()
    updates = [_update(number, text) for number, text in enumerate(DIALOGUE)]
    ready = {update["update_id"]: Update.de_json(update, app.bot) for update in updates}
    began = time.process_time()
    for _ in range(rounds):
        for update in updates:
            await app.process_update(Update.de_json(update, app.bot) if parse else ready[update["update_id"]])
    seconds = time.process_time() - began
    await app.shutdown()
    return rounds * len(DIALOGUE) / seconds


def _update(number: int, text: str) -> dict[str, Any]:
    """As Telegram sends it."""
    person = {"id": 7, "is_bot": False, "first_name": "a", "language_code": "en"}
    chat = {"id": 7, "first_name": "a", "type": "private"}
    message = {"message_id": number + 1, "from": person, "chat": chat, "date": 1795176000, "text": text}
    return {"update_id": number + 1, "message": message}
