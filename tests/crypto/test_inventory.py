"""docs/crypto-inventory.md says what the code does: its keys, its numbers, its formats."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storage.crypto.keys import KEPT_SECONDS, MOST_PEOPLE
from storage.crypto.padding import SMALLEST, STEP
from storage.crypto.ring import BACKUP_HORIZON, EPOCH_LIFE
from storage.crypto.seal import Algorithm
from storage.crypto.system import NAMES, PREVIOUS_INDEX

INVENTORY = (Path(__file__).parents[2] / "docs" / "crypto-inventory.md").read_text()


def test_every_system_key_has_its_row_and_no_other_is_named() -> None:
    named = set(re.findall(r"^\| `(K_\w+)` \|", INVENTORY, re.MULTILINE))
    assert named == set(NAMES.values())
    assert PREVIOUS_INDEX in INVENTORY


@pytest.mark.parametrize(
    "said",
    [
        f"each month ({EPOCH_LIFE.days} days)",
        f"destroyed {BACKUP_HORIZON.days} days after it was retired",
        f"**{EPOCH_LIFE.days + BACKUP_HORIZON.days} days** after the erasure",
        f"at most {KEPT_SECONDS:g} seconds, {MOST_PEOPLE} people at most",
        f"ISO 7816-4 to {SMALLEST}, ",
        f"or {STEP} bytes, then to multiples of {STEP}",
        f"{int(Algorithm.GCM)} AES-256-GCM, {int(Algorithm.GCM_SIV)} AES-256-GCM-SIV",
    ],
)
def test_its_numbers_are_those_of_the_code(said: str) -> None:
    assert said in INVENTORY
