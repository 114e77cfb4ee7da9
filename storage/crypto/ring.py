"""The key ring: the epoch keys under which every other key of the service is wrapped.

Whoever has the ring and the database has everything; whoever has one of the two has nothing. A new epoch begins each
month, live keys are wrapped again under it, and the old one is destroyed after the backup horizon, so that what was
erased cannot be read from an old backup either (SECURITY 2.1).
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from storage.crypto.epoch import RESTORE, Entropy, Epoch
from storage.crypto.errors import BadRing, DestroyedEpoch, EpochInUse, ForgetfulRing, KeyProblem, MissingEpoch
from storage.crypto.ring_file import alone_in, replace_durably
from storage.crypto.ring_source import RingFile, Source
from storage.crypto.ring_text import parse, written
from storage.crypto.secrecy import Secret

EPOCH_LIFE = timedelta(days=31)  # DESIGN, data at rest: a new epoch each month
BACKUP_HORIZON = timedelta(days=35)  # SECURITY 2.1: how long backups are kept


@dataclass(frozen=True, slots=True, repr=False)
class Ring(Secret):
    """Epochs, oldest first, exactly one of them active. Every change gives a new ring; `write` makes it last.

    Raises `BadRing` when made of epochs that cannot stand together.
    """

    epochs: tuple[Epoch, ...]

    def __post_init__(self) -> None:
        _refuse_twice("the id", Counter(epoch.kid for epoch in self.epochs))
        _refuse_twice("the key", Counter(epoch.key for epoch in self.epochs if epoch.key))
        active = [epoch.kid for epoch in self.epochs if epoch.state == "active"]
        if not active:
            raise BadRing("No epoch of the key ring is active, so nothing new could be kept.", RESTORE)
        if len(active) > 1:
            raise BadRing(f"The key ring has two active epochs or more: {', '.join(active)}.", RESTORE)

    def __repr__(self) -> str:
        return f"Ring({', '.join(f'{epoch.kid} {epoch.state}' for epoch in self.epochs)})"

    @classmethod
    def read(cls, source: Source) -> Ring:
        """The ring that `source` gives. Raises a `KeyProblem`, without the text and the frames that held it."""
        try:
            return cls(parse(source.text()))
        except KeyProblem as found:
            problem = found.with_traceback(None)
        raise problem

    @property
    def active(self) -> Epoch:
        """The one epoch under which keys are wrapped now."""
        return next(epoch for epoch in self.epochs if epoch.state == "active")

    def epoch(self, kid: str) -> Epoch:
        """The epoch of that id, destroyed or not. Raises `MissingEpoch`."""
        for epoch in self.epochs:
            if epoch.kid == kid:
                return epoch
        raise MissingEpoch(
            f"The key ring has no epoch {kid[:32]!r}: it is older than the data, or of another service.",
            "start again with the newest ring. Nothing was changed.",
        )

    def key(self, kid: str) -> bytes:
        """The 32 bytes of that epoch. Raises `MissingEpoch` or `DestroyedEpoch`."""
        key = self.epoch(kid).key
        if key is None:
            raise DestroyedEpoch(
                f"Epoch {kid} has expired and its key was destroyed: what stands under it is gone, as promised.",
                "use a backup that is younger than the backup horizon.",
            )
        return key

    def add_epoch(self, now: datetime, *, staged: bool = False, entropy: Entropy = os.urandom) -> Ring:
        """A new epoch becomes active and the present one is kept for reading.

        With `staged` it only joins the ring, for several replicas: give all of them the ring, then `retire` the old
        epoch.
        """
        if staged:
            return Ring((*self.epochs, Epoch.new(now, "decrypt", entropy)))
        before = tuple(epoch.retire(now) if epoch.state == "active" else epoch for epoch in self.epochs)
        return Ring((*before, Epoch.new(now, "active", entropy)))

    def retire(self, kid: str, now: datetime) -> Ring:
        """That epoch is kept for reading only, and the staged epoch after it becomes active.

        Raises `EpochInUse` when it is active and no staged epoch follows, `MissingEpoch`, `DestroyedEpoch`.
        """
        self.key(kid)
        if self.active.kid != kid:
            return self._with(self.epoch(kid).retire(now))
        staged = self._staged_after(kid)
        if staged is None:
            raise EpochInUse(f"Epoch {kid} is active and none follows it.", "add an epoch, which retires this one.")
        next_active = Epoch(staged.kid, staged.created, "active", staged.key)
        return Ring(tuple(_changed(epoch, self.active.retire(now), next_active) for epoch in self.epochs))

    def destroy(self, kid: str) -> Ring:
        """That epoch's key is gone from the ring; its record stays.

        Nothing live may stand under it: ask the database first. Raises `MissingEpoch`, `EpochInUse` for the active one.
        """
        if self.active.kid == kid:
            raise EpochInUse(f"Epoch {kid} is active and cannot be destroyed.", "add an epoch and wrap all keys again.")
        return self._with(self.epoch(kid).destroy())

    def due_for_destruction(self, now: datetime, horizon: timedelta = BACKUP_HORIZON) -> tuple[str, ...]:
        """Ids of epochs retired for longer than backups are kept."""
        held = (epoch for epoch in self.epochs if epoch.state == "decrypt" and epoch.retired)
        return tuple(epoch.kid for epoch in held if epoch.retired and epoch.retired + horizon <= now)

    def rotation_due(self, now: datetime, life: timedelta = EPOCH_LIFE) -> bool:
        """Whether the active epoch is older than `life`: a warning, never a reason to stop the line."""
        return self.active.created + life <= now

    def write(self, path: Path) -> None:
        """Put the ring at `path`, mode 0600, whole or not at all, and read it back.

        Raises `ForgetfulRing` instead of losing, replacing or reviving a key that the ring now standing there holds.
        """
        with alone_in(path.parent):
            if path.exists():
                _refuse_forgetting(Ring.read(RingFile(path)), self)
            replace_durably(path, written(self.epochs))
        if Ring.read(RingFile(path)) != self:
            raise BadRing(
                f"The key ring at {path} does not read back as written.", "look at the disk; keep both copies."
            )

    def _with(self, changed: Epoch) -> Ring:
        return Ring(tuple(_changed(epoch, changed) for epoch in self.epochs))

    def _staged_after(self, kid: str) -> Epoch | None:
        after = self.epochs[self.epochs.index(self.epoch(kid)) + 1 :]
        return next((epoch for epoch in after if epoch.state == "decrypt" and epoch.retired is None), None)


def new_ring(now: datetime, entropy: Entropy = os.urandom) -> Ring:
    """A ring of one fresh active epoch."""
    return Ring((Epoch.new(now, "active", entropy),))


def _changed(epoch: Epoch, *changes: Epoch) -> Epoch:
    return next((change for change in changes if change.kid == epoch.kid), epoch)


def _refuse_twice(what: str, counted: Counter[str] | Counter[bytes]) -> None:
    if any(times > 1 for times in counted.values()):
        raise BadRing(f"Two epochs of the key ring share {what}.", RESTORE)


def _refuse_forgetting(standing: Ring, new: Ring) -> None:
    now_there = {epoch.kid: epoch for epoch in new.epochs}
    for old in standing.epochs:
        after = now_there.get(old.kid)
        if after is None or (after.key != old.key and after.key is not None):
            raise ForgetfulRing(
                f"The ring that stands there knows epoch {old.kid} otherwise; overwriting it would lose data for ever.",
                "start from the ring that stands there, or write to another path. Nothing was written.",
            )
