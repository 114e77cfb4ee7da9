"""The phones that a bot writes to: what stands on their screens, and what a person does there."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any

from tests.fakes.telegram_updates import Params, Updates

BOT = {"id": 700000001, "is_bot": True, "first_name": "Kitchen table", "username": "kitchen_table_bot"}


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


class Phones(Updates):
    """Everybody who may write to the bot."""

    def __init__(self, state: Path | None, parallel: int) -> None:
        super().__init__(state, parallel)
        self.items: dict[int, Item] = {}
        self.clock: Callable[[], float] = time  # a story's own, where it moves one
        self._chats: set[int] = set()
        self._blocked: set[int] = set()
        self._queries: dict[str, float] = {}
        self._message_ids = itertools.count(1001)

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
