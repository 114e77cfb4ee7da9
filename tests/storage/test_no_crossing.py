"""No message to the wrong phone, whatever the order of messages, moves, exits, timers and deliveries (SAFETY 18)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from storage import outbox, timers
from storage.schema import addresses
from storage.schema import outbox as rows_out
from storage.sendings import Sending
from tests.storage.store import Store
from tests.storage.test_another_phone import TO_A_CODE, Pair, decide

Phone = tuple[str, str]  # channel, address
WORDS = ("sunflower", "x", "menu", "7", "4", "1", "3", "hello", "marigold", "he hit me")
_numbers = count(1)

# Which phone: 0 is the one that is hers then, 1 and 2 are the others.
which = st.sampled_from((0, 0, 1, 1, 2))
writes = st.tuples(st.just("writes"), which, st.sampled_from(WORDS))
asks = st.tuples(st.just("asks"), st.just(0), st.just(""))
moves = st.tuples(st.just("moves"), st.sampled_from((1, 1, 2, 0)), st.just(""))
rest = st.tuples(st.sampled_from(("claims", "claims", "sends", "fails", "waits", "ping")), st.just(0), st.just(""))
lives = st.lists(st.one_of(writes, writes, asks, moves, rest), min_size=6, max_size=14)


@dataclass
class Life:
    """Three phones of one person. `hers` is told by the rules of the move alone, not by asking the storage."""

    store: Store
    pair: Pair
    phones: tuple[Phone, ...]
    hers: int = 0
    codes: list[str] = field(default_factory=list)  # open ones that may move; the last is used
    duds: list[str] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)  # of each row, the phone that wrote or was hers then
    flying: list[Sending] = field(default_factory=list)
    said: list[Sending] = field(default_factory=list)

    def act(self, what: str, which: int, text: str) -> None:  # noqa: C901 - one line a kind
        phone = (self.hers + which) % len(self.phones)
        match what:
            case "writes":
                self.writes(phone, text)
            case "asks":
                for word in TO_A_CODE:
                    self.writes(phone, word)
                while self.claims():
                    self.marks(fails=False)
            case "moves":
                self.moves(phone)
            case "claims":
                self.claims()
            case "sends":
                self.marks(fails=False)
            case "fails":
                self.marks(fails=True)
            case "waits":
                self.store.pass_time(minutes=3)
            case "ping":
                self.ping()

    def writes(self, phone: int, text: str) -> None:
        channel, address = self.phones[phone]
        self.store.pass_time(seconds=5)
        self.store.take(self.store.text(text, address, channel), deciding=decide())
        self.written_for(phone)

    def moves(self, phone: int) -> None:
        """Whichever code there is; a good one moves from a phone that is not hers now, and voids all others."""
        code = (self.codes or self.duds or ["AAAA-AAAA"])[-1]
        moves = code in self.codes and phone != self.hers and not self.pair.state.suspect
        if phone != self.hers and not moves:
            self.codes, self.duds = ([each for each in kind if each != code] for kind in (self.codes, self.duds))
        if moves:
            self.hers, self.codes, self.duds = phone, [], []
        self.writes(phone, code)

    def ping(self) -> None:
        """A timer of hers: unasked, so it is for the phone that is hers."""
        self.store.pass_time(days=8)
        self.codes, self.duds = [], []  # a day has gone by
        people, _ = self.store.read(timers.due, self.store.now)
        for timer in people:
            if timer.person == self.pair.person:
                self.store.take(timer, deciding=decide())
        self.written_for(self.hers)

    def written_for(self, phone: int) -> None:
        for row in self.store.rows(sa.select(rows_out.c.id).where(rows_out.c.owner_id == self.pair.person)):
            self.asked.setdefault(row.id, phone)

    def claims(self) -> int:
        """How many."""
        claimed = [one for one in self.store.claim() if one.owner == self.pair.person]
        for one in claimed:
            if one.wipe is None:
                self.fits(one)
        self.flying += claimed
        return len(claimed)

    def fits(self, one: Sending) -> None:
        wanted = self.phones[self.asked[one.id]]
        assert (one.channel, one.address) == wanted, "it goes to the phone that wrote, or to hers for what nobody asked"
        if one.kind not in ("cover", "exit"):
            assert wanted == self.phones[self.hers], "of a session nothing goes to a phone that is not hers any more"
        self.said.append(one)
        if one.send is not None and "move_code" in one.send.params:
            kind = self.duds if self.pair.state.suspect else self.codes
            kind.append(one.send.params["move_code"])

    def marks(self, fails: bool) -> None:
        for one in self.flying:
            if fails and one.wipe is None:
                self.store.write(outbox.later, one, self.store.now, "503")
            else:
                self.store.sent(one)
        self.flying = []


@pytest.fixture(scope="module")
def shared(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One database for all examples, each with a person and phones of its own."""
    path = tmp_path_factory.mktemp("crossing") / "rowan.db"
    shutil.copy(migrated_sqlite, path)
    store = Store(f"sqlite:///{path}")
    yield store
    store.close()


ASKS, CLAIMS = ("asks", 0, ""), ("claims", 0, "")


@given(life=lives)
@example([ASKS, ("writes", 0, "menu"), ("moves", 1, ""), ("writes", 2, "hello"), ("writes", 0, "sunflower"), CLAIMS])
@example([ASKS, ("writes", 0, "menu"), CLAIMS, ("moves", 1, ""), ("fails", 0, ""), ("waits", 0, ""), ("ping", 0, "")])
@example([("writes", 0, "sunflower"), ("writes", 0, "marigold"), ASKS, ("moves", 1, ""), ("writes", 1, "sunflower")])
@example([ASKS, ("moves", 1, ""), ("writes", 0, "sunflower"), ASKS, ("moves", 2, ""), ("writes", 0, "x"), CLAIMS])
@settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_every_message_goes_to_the_phone_that_asked_or_is_hers(shared: Store, life: list[tuple[str, int, str]]) -> None:
    number = next(_numbers)
    phones = (("sms", f"+4477001{number:05d}"), ("telegram", f"7{number:05d}"), ("sms", f"+4477002{number:05d}"))
    shared.deliver()
    one = Life(shared, Pair(shared, *phones[0]), phones)
    for act in life:
        one.act(*act)
    while one.claims():
        one.marks(fails=False)
    state = one.pair.state
    assert state.contact.channel == phones[one.hers][0]
    mine = sa.select(addresses.c.state).where(addresses.c.owner_id == one.pair.person)
    assert sorted(row.state for row in shared.rows(mine)).count("active") == 1
