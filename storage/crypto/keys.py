"""The service's keys at work: sealers of the people met lately, and those of the rows that belong to nobody."""

from __future__ import annotations

import os
from collections import OrderedDict
from threading import Lock

from storage.crypto.data_key import DataKey
from storage.crypto.nonces import Nonces
from storage.crypto.ring import Ring
from storage.crypto.seal import Algorithm, Sealer
from storage.crypto.secrecy import Secret
from storage.crypto.system import SystemKeys
from storage.crypto.wrap import PERSON, KeyWrap

MOST_PEOPLE = 4096  # sealers kept, at most; see docs/crypto-inventory.md for what one weighs
MOST_USES = 10_000  # turns served from one opening of a key; then it is opened again from what the database holds
KEPT_SECONDS = 300.0  # the idle lock's five minutes: a key is rarely held longer than her session


class _Held(Secret):
    """A person's sealer, the wrapped key it came from, and what it has left."""

    __slots__ = ("sealer", "until", "uses_left", "wrapped")

    def __init__(self, sealer: Sealer, wrapped: bytes, until: float, uses: int) -> None:
        self.sealer, self.wrapped, self.until, self.uses_left = sealer, wrapped, until, uses


class Keys(Secret):
    """Makes, opens and forgets people's keys. Safe to share between threads.

    `system` seals rows that belong to nobody, `staff` rows of staff (their place's `person` is the staff member's id).
    """

    __slots__ = (
        "_algorithm",
        "_held",
        "_lock",
        "_most_people",
        "_most_uses",
        "_nonces",
        "_seconds",
        "_wrap",
        "staff",
        "system",
    )

    def __init__(
        self,
        ring: Ring,
        system: SystemKeys,
        *,
        most_people: int = MOST_PEOPLE,
        most_uses: int = MOST_USES,
        seconds: float = KEPT_SECONDS,
        algorithm: Algorithm = Algorithm.GCM,
        nonces: Nonces = os.urandom,
    ) -> None:
        self._wrap = KeyWrap(ring, nonces)
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._lock = Lock()
        self._most_people, self._most_uses, self._seconds = most_people, most_uses, seconds
        self._algorithm, self._nonces = algorithm, nonces
        self.system = Sealer(DataKey.of(system.system), "", algorithm=algorithm, nonces=nonces)
        self.staff = Sealer(DataKey.of(system.staff), None, algorithm=algorithm, nonces=nonces)

    def new_person_key(self, person: str) -> bytes:
        """A fresh key for that person, wrapped, to be stored in her row and nowhere else."""
        return self._wrapped(person, DataKey.new())

    def person(self, person: str, wrapped: bytes, now: float) -> Sealer:
        """The person's sealer. `now` is any clock in seconds that never runs back.

        `wrapped` is what her row holds now: a key that was changed or erased there is not served from memory.
        Raises `MissingEpoch`, `DestroyedEpoch`, `DamagedKey`.
        """
        with self._lock:
            held = self._held.get(person)
            if held is not None and held.uses_left > 0 and now < held.until and held.wrapped == wrapped:
                held.uses_left -= 1
                self._held.move_to_end(person)
                return held.sealer
            return self._hold(person, wrapped, now)

    def rewrap_person(self, person: str, wrapped: bytes) -> bytes | None:
        """Her key under the active epoch, or None where it stands there already. Sealed values stay as they are."""
        return self._wrap.rewrap(PERSON, person, wrapped)

    def renew_person_key(self, person: str, wrapped: bytes) -> bytes:
        """Her key with a fresh generation: new values use it, older ones still open. For a suspicion, not by habit.

        Store it, seal every value again (`Sealer.stale` tells which are left), then store `without_older_generations`.
        """
        return self._wrapped(person, self._opened(person, wrapped).renewed())

    def without_older_generations(self, person: str, wrapped: bytes) -> bytes:
        """Her key with its newest generation only; values still sealed under older ones are gone."""
        return self._wrapped(person, self._opened(person, wrapped).newest_only())

    def forget(self, person: str) -> None:
        """Let go of her key in memory, as on erasure."""
        with self._lock:
            self._held.pop(person, None)

    def forget_expired(self, now: float) -> int:
        """Let go of every key kept longer than its time; how many. Call it now and then, also when no one writes."""
        with self._lock:
            expired = [person for person, held in self._held.items() if now >= held.until]
            for person in expired:
                del self._held[person]
        return len(expired)

    def _hold(self, person: str, wrapped: bytes, now: float) -> Sealer:
        self._held.pop(person, None)
        sealer = Sealer(self._opened(person, wrapped), person, algorithm=self._algorithm, nonces=self._nonces)
        self._held[person] = _Held(sealer, wrapped, now + self._seconds, self._most_uses - 1)
        while len(self._held) > self._most_people:
            self._held.popitem(last=False)
        return sealer

    def _opened(self, person: str, wrapped: bytes) -> DataKey:
        return DataKey.unpacked(self._wrap.unwrap(PERSON, person, wrapped))

    def _wrapped(self, person: str, key: DataKey) -> bytes:
        return self._wrap.wrap(PERSON, person, key.packed())
