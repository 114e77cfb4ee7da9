"""The outbox's loop: claim, send outside of any transaction, mark. Safe to run twice and on any replica."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from bot.bell import Bell
from bot.channels.base import Broken, Channel, Option, Outgoing, SendFailed, TryLater, Unknown, Unreachable
from bot.clock import Clock
from bot.metrics import Metrics
from bot.pace import Pace
from flows.engine.programme import Programme
from flows.engine.wording import page_text, wording
from storage import outbox
from storage.database import Database
from storage.failpoint import reach
from storage.outbox import Sending
from storage.vault import Vault

log = structlog.get_logger()

IDLE = 1.0  # seconds between two looks when nothing rings: another replica may have written
AT_ONCE = 64  # requests under way
REQUEST = 30.0  # seconds a request may take; shorter than the lease (storage.outbox.LEASE)
MOST_ATTEMPTS = 12  # of one message; with the back-off below that is about half an hour
FIRST, LONGEST = 1.0, 300.0  # seconds of back-off, doubled each time, jittered by half
CHECK_BACK = 2.0  # seconds, doubled each time: a provider's list shows a fresh message after about one
PAGE_ANSWERS = {"page/alert": "AP", "page/lifted": "AP", "page/more": "P"}
WHY = {
    "worker": "A message could not be delivered: her phone does not take it (code {code}). Find another agreed way.",
    "unsure": "Nobody can tell whether a message reached her phone, once, twice or not at all (code {code}). It is not"
    " sent again, and nothing of it can be deleted from here.",
    "operator": "A message could not be delivered: this service is at fault (code {code}). Tell the operator.",
}


class UnknownAgain(Unknown):
    """A message repeated because nobody could look it up, and its second outcome is unknown too."""


class Delivery:
    """One per process. `channels` by name."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        programme: Programme,
        channels: Mapping[str, Channel],
        clock: Clock,
        bell: Bell,
        metrics: Metrics,
        pace: Pace,
    ) -> None:
        self._database, self._vault, self._programme = database, vault, programme
        self._channels, self._clock, self._bell, self._metrics, self._pace = channels, clock, bell, metrics, pace
        self._under_way: set[asyncio.Task[None]] = set()
        self._marks: list[tuple[Sending, str, asyncio.Future[None]]] = []
        self._marking: asyncio.Task[None] | None = None

    async def once(self) -> None:
        """Claim what is due and send it; then sleep until something rings."""
        claimed = await self.claim()
        for sending in claimed:
            task = asyncio.create_task(self._deliver(sending))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        if len(self._under_way) >= AT_ONCE:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        if not claimed:
            await self._bell.wait("outbox", IDLE)

    async def claim(self) -> list[Sending]:
        now = self._clock.now()
        await self._database.write(outbox.expired_leases, now)
        return await self._database.write(outbox.claim, self._vault, now)

    async def drain(self) -> None:
        """Send until nothing is due: for the terminal, the demo's clock and tests."""
        while claimed := await self.claim():
            await asyncio.gather(*(self._deliver(sending) for sending in claimed))

    async def settle(self, seconds: float = REQUEST) -> None:
        """Let what is under way end, so that a stop loses no mark and a moved clock no lease."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=seconds)

    async def _deliver(self, sending: Sending) -> None:
        """One row, from claim to mark. A failure nobody foresaw leaves the row to its lease."""
        try:
            await self._perform(sending)
        except SendFailed as failed:
            await self._failed(sending, failed)
        except TimeoutError:
            await self._failed(sending, Unknown("timeout"))
        except Exception as error:  # the lease runs out and the policy decides; the loop goes on
            log.error("delivery.failed", error_class=type(error).__name__, exc_info=error)
        else:
            self._metrics.sent(sending.channel, "sent")
        self._bell.ring("outbox")

    async def _perform(self, sending: Sending) -> None:
        channel = self._channels.get(sending.channel)
        if channel is None:
            raise Broken("channel_off")
        reach("delivery.claimed")
        if sending.wipe is not None:
            await self._wipe(channel, sending)
            return
        message = self._outgoing(sending)
        blind = False
        if sending.checking:
            arrived = await self._arrived_before(channel, message, sending)
            if arrived:
                return
            blind = arrived is None
        wait = self._pace.wait(sending.channel, sending.address)
        if wait:
            await asyncio.sleep(wait)
            if not await self._database.read(outbox.wanted, sending, self._clock.now()):
                await self._database.write(outbox.unwanted, sending)
                return
        try:
            receipt = await asyncio.wait_for(channel.send(message), REQUEST)
        except (Unknown, TimeoutError) as again:
            if blind and sending.send is not None:  # a page may come often, a question to her may not
                raise UnknownAgain(again.code if isinstance(again, Unknown) else "timeout") from None
            raise
        reach("delivery.answered")
        if sending.page is not None:
            reach("page.answered")
        await self._mark(sending, receipt.provider_id)

    async def _mark(self, sending: Sending, provider_id: str) -> None:
        """All marks that wait are one commit: what is out and not marked is what a crash would send twice."""
        marked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._marks.append((sending, provider_id, marked))
        if self._marking is None or self._marking.done():
            self._marking = asyncio.create_task(self._write_marks())
        await marked
        reach("delivery.marked")
        if sending.page is not None:
            self._metrics.page(str(sending.page["params"].get("tier", "")), "sent")
        self._bell.ring("desk", sending.owner)

    async def _write_marks(self) -> None:
        while self._marks:
            marks, self._marks = self._marks, []
            sent = [(sending, provider_id) for sending, provider_id, _ in marks]
            try:
                await self._database.write(outbox.all_sent, self._vault, sent, self._clock.now())
            except Exception as error:  # noqa: BLE001 - each sender hears of it, and leaves its row to the lease
                for *_, marked in marks:
                    marked.set_exception(error)
                continue
            for *_, marked in marks:
                marked.set_result(None)

    def _outgoing(self, sending: Sending) -> Outgoing:
        if sending.page is not None:
            text = page_text(self._programme, sending.page["message"], sending.page["params"])
            return Outgoing(sending.id, sending.channel, sending.address, text, self._page_buttons(sending))
        if sending.send is None:
            raise Broken("empty_row")
        # SMS does without: the signs cost money there, and make an English text UCS-2.
        words = wording(self._programme, sending.send, isolates=sending.channel == "telegram")
        tag = sending.send.tag
        options = tuple(Option(f"{tag}:{token}", label) for token, label in words.options)
        return Outgoing(sending.id, sending.channel, sending.address, words.text, options)

    def _page_buttons(self, sending: Sending) -> tuple[Option, ...]:
        """A button does what the reply does, where the channel has buttons."""
        page = sending.page
        if page is None or sending.channel != "telegram":
            return ()
        answers = PAGE_ANSWERS.get(page["message"], "")
        replies = [f"{letter} {page['params']['ref']}" for letter in answers]
        return tuple(Option(f"page:{reply}", reply) for reply in replies)

    async def _arrived_before(self, channel: Channel, message: Outgoing, sending: Sending) -> bool | None:
        """`reconcile`: ask the provider what it took since the claim before a second one goes. None: it cannot tell."""
        # No earlier than its own claim: the same words sent before that are another row's, cut off by a crash.
        taken = await asyncio.wait_for(channel.sent_since(sending.address, sending.claimed_at), REQUEST)
        if taken is None:
            return None
        same = [one for one in taken if one.text == channel.wording(message)]
        # The same words may have been sent to her a moment ago for another row: those are that row's.
        ids = [one.provider_id for one in same]
        known = await self._database.read(outbox.marked, self._vault, sending.channel, ids)
        found = next((one for one in same if one.provider_id not in known), None)
        if found is None:
            return False
        await self._mark(sending, found.provider_id)
        return True

    async def _wipe(self, channel: Channel, sending: Sending) -> None:
        messages = [message for _, message in sending.wipe or ()]
        left = await asyncio.wait_for(channel.wipe(sending.address, messages), REQUEST) if messages else ()
        await self._database.write(outbox.wiped, self._vault, sending, tuple(left), self._clock.now())

    async def _failed(self, sending: Sending, failed: SendFailed) -> None:
        """Each failure has one way on, and says who must act."""
        now = self._clock.now()
        log.warning("delivery.refused", channel=sending.channel, code=failed.code, attempt=sending.attempts)
        shut = isinstance(failed, Unreachable)
        if shut or sending.attempts >= MOST_ATTEMPTS:
            why = WHY["worker" if shut else "operator"].format(code=failed.code)
            await self._database.write(outbox.dead, self._vault, sending, failed.code, why, now, shut)
            self._metrics.sent(sending.channel, "dead")
            self._bell.ring("timers")
        elif isinstance(failed, UnknownAgain):
            why = WHY["unsure"].format(code=failed.code)
            await self._database.write(outbox.unsure, self._vault, sending, failed.code, why, now)
            self._metrics.sent(sending.channel, "unknown")
            self._bell.ring("timers")
        elif isinstance(failed, Unknown):
            back = timedelta(seconds=min(CHECK_BACK * 2 ** (sending.attempts - 1), LONGEST))
            await self._database.write(outbox.uncertain, sending, now + back, failed.code)
            self._metrics.sent(sending.channel, "unknown")
        else:
            await self._database.write(outbox.later, sending, self._next_try(sending, failed, now), failed.code)
            self._metrics.sent(sending.channel, "retried")

    def _next_try(self, sending: Sending, failed: SendFailed, now: datetime) -> datetime:
        asked = failed.retry_after if isinstance(failed, TryLater) else None
        back_off = min(FIRST * 2 ** (sending.attempts - 1), LONGEST) * random.uniform(0.75, 1.25)  # noqa: S311
        return now + timedelta(seconds=max(asked or 0.0, back_off))
