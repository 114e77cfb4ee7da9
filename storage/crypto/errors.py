"""Every way the cryptography can refuse, as one tree.

    CryptoProblem
    ├── KeyProblem            the ring or a key: nothing can be read until it is mended
    │   ├── MissingRing       no ring where the settings say it is
    │   ├── UnsafeRing        others on the machine can read it
    │   ├── BadRing           it is there, and what it says cannot be right
    │   ├── ForgetfulRing     writing it would lose an epoch key for ever
    │   ├── MissingEpoch      a value was wrapped under an epoch this ring has never had
    │   ├── DestroyedEpoch    ... or under one that was destroyed on purpose
    │   ├── EpochInUse        the active epoch cannot be retired alone, nor destroyed
    │   ├── WrongKey          the ring belongs to another database
    │   ├── MissingSystemKey  the database lacks one of its own keys
    │   └── DamagedKey        one wrapped key was changed or moved; the others are fine
    ├── SealProblem           one value
    │   ├── Tampered          changed, moved, rolled back or under another key
    │   ├── BadPlace          the caller named a place that cannot be
    │   └── NonceRepeated     the machine's randomness repeats itself
    └── BadAddress            not an address of that channel

Each says what is wrong, who can mend it and how; `again` tells whether trying again as it is can help. No message,
argument or attribute of any of them ever holds a key, a text or an address (SAFETY 30).
"""

from __future__ import annotations

from typing import ClassVar, Literal

Whose = Literal["operator", "staff", "programmer"]


_WHO: dict[Whose, str] = {
    "operator": "The operator can mend this",
    "staff": "Whoever entered it can mend this",
    "programmer": "The calling code is at fault",
}


class CryptoProblem(Exception):
    """Something was refused. `what` and `mend` are sentences without secrets."""

    whose: ClassVar[Whose] = "operator"
    again: ClassVar[bool] = False

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what} {_WHO[self.whose]}: {mend}")


class KeyProblem(CryptoProblem):
    """The key ring, an epoch key or a wrapped key."""


class MissingRing(KeyProblem):
    """There is no ring to read where the settings point; a key service may answer the next time."""

    again = True


class UnsafeRing(KeyProblem):
    """The ring can be read by somebody other than the service."""


class BadRing(KeyProblem):
    """The ring was read and cannot be right."""


class ForgetfulRing(KeyProblem):
    """Writing this ring would lose, replace or revive a key of the ring that stands there."""


class MissingEpoch(KeyProblem):
    """The ring has no epoch of that id."""


class DestroyedEpoch(KeyProblem):
    """The epoch's key was destroyed, and with it all that stood under it."""


class EpochInUse(KeyProblem):
    """The active epoch must have a successor first."""


class WrongKey(KeyProblem):
    """The ring has the epoch, with a key that does not open this database."""


class MissingSystemKey(KeyProblem):
    """A system key the database should hold is not in it."""


class DamagedKey(KeyProblem):
    """One wrapped key does not open, though its epoch is in the ring."""


class SealProblem(CryptoProblem):
    """One sealed value."""


class Tampered(SealProblem):
    """The value is not what this place was given. `table`, `column` and `row_id` say where; others are served on."""

    def __init__(self, table: str, column: str, row_id: str) -> None:
        self.table, self.column, self.row_id = table, column, row_id
        super().__init__(
            f"{table}.{column} of row {row_id} does not open: changed, moved, rolled back or sealed under another key.",
            "treat it as an intrusion until shown otherwise, and restore this row from a backup.",
        )


class BadPlace(SealProblem):
    """The place given to seal or open cannot be; a fault of the calling code."""

    whose = "programmer"


class NonceRepeated(SealProblem):
    """The source of nonces gave the same twelve bytes twice."""

    def __init__(self) -> None:
        super().__init__(
            "The source of random nonces repeated itself, so nothing was sealed.",
            "stop this machine (a cloned or resumed snapshot?), start it afresh, and use AES-GCM-SIV there.",
        )


class BadAddress(CryptoProblem):
    """Not an address of that channel; the message never repeats it."""

    whose = "staff"
