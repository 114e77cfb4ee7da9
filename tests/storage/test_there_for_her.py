"""At every moment: whoever her chat says is there holds an alert of hers. Any order of what they and she can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from escalation.ports import Refused
from storage import claims, presence
from storage.admitting import admit
from storage.schema import alerts
from tests.storage.store import ANA_PHONE, Store, World

STEPS = 40


@dataclass
class Night:
    """Two workers, a supervisor, one of hers; each step is one thing that one of them can do."""

    world: World
    rng: Random
    person: str
    staff: list[str]
    ruth: str
    refs: list[str] = field(default_factory=list)

    async def alert(self) -> tuple[str, int]:
        """One of hers, and the number of its claim now."""
        ref = self.rng.choice(self.refs)
        found = await self.world.desk.alert(ref, self.world.now)
        assert found is not None
        return ref, found.claim

    async def raises(self) -> None:
        ref = await self.world.alert(self.person, self.rng.choice(["P0", "P1", "P2"]), self.rng.choice(["one", "two"]))
        self.refs = list(dict.fromkeys([*self.refs, ref]))  # in the order they came: a ref is chance, the walk is not

    async def claims(self) -> None:
        await self.world.desk.claim((await self.alert())[0], self.rng.choice(self.staff), self.world.now, "both")

    async def joins(self) -> None:
        await self.world.chat.join(self.person, self.rng.choice(self.staff))

    async def comes(self) -> None:
        """She opens her chat and somebody takes what waits and is with her."""
        who = self.rng.choice(self.staff)
        self.world.opens(self.person)
        await self.world.desk.claim((await self.alert())[0], who, self.world.now, "both")
        await self.world.chat.join(self.person, who)

    async def hands_back(self) -> None:
        await self.world.chat.hand_back(self.person, self.rng.choice(self.staff))

    async def releases(self) -> None:
        ref, number = await self.alert()
        await self.world.desk.release(ref, self.rng.choice(self.staff), number, self.world.now)

    async def resolves(self) -> None:
        ref, number = await self.alert()
        await self.world.desk.resolve(ref, self.rng.choice(self.staff), number, "other", "Done.", self.world.now)

    async def snoozes(self) -> None:
        ref, number = await self.alert()
        until = self.world.now + timedelta(minutes=30)
        await self.world.claims.snooze(ref, self.rng.choice(self.staff), number, until, "Later", self.world.now)

    async def offers(self) -> None:
        to = self.rng.choice(self.staff)
        await self.world.claims.offer((await self.alert())[0], self.ruth, to, self.world.now)

    async def signs(self) -> None:
        await self.world.claims.sign((await self.alert())[0], self.ruth, self.world.now)

    async def gives_back(self) -> None:
        await self.world.claims.give_back((await self.alert())[0], self.ruth, "Not yet", self.world.now)

    async def keeps_apart(self) -> None:
        who = self.rng.choice(self.staff)
        await self.world.claims.keep_apart(self.person, who, self.ruth, "Neighbours", self.world.now)
        await self.world.claims.let_back(self.person, who, self.ruth, self.world.now)

    async def she_opens(self) -> None:
        self.world.opens(self.person)

    async def she_leaves(self) -> None:
        self.world.leaves(self.person)

    async def time_passes(self) -> None:
        self.world.pass_time(minutes=self.rng.choice([1, 8, 16]))

    @property
    def steps(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        often = (self.claims, self.comes, self.raises)
        ends = (self.releases, self.resolves, self.snoozes, self.offers, self.signs, self.gives_back)
        return (
            *often,
            *often,
            *ends,
            self.hands_back,
            self.keeps_apart,
            self.joins,
            self.she_opens,
            self.she_leaves,
            self.time_passes,
        )

    async def is_true(self) -> None:
        """What the page and her chat are told comes of one state; the loops have come to what was due."""
        self.world.pass_time(seconds=1)
        case = await self.world.desk.case(self.person, self.ruth, "to look", self.world.now)
        for who in filter(None, (case.worker_in, case.worker_waits)):
            hold = [a for a in case.alerts if (a.holder, a.state) == (who, "claimed")]
            assert any(a.claim_until is not None and a.claim_until > self.world.now for a in hold), who


@pytest.mark.parametrize("seed", range(3))
async def test_who_is_said_to_be_there_holds_an_alert_of_hers(world: World, seed: int) -> None:
    staff = [await world.worker(name) for name in ("Ana", "Ben")]
    for number, one in enumerate(staff):
        world.paged_at(one, f"+44770090020{number}")
    ruth, person = await world.worker("Ruth", "supervisor"), world.recipient()
    night = Night(world, Random(seed), person, staff, ruth)
    await night.raises()
    there = done = 0
    for _ in range(STEPS):
        step = night.rng.choice(night.steps)
        try:
            await step()
        except Refused:
            continue
        done += 1
        await night.is_true()
        case = await world.desk.case(person, ruth, "to look", world.now)
        there += bool(case.worker_in)
    assert done > STEPS // 4, "most of them happen"
    assert there, "and somebody is there at times"


def test_a_worker_whose_claim_ends_before_they_are_in_is_not_there(store: Store) -> None:
    """Two tabs, or a page passed on meanwhile: joining was allowed, and by its turn nothing of hers is theirs."""
    ana, her = store.staff("ana", ANA_PHONE, "on_call"), store.recipient()
    store.hears("hello", "risk P1")
    (alert,) = store.rows(sa.select(alerts))
    store.write(claims.claim, store.vault, alert.ref, ana, store.now)
    joins = store.write(admit, store.vault, store.ref(her), ana, "join", "", "", store.now)
    store.write(claims.release, alert.ref, ana, 1, store.now)
    while store.fire():
        pass
    turns = store.state(her).turns
    assert store.take(joins)[0].outcome == "gone"
    assert store.state(her).turns == turns
    assert presence.there(store.state(her)) == ""
