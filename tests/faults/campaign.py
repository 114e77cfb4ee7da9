"""The kill harness: the real service under load, killed again and again, then judged.

    python -m tests.faults.campaign --kills 300

Half of the kills fall at random moments, half at a named crash point; the process is started again at once each time.
At the end everything drains, the service is stopped, and the checker compares what the providers saw with the database.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from bot.app import read_content
from flows.engine.programme import Programme
from storage.failpoint import POINTS
from tests.fakes.ports import free_port
from tests.fakes.server import Fault
from tests.faults import talking
from tests.faults.checker import Verdict, judge
from tests.faults.line import Line
from tests.faults.process import Life, Nursery
from tests.faults.reading import gather
from tests.faults.serve import INSIDE_COMMIT
from tests.faults.town import END_OF_TRANSACTION, Town, found

HANGING = "request.hanging"  # 8: the harness's own, by a provider that does not answer
ALL_POINTS = (*POINTS, INSIDE_COMMIT, HANGING)
IN_CHAT = ("worker_joined", "worker_waits", "worker_left", "worker_gone")
TOP = 4  # steps taken: with it the last one has been taken again
OFTEN = {"turn.before", "inbox.before", "inbox.written", "turn.written", "turn.committed", "webhook.answered"}
OFTEN |= {"offset.moved", "delivery.claimed", "delivery.answered", "delivery.marked"}
# Ladders that have begun climb on, from kill to kill, until everybody is paged; then others begin.
CLIMB = """UPDATE timers SET due_at = :due WHERE id IN (
                SELECT timers.id FROM timers JOIN alerts ON alerts.id = timers.owner_id
                 WHERE timers.kind = 'page' AND alerts.state = 'open'
                 ORDER BY level >= :top, level DESC, random() LIMIT 3)"""
# Some claims come to their end while nothing runs: the next look of the ladder gives them back.
ENDING = "SELECT id FROM alerts WHERE state = 'claimed' ORDER BY random() LIMIT 2"
END_OF_CLAIM = "UPDATE alerts SET claim_until = :due, next_page_at = :due WHERE id = :alert"
END_IS_DUE = "UPDATE timers SET due_at = :due WHERE kind = 'page' AND owner_id = :alert"
RECEIPTS = "UPDATE timers SET due_at = :due WHERE id IN (SELECT id FROM timers WHERE kind = 'receipt' LIMIT 3)"
PATIENCE = 8.0  # seconds a named point is waited for before the process is killed anyhow
RANDOM = (0.0, 1.5)  # seconds after its start at which a random kill falls: some into the start itself
DRAIN = 300.0  # seconds for everything to come to rest after the last start


@dataclass(slots=True)
class Figures:
    """What a campaign prints."""

    kills: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    starts: list[float] = field(default_factory=list)
    seconds: float = 0.0
    messages: int = 0
    sends: int = 0
    errors: int = 0  # loops and deliveries that failed unforeseen, and traces, in the service's own log
    in_chat: Counter[str] = field(default_factory=Counter)  # what stands in records of workers who came and went
    verdict: Verdict = field(default_factory=lambda: Verdict((), {}))

    def __str__(self) -> str:
        verdict, points = self.verdict, ", ".join(f"{name} {self.hits[name]}" for name in ALL_POINTS)
        starts = sorted(self.starts)
        middle = starts[len(starts) // 2] if starts else 0.0
        return "\n".join(
            [
                f"{self.kills} kills in {self.seconds:.0f} s; {self.messages} messages in, {self.sends} sends accepted",
                *(
                    f"{kind}: {verdict.count(kind)}"
                    for kind in ("lost", "doubled", "order", "outbox", "alert", "holding", "presence", "database")
                ),
                f"duplicate sends: {verdict.duplicates} (at most {self.kills} are allowed): {dict(verdict.repeats)}",
                f"workers in her chat: {', '.join(f'{what} {self.in_chat[what]}' for what in IN_CHAT)}",
                f"start to serving, imports apart: {middle:.1f} s in the middle, {max([0.0, *starts]):.1f} s at most",
                f"errors in the log: {self.errors}",
                f"kills by point: {points}, random {self.hits['random']}, missed {self.hits['missed']}",
                *(f"FAULT {fault.kind}: {fault.what}" for fault in verdict.faults),
            ]
        )


@lru_cache(maxsize=1)
def content() -> Programme:
    return read_content()


class Campaign:
    """One town, one line, one service that dies `kills` times."""

    def __init__(self, folder: Path, kills: int, say: Callable[[str], None] = lambda _: None) -> None:
        self.town: Town = found(folder)
        self.line = Line(free_port(), self.town.workers)
        self.log = folder / "service.log"
        self.figures = Figures()
        self._kills, self._say = kills, say
        self._ended_at = 0.0
        self._cut_off: set[tuple[str, int]] = (
            set()
        )  # rows of the outbox and their leases that were in the air at a kill
        self._left = sorted(ALL_POINTS, key=lambda _: random.random())
        self._nursery = Nursery(self.log, folder)

    async def run(self) -> Figures:
        began = time.monotonic()
        with self.line:
            await self._live()
            self.line.save(self.town.folder)
            evidence = gather(
                self.town,
                content(),
                self.line.said,
                self.line.landed(),
                self.figures.kills,
                self._ended_at,
                self.line.wrote,
                Counter(row for row, _ in self._cut_off),
            )
        self.figures.verdict = judge(evidence)
        turns = [turn for person in evidence.people for turn in person.turns]
        self.figures.in_chat = Counter(what for turn in turns for what, _ in turn.notes if what in IN_CHAT)
        self.figures.seconds = time.monotonic() - began
        self.figures.messages, self.figures.sends = len(evidence.said), len(evidence.landed)
        log = self.log.read_text(errors="replace")
        self.figures.errors = sum(log.count(word) for word in ("loop.failed", "delivery.failed", "Traceback"))
        return self.figures

    async def _live(self) -> None:
        over = asyncio.Event()
        phones = [asyncio.create_task(talking.talk(self.line, phone, over)) for phone in self.town.recipients]
        phones += [asyncio.create_task(talking.join(self.line, phone, over)) for phone in self.town.strangers]
        phones.append(asyncio.create_task(talking.answer_pages(self.line, self.town, over)))
        phones += [asyncio.create_task(talking.be_there(self.line, self.town, desk, over)) for desk in self.town.desks]
        reports = asyncio.create_task(self.line.report())
        try:
            for _ in range(self._kills):
                await self._one_kill()
            over.set()
            await self._drain(phones)
        finally:
            for task in (*phones, reports):
                task.cancel()
            await asyncio.gather(*phones, reports, return_exceptions=True)
            await self.line.hang_up()
            self._nursery.close()

    # kills

    async def _one_kill(self) -> None:
        target = self._choose()
        self._prepare(target)
        service = self._start(target)
        hit = await self._killed(service, target)
        self._look_what_was_in_the_air()
        self.figures.kills += 1
        self.figures.hits[hit] += 1
        if hit == "missed" and not self.figures.hits[target]:
            self._left.insert(0, target)
        self._say(f"{self.figures.kills:4} {hit}" + (f" ({target})" if hit == "missed" else ""))

    def _look_what_was_in_the_air(self) -> None:
        """Nothing runs: whatever is leased now was cut off, and may come once more for it."""
        with contextlib.closing(sqlite3.connect(self.town.database, timeout=10)) as conn:
            self._cut_off |= set(conn.execute("SELECT id, claim FROM outbox WHERE status = 'sending'"))

    def _choose(self) -> str:
        """What ends the next one: every second dies at a named point."""
        if self.figures.kills % 2:
            return ""
        self._left = self._left or sorted(ALL_POINTS, key=lambda _: random.random())
        return self._left.pop()

    def _start(self, target: str) -> Life:
        settings = self.line.settings(self.town)
        if target and target != HANGING:
            settings["ROWAN_FAILPOINT"] = f"{target}:0.2" if target in OFTEN else target
        return self._nursery.start(settings)

    async def _killed(self, service: Life, target: str) -> str:
        """Which kind of kill it became: the point's name, 'random', or 'missed' when the point was not reached."""
        if not target:
            await asyncio.sleep(random.uniform(*RANDOM) + (self._usual_start if random.random() < 0.8 else 0.0))
            service.kill()
            return "random"
        await self._until(lambda: service.code is not None or service.serving(), 60.0)
        if service.code is None:
            self.figures.starts.append(time.monotonic() - service.began)
        if target == HANGING:
            return await self._hung(service)
        await self._until(lambda: service.code is not None, PATIENCE)
        return self._buried(service, target)

    def _buried(self, service: Life, target: str) -> str:
        code = service.code
        service.kill()
        assert code in (None, -9), f"the service ended by itself with {code}: {self.log.read_text()[-2000:]}"
        return "missed" if code is None else target

    async def _hung(self, service: Life) -> str:
        """Crash point 8: the request is written, and the provider, who may or may not have taken it, says nothing."""
        fake = random.choice([self.line.twilio, self.line.telegram])
        before = len(fake.facts("fault"))
        fake.fail(random.choice([Fault.hang_after(), Fault.hang_before()]))
        hung = await self._until(lambda: len(fake.facts("fault")) > before, PATIENCE)
        service.kill()
        return HANGING if hung else "missed"

    @property
    def _usual_start(self) -> float:
        starts = sorted(self.figures.starts)
        return starts[len(starts) // 2] if starts else 2.0

    def _prepare(self, target: str) -> None:
        """Time passes while nothing runs: timers that lay hours ahead are due when the service comes up."""
        due = int((time.time() + 1) * 1000)
        with contextlib.closing(sqlite3.connect(self.town.database, timeout=10)) as conn:
            if target == "timers.fired":
                people = conn.execute("SELECT id FROM persons ORDER BY random() LIMIT 3").fetchall()
                for (person,) in people:
                    row = (f"{due:012x}{random.randbytes(8).hex()}", due, "checkin", person, "")
                    conn.execute("DELETE FROM timers WHERE kind = 'checkin' AND owner_id = ?", (person,))
                    conn.execute("INSERT INTO timers (id, due_at, kind, owner_id, key) VALUES (?, ?, ?, ?, ?)", row)
            if target.startswith(("ladder.", "page.", "claim.")):
                conn.execute(CLIMB, {"due": due, "top": TOP})
            if target.startswith(("ladder.", "claim.")) or not target:
                for (alert,) in conn.execute(ENDING).fetchall():
                    for change in (END_OF_CLAIM, END_IS_DUE):
                        conn.execute(change, {"due": due, "alert": alert})
                conn.execute(END_OF_TRANSACTION)
            if target.startswith("receipt."):
                conn.execute(RECEIPTS, {"due": due})
            conn.commit()

    # the end

    async def _drain(self, phones: list[asyncio.Task[None]]) -> None:
        service = self._start("")
        try:
            done, _ = await asyncio.wait(phones, timeout=DRAIN)
            self._say(f"drain: {len(done)} of {len(phones)} phones are done; {self._unsettled()}")
            for task in done:
                task.result()
            assert len(done) == len(phones), "some phone never had its message acknowledged"
            await asyncio.to_thread(service.terminate)
            fell_silent = int(time.time() * 1000)
            service = self._start("")  # and its first look finds the last texts that had no webhook
            rested = await self._until(lambda: self._at_rest(fell_silent), DRAIN)
            assert rested, f"never came to rest: {self._restless(fell_silent)}"
        finally:
            self._say(f"drain: at rest, stopped in {await asyncio.to_thread(service.terminate):.1f} s")
            self._ended_at = time.time()

    def _at_rest(self, fell_silent: int) -> bool:
        return not self._restless(fell_silent)

    def _restless(self, fell_silent: int) -> list[str]:
        """What still moves, for whoever must look into it."""
        looked = self._looked()
        found = [self.line.restless, f"{self._unsettled() or ''}"]
        return [one for one in (*found, "" if looked > fell_silent else f"Twilio's list last read at {looked}") if one]

    def _looked(self) -> int:
        """When a look at Twilio's list that was taken whole began; milliseconds."""
        query = "SELECT coalesce(max(value), 0) FROM watermarks WHERE name = 'inbound.sms'"
        with contextlib.closing(self._reading()) as conn:
            return int(conn.execute(query).fetchone()[0])

    def _unsettled(self) -> list[tuple[str, int]]:
        # Pages leave at the provider's pace, one a second a chat: hundreds may still be due, which is for the ladder.
        query = """SELECT status, count(*) FROM outbox WHERE status IN ('due', 'sending', 'checking') AND kind != 'page'
                    GROUP BY status"""
        with contextlib.closing(self._reading()) as conn:
            return list(conn.execute(query))

    def _reading(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.town.database}?mode=ro", uri=True, timeout=10)

    async def _until(self, true: Callable[[], object], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not await asyncio.to_thread(true):
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.03)
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill the service under load, again and again; judge what is left.")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--folder", type=Path, help="keep the database, the log and the history here")
    parser.add_argument("--seed", type=int, default=None, help="of the harness's own choices")
    asked = parser.parse_args()
    random.seed(asked.seed)
    with tempfile.TemporaryDirectory(prefix="rowan-kills-") as throwaway:
        folder = asked.folder or Path(throwaway)
        folder.mkdir(parents=True, exist_ok=True)
        campaign = Campaign(folder, asked.kills, lambda text: print(text, flush=True))
        figures = asyncio.run(campaign.run())
    print(figures)
    sys.exit(1 if figures.verdict.faults else 0)


if __name__ == "__main__":
    main()
