"""SMS by Twilio. Creating a message has no idempotency key: after Unknown, `sent_since` tells whether it went."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.channels.base import Broken, Outgoing, Receipt, SentAlready, Unknown, numbered_wording
from bot.channels.sms_form import (
    BODY_LONGEST,
    MEDIA_MOST,
    PHONE,
    SID,
)
from bot.channels.twilio_account import API, MessageInstance, account, answer
from bot.channels.wire import DEADLINE_SECONDS, Wire
from storage.inbox import Inbound

SENT_MOST = 200  # latest messages to one phone looked at when reconciling; an unknown send is minutes old
INBOUND_PAGE = 200
INBOUND_MOST = 20_000  # a day's texts of a very busy line
SENT_SLACK = timedelta(seconds=2)  # Twilio gives whole seconds; wider would take an earlier, equal text for this one
INBOUND_SLACK = timedelta(minutes=5)  # their clock and ours; what was seen already falls to the inbox


class SmsChannel:
    """Twilio as a Channel. `sender` is a number of ours or a messaging service (MG…); `numbers` are those whose
    inbound texts are ours to reconcile (none: every inbound text of the account)."""

    name = "sms"
    remembers = True

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sender: str,
        *,
        now: Callable[[], datetime],
        numbers: Sequence[str] = (),
        status_callback: str = "",
        base_url: str = API,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._wire = Wire(deadline)
        self._messages = account(self._wire, account_sid, auth_token, base_url).messages
        self._sender, self._numbers, self._status_callback = sender, tuple(numbers), status_callback
        self._now = now

    @property
    def their_time(self) -> datetime | None:
        """The provider's clock as of the last answer (`rowan doctor`)."""
        return self._wire.their_time

    def wording(self, outgoing: Outgoing) -> str:
        """The text with its options as numbered lines, as it stands on the phone and in Twilio's list."""
        return numbered_wording(outgoing)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Create the message at Twilio, once. Broken('too_long') above 1600 characters, without a call."""
        body = self.wording(outgoing)
        if len(body) > BODY_LONGEST:
            raise Broken("too_long")
        fields: dict[str, str] = {"to": outgoing.address, "body": body}
        sender = outgoing.sender or self._sender
        fields["messaging_service_sid" if sender.startswith("MG") else "from_"] = sender
        if self._status_callback:
            fields["status_callback"] = self._status_callback
        with answer():
            message = await self._messages.create_async(**fields)
        return Receipt(_sid(message), str(message.status or "accepted"))

    def sends_from(self, sender: str) -> bool:
        """One of the numbers in the settings; a messaging service may hold any."""
        services = any(each.startswith("MG") for each in (self._sender, *self._numbers))
        return services or not self._numbers or sender in self._numbers

    async def wipe(self, address: str, message_ids: Sequence[str]) -> tuple[str, ...]:
        """Nothing can be taken back from an SMS phone: all ids are returned (SAFETY 20 tells her so)."""
        return tuple(message_ids)

    async def sent_since(self, address: str, since: datetime) -> Sequence[SentAlready]:
        """The latest messages to this phone created since then, oldest first.

        Not filtered by DateSent at Twilio, which is empty while a message is queued."""
        latest_first = self._listed(since - SENT_SLACK, to=address, limit=SENT_MOST, page_size=SENT_MOST)
        found = [SentAlready(one.body or "", _sid(one), str(one.status or "")) async for one in latest_first]
        return found[::-1]

    async def inbound_since(self, at: datetime) -> Sequence[Inbound]:
        """Texts that came to our numbers since then, oldest first: those whose webhook was missed among them."""
        since = at - INBOUND_SLACK
        asked: dict[str, Any] = {"date_sent_after": since.date().isoformat()}
        found: list[Inbound] = []
        for number in self._numbers or (None,):
            if number is not None:
                asked["to"] = number
            latest_first = self._listed(since, **asked, limit=INBOUND_MOST, page_size=INBOUND_PAGE)
            texts = [text async for message in latest_first if (text := self._remembered(message))]
            found.extend(reversed(texts))
        return sorted(found, key=lambda text: text.said or text.at)

    async def delete_copy(self, provider_id: str) -> None:
        """Delete Twilio's record of a message. TryLater('20009') until its status is final; gone already is fine."""
        try:
            await self._messages(provider_id).delete_async()
        except Broken as failure:
            if failure.code not in ("20404", "404"):
                raise

    async def close(self) -> None:
        await self._wire.close()

    async def _listed(self, since: datetime, **asked: Any) -> AsyncIterator[MessageInstance]:
        older = 0  # in a row: the list is latest first, but not promised to be so to the second
        with answer():
            async for message in await self._messages.stream_async(**asked):
                if message.date_created is None or message.date_created >= since:
                    older = 0
                    yield message
                elif (older := older + 1) >= INBOUND_PAGE:
                    return

    def _remembered(self, message: MessageInstance) -> Inbound | None:
        sid, sender, text = message.sid or "", message.from_ or "", message.body or ""
        if message.direction != "inbound" or not SID.fullmatch(sid) or not PHONE.fullmatch(sender):
            return None
        media = str(message.num_media or "0")
        count = min(int(media), MEDIA_MOST) if media.isascii() and media.isdigit() else 1
        return Inbound(
            channel="sms",
            provider_id=sid,
            address=sender,
            at=self._now(),  # received now: an answer to words of an hour ago must find the chat as it is now
            said=message.date_created or message.date_sent,
            text=text if text.strip() else "",
            media=("other",) * count,  # the list does not tell the kinds, and nothing more is fetched
            to=message.to or "",
        )


def _sid(message: MessageInstance) -> str:
    if not isinstance(message.sid, str) or not message.sid:
        raise Unknown("answer")
    return message.sid
