"""The one place of wiring: settings and content in, a service whose loops turn out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.bell import Bell
from bot.calendars import Calendars
from bot.channels.base import Channel
from bot.clock import Clock
from bot.clockwork import Clockwork
from bot.copies import Copies
from bot.delivery import Delivery
from bot.farewells import Farewells
from bot.loops import Loops
from bot.metrics import Metrics
from bot.pace import RATES, Pace
from bot.turn import Turns
from bot.upkeep import Upkeep
from escalation.ladder import Ladder
from escalation.methods import METHODS
from escalation.receivers import shipped as shipped_receivers
from escalation.referral import Receiver
from flows.authoring.kept import kept_programme
from flows.authoring.released import released
from flows.engine.programme import Programme
from flows.engine.safe_contact import Offered
from storage import outbox, timers
from storage.assignments import StoredAccess
from storage.casefile import StoredCasefile
from storage.contacts import StoredContacts
from storage.crypto.ring import Ring
from storage.database import Database
from storage.decisions import StoredDecisions
from storage.desk import StoredAccounts, StoredChat, StoredClaims, StoredDesk, StoredPeople
from storage.meeting import StoredMeetings
from storage.methods import StoredMethods
from storage.migrating import upgrade
from storage.revisions import keep_revisions
from storage.rota import StoredRotas
from storage.sheets import StoredSheets
from storage.shifts import StoredShifts
from storage.tasks import StoredTasks
from storage.vault import Vault, open_vault, refuse_wrong_ring

if TYPE_CHECKING:
    from storage.notices import Notices

log = structlog.get_logger()
HERE = Path(__file__).resolve().parent.parent
UNDER_WAY = 5.0  # seconds that a moved clock waits for requests of the loops; a hanging provider must not stop it
SHIPPED = HERE / "flows"
LOCALES = HERE / "locales"


@dataclass(slots=True)
class Service:
    """Everything that runs, wired once. Nothing here is global: tests and the demo make as many as they want."""

    database: Database
    vault: Vault
    programme: Programme
    channels: Mapping[str, Channel]
    clock: Clock
    bell: Bell
    metrics: Metrics
    turns: Turns
    delivery: Delivery
    clockwork: Clockwork
    loops: Loops
    desk: StoredDesk
    chat: StoredChat
    sheets: StoredSheets
    contacts: StoredContacts
    claims: StoredClaims
    access: StoredAccess
    decisions: StoredDecisions
    receivers: Mapping[str, Receiver]
    shifts: StoredShifts
    people: StoredPeople
    accounts: StoredAccounts
    rotas: StoredRotas
    calendars: Calendars
    methods: StoredMethods
    meetings: StoredMeetings
    tasks: StoredTasks
    casefile: StoredCasefile
    farewells: Farewells
    copies: Copies | None = None
    notices: Notices | None = None

    def start(self) -> None:
        """Let the loops turn. Turns are taken before anything else, so that a waiting webhook is answered."""
        self._hear_replicas()
        self.loops.start("turns", self.turns.run)
        self.loops.start("delivery", self.delivery.once)
        self.loops.start("clockwork", self.clockwork.once)
        upkeep = Upkeep(self.database, self.vault, self.programme, self.clock, self.metrics, self.bell)
        self.loops.start("retention", upkeep.once)
        self.loops.start("farewells", self.farewells.once)
        self.loops.start("rota", self.calendars.once)
        if self.copies is not None:
            self.loops.start("copies", self.copies.once)

    def _hear_replicas(self) -> None:
        """On PostgreSQL a commit of another replica rings this bell, and one of ours rings theirs."""
        if self.database.sqlite:
            return
        from storage.notices import Notices  # and with it the driver, which SQLite does without

        loop = asyncio.get_running_loop()

        def heard(topic: str, word: str) -> None:
            loop.call_soon_threadsafe(self.bell.heard, topic, word)

        self.notices = Notices(self.database.url, heard)
        self.bell.echo = self.notices.tell
        self.notices.start()

    async def stop(self) -> None:
        """Stop taking, let requests under way be marked, close. Safe to call once."""
        await self.loops.stop()
        await self.delivery.settle()
        if self.notices is not None:
            await asyncio.to_thread(self.notices.stop)
        for channel in set(self.channels.values()):
            await channel.close()
        await asyncio.to_thread(self.database.close)

    async def settle(self) -> None:
        """Fire and send until nothing is due: the terminal and the moved clock of the demo wait for this."""
        while True:
            fired = await self.clockwork.fire()
            await self.delivery.drain()
            await self.delivery.settle(UNDER_WAY)
            if not fired:
                return

    async def pass_time(self, by: timedelta) -> None:
        """Move the clock, stopping at each moment at which something is due, as if she had waited."""
        target = self.clock.now() + by
        while True:
            due = await self.database.read(timers.next_due)
            if due is None or due > target:
                break
            self.clock.move(max(due - self.clock.now(), timedelta(0)))
            await self.settle()
        self.clock.move(max(target - self.clock.now(), timedelta(0)))
        await self.settle()


def read_content(programme: Path | None = None, *, drafts: bool = True) -> Programme:
    """What ships, and the programme's own folder over it; without `drafts` only released languages, checked numbers.

    Raises `AuthorError` with every finding."""
    folders = [SHIPPED] if programme is None else [SHIPPED, programme]
    loaded = kept_programme(folders, LOCALES)
    return loaded if drafts else released(loaded)


def open_service(
    url: str,
    ring: Ring,
    programme: Programme,
    channels: Mapping[str, Channel],
    clock: Clock,
    rates: Mapping[str, tuple[float, float]] = RATES,
    delete_copies: bool = False,
    rota_contact: str = "",
    ladder: Ladder | None = None,
    called: Mapping[str, str] | None = None,
    region: str = "GB",
    receivers: Mapping[str, Receiver] | None = None,
) -> Service:
    """Open the database (bringing it up to date), check the keys, wire the parts. Raises before anything is changed.

    `rates` are the providers' (`bot.pace`); simulated phones have none. `delete_copies`: the providers' own copies go.
    `rota_contact`: the username of whom a hole in the rota is told. `ladder`: who is paged when, unless it is that
    which ships. `called`: what people are called in calendars, by `rota.yaml`. `region`: the country of numbers that
    staff write without one.
    `receivers`: who may be given what of a case to begin with, unless it is what ships.
    """
    database = Database(url)
    try:
        database.refuse_damaged()
        database.read_now(refuse_wrong_ring, ring)
        upgrade(database.engine)
        vault = database.write_now(open_vault, ring, ladder)
        programme = database.write_now(keep_revisions, programme, clock.now())
        if database.sqlite:  # one process at a time: what is leased was leased by one that died
            database.write_now(outbox.orphaned, clock.now())
    except BaseException:
        database.close()
        raise
    bell, metrics = Bell(), Metrics()
    copied = {name: channel for name, channel in channels.items() if delete_copies and channel.remembers}
    turns = Turns(database, vault, programme, bell, metrics, copied)
    delivery = Delivery(database, vault, programme, channels, clock, bell, metrics, Pace(rates), copied)

    def ring_desk(word: str) -> None:
        bell.ring("desk", word)
        bell.ring("timers")

    def ring_all(word: str) -> None:
        ring_desk(word)
        bell.ring("outbox")

    return Service(
        database=database,
        vault=vault,
        programme=programme,
        channels=channels,
        clock=clock,
        bell=bell,
        metrics=metrics,
        turns=turns,
        delivery=delivery,
        clockwork=Clockwork(database, vault, turns, clock, bell, metrics),
        loops=Loops(clock, metrics),
        farewells=Farewells(database, vault, channels, clock),
        copies=Copies(database, vault, copied, clock) if copied else None,
        desk=StoredDesk(database, vault, programme, ring_desk, bell.listen),
        chat=StoredChat(database, vault, turns.take, clock.now, programme.instruments),
        sheets=StoredSheets(database, vault, turns.take, clock.now, programme.instruments),
        contacts=StoredContacts(database, vault, turns.take, clock.now, Offered.by(programme)),
        claims=StoredClaims(database, vault, ring_desk),
        access=StoredAccess(database, vault, ring_desk),
        decisions=StoredDecisions(database, vault, tuple(receivers or shipped_receivers()), ring_desk),
        receivers=receivers or shipped_receivers(),
        shifts=StoredShifts(database, vault, ring_desk),
        people=StoredPeople(database, vault, ring_desk),
        accounts=StoredAccounts(database, vault, ring_desk),
        rotas=StoredRotas(database, vault, ring_all, called),
        meetings=StoredMeetings(database, vault, ring_desk),
        calendars=Calendars(database, vault, clock, bell, rota_contact, called),
        methods=StoredMethods(database, vault, tuple(m for m in METHODS if m in channels), region),
        tasks=StoredTasks(database, vault, ring_desk),
        casefile=StoredCasefile(database, vault, turns.take, ring_all, region),
    )
