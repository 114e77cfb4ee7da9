"""The outbox's loop: claim, send outside of any transaction, mark. Safe to run twice and on any replica."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy.engine import Connection

from bot.bell import Bell
from bot.channels.base import Broken, Channel, Option, Outgoing, SendFailed, TryLater, Unknown, Unreachable
from bot.clock import Clock
from bot.metrics import Metrics
from bot.pace import Pace
from bot.page_words import page_buttons, page_subject, page_words
from bot.together import Together
from flows.engine.programme import Programme
from flows.engine.wording import wording
from storage import copies, outbox
from storage.database import Database
from storage.failpoint import reach
from storage.outbox import PROVIDER_STATUS, Report
from storage.schema import moment
from storage.sendings import Sending
from storage.vault import Vault

log = structlog.get_logger()
T = TypeVar("T")

IDLE = 1.0  # seconds between two looks when nothing rings: another replica may have written
AT_ONCE = 64  # requests under way; more only of what is urgent (storage.outbox.URGENT)
MOST_AT_ONCE = 2 * AT_ONCE
FULL_LOOK = 0.02  # seconds between two looks for what is urgent while there is no room for anything else
# Requests under way whose messages a crash would send twice, because the channel cannot be asked what it took. At 0.07
# s a request that is Telegram's pace of 30 a second. Pages are not held up: one that comes twice does no harm.
BLIND_AT_ONCE = 2
ROOM = 10.0  # seconds that a message waits for one of these; with the request itself still within the lease
REQUEST = 30.0  # seconds a request may take; shorter than the lease (storage.outbox.LEASE)
MOST_ATTEMPTS = 12  # of one message; with the back-off below that is about half an hour
FIRST, LONGEST = 1.0, 300.0  # seconds of back-off, doubled each time, jittered by half
CHECK_BACK = 2.0  # seconds, doubled each time: a provider's list shows a fresh message after about one
WHY = {
    "worker": "A message could not be delivered: her phone does not take it (code {code}). Find another agreed way.",
    "unsure": "Nobody can tell whether a message reached her phone, once, twice or not at all (code {code}). It is not"
    " sent again, and nothing of it can be deleted from here.",
    "operator": "A message could not be delivered: this service is at fault (code {code}). Tell the operator.",
}


def repeated_blindly(channel: Channel, sending: Sending) -> bool:
    return not channel.remembers and sending.policy != "drop" and sending.page is None


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
        copied: Collection[str] = (),
    ) -> None:
        """`copied`: the channels whose provider's copies are deleted."""
        self._database, self._vault, self._programme = database, vault, programme
        self._channels, self._clock, self._bell, self._metrics, self._pace = channels, clock, bell, metrics, pace
        self._copied = copied
        self._under_way: set[asyncio.Task[Any]] = set()
        self._blind = asyncio.Semaphore(BLIND_AT_ONCE)
        self._marks = Together(database, self._all_sent)
        self._reports = Together(database, self._all_reported)

    async def once(self) -> None:
        """Claim what is due and send it; then sleep until something rings."""
        full = len(self._under_way) >= AT_ONCE
        # A task of its own, which a stop lets end: a row that is claimed and not sent would wait for its lease, and an
        # exit's cover would be dropped.
        claimed = await asyncio.shield(self._start(self._begin(urgent=full)))
        if len(self._under_way) >= MOST_AT_ONCE:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        if not claimed:
            await self._bell.wait("outbox", IDLE)
        if full:  # every turn rings, and a look is a write
            await asyncio.sleep(FULL_LOOK)

    async def _begin(self, urgent: bool) -> bool:
        """Whether anything was due."""
        claimed = await self.claim(urgent)
        for sending in claimed:
            self._start(self._deliver(sending))
        return bool(claimed)

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def claim(self, urgent: bool = False) -> list[Sending]:
        now = self._clock.now()
        await self._database.write(outbox.expired_leases, now)
        return await self._database.write(outbox.claim, self._vault, now, urgent)

    async def drain(self) -> None:
        """Send until nothing is due: for the terminal, the demo's clock and tests."""
        while claimed := await self.claim():
            await asyncio.gather(*(self._deliver(sending) for sending in claimed))

    async def settle(self, seconds: float = REQUEST) -> None:
        """Let what is under way end, so that a stop loses no mark and a moved clock no lease."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._under_way:
                    await asyncio.wait(self._under_way)

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
        if sending.news is not None:
            self._bell.ring("desk", sending.owner)  # its fate stands on the case page

    async def _perform(self, sending: Sending) -> None:
        channel = self._channels.get(sending.channel)
        if channel is None:
            raise Broken("channel_off")
        reach("delivery.claimed")
        if sending.wipe is not None:
            await self._wipe(channel, sending, sending.wipe)
            return
        message = await self._from_ours(channel, self._outgoing(sending), sending)
        if sending.checking and channel.remembers and await self._arrived_before(channel, message, sending):
            return
        waited = await self._paced(sending)
        blindly = repeated_blindly(channel, sending)
        waited = waited or (blindly and self._blind.locked())
        try:
            async with self._room() if blindly else contextlib.nullcontext():
                if waited and not await self._database.read(outbox.wanted, sending, self._clock.now()):
                    self._pace.give_back(sending.channel, sending.address, sending.urgent)
                    await self._database.write(outbox.unwanted, sending)
                    return
                await self._send(channel, message, sending)
        except (Unknown, TimeoutError) as again:
            if sending.checking and blindly:  # a question to her may not come often
                raise UnknownAgain(again.code if isinstance(again, Unknown) else "timeout") from None
            raise

    async def _from_ours(self, channel: Channel, message: Outgoing, sending: Sending) -> Outgoing:
        """From the number that her phone knows. Where that one is gone, from the first, and an operator must know."""
        if not message.sender or channel.sends_from(message.sender):
            return message
        log.error("sender.gone", channel=sending.channel)
        await self._database.write(outbox.sender_gone, self._vault, sending, self._clock.now())
        return replace(message, sender="")

    async def _paced(self, sending: Sending) -> bool:
        """At the provider's pace. Returns whether that took time, in which she may have left."""
        wait = self._pace.wait(sending.channel, sending.address, sending.urgent, sending.at_once)
        await asyncio.sleep(wait)
        return wait > 0

    @contextlib.asynccontextmanager
    async def _room(self) -> AsyncIterator[None]:
        """One of the few places for what a crash would repeat. Raises TryLater where none is free in time."""
        try:
            await asyncio.wait_for(self._blind.acquire(), ROOM)
        except TimeoutError:
            raise TryLater("no_room") from None  # or its lease would run out, as if it might have been sent
        try:
            yield
        finally:
            self._blind.release()

    async def _send(self, channel: Channel, message: Outgoing, sending: Sending) -> None:
        """Out and marked: between the two a crash forgets that it went."""
        receipt = await asyncio.wait_for(channel.send(message), REQUEST)
        reach("delivery.answered")
        if sending.kind == "exit":
            self._metrics.exit("cover", self._since(sending))
        if sending.page is not None:
            reach("page.answered")
        await self._mark(sending, receipt.provider_id, receipt.status)

    async def _mark(self, sending: Sending, provider_id: str, status: str = "") -> None:
        """What is out and not marked is what a crash would send twice. `status`: the provider's own word."""
        arrived = sending.page is not None and PROVIDER_STATUS.get(status) == "delivered"
        await self._marks.write((sending, provider_id, "delivered" if arrived else "sent"))
        reach("delivery.marked")
        if sending.page is not None:
            since = sending.page.get("due")  # answers to a worker, and pages of the last release, have none
            seconds = None if since is None else (self._clock.now() - moment(since)).total_seconds()
            self._metrics.page(str(sending.page["params"].get("tier", "")), "sent", seconds)
        self._bell.ring("desk", sending.owner)

    def _all_sent(self, conn: Connection, marks: Sequence[tuple[Sending, str, str]]) -> list[bool]:
        now, vault = self._clock.now(), self._vault
        copies.sent(conn, vault, [(one, mark) for one, mark, _ in marks if one.channel in self._copied], now)
        return [outbox.sent(conn, vault, one, mark, now, status) for one, mark, status in marks]

    async def reported(self, report: Report) -> bool:
        """What a provider says later of a message. False when no row is marked with it, or not yet."""
        known = await self._reports.write(report)
        self._bell.ring("timers")
        return known

    def _all_reported(self, conn: Connection, reports: Sequence[Report]) -> list[bool]:
        now = self._clock.now()
        copies.final(conn, self._vault, [report for report in reports if report.channel in self._copied], now)
        return [outbox.report(conn, self._vault, report, now) for report in reports]

    def _outgoing(self, sending: Sending) -> Outgoing:
        page, channel = sending.page or sending.news, sending.channel
        if page is not None:
            text, subject = (words(self._programme, page, channel) for words in (page_words, page_subject))
            return Outgoing(
                sending.id,
                channel,
                sending.address,
                text,
                page_buttons(page, channel),
                token=page.get("token", ""),
                subject=subject,
                about=page["params"].get("ref", "") if sending.alert else "",
                leads=sending.page is not None,
            )
        if sending.send is None:
            raise Broken("empty_row")
        # SMS does without: the signs cost money there, and make an English text UCS-2.
        words = wording(self._programme, sending.send, isolates=sending.channel == "telegram")
        tag = sending.send.tag
        options = tuple(Option(f"{tag}:{token}", label) for token, label in words.options)
        return Outgoing(sending.id, sending.channel, sending.address, words.text, options, sending.sender)

    async def _arrived_before(self, channel: Channel, message: Outgoing, sending: Sending) -> bool:
        """`reconcile`: ask the provider what it took since the claim before a second one goes."""
        # No earlier than its own claim: the same words sent before that are another row's, cut off by a crash.
        taken = await asyncio.wait_for(channel.sent_since(sending.address, sending.claimed_at), REQUEST)
        same = [one for one in taken if one.text == channel.wording(message)]
        # The same words may have been sent to her a moment ago for another row: those are that row's.
        ids = [one.provider_id for one in same]
        known = await self._database.read(outbox.marked, self._vault, sending.channel, ids)
        found = next((one for one in same if one.provider_id not in known), None)
        if found is None:
            return False
        await self._mark(sending, found.provider_id, found.status)
        return True

    async def _wipe(self, channel: Channel, sending: Sending, wanted: Sequence[tuple[str, str]]) -> None:
        """Deleted on both sides, at the provider's pace. A wipe stays wanted, however long it waits."""
        left: tuple[str, ...] = ()
        if wanted:
            await self._paced(sending)
            messages = [message for _, message in wanted]
            left = await asyncio.wait_for(channel.wipe(sending.address, messages), REQUEST)
            self._metrics.exit("wipe", self._since(sending))
        await self._database.write(outbox.wiped, self._vault, sending, left, self._clock.now())

    def _since(self, sending: Sending) -> float:
        """Seconds since that came which it answers."""
        return max(0.0, (self._clock.now() - sending.asked_at).total_seconds())

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
            if sending.alert:
                await self._database.write(outbox.held_up, self._vault, sending, now)
                self._bell.ring("timers")

    def _next_try(self, sending: Sending, failed: SendFailed, now: datetime) -> datetime:
        asked = failed.retry_after if isinstance(failed, TryLater) else None
        back_off = min(FIRST * 2 ** (sending.attempts - 1), LONGEST) * random.uniform(0.75, 1.25)  # noqa: S311
        return now + timedelta(seconds=max(asked or 0.0, back_off))
