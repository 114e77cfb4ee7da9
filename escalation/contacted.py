"""What was noted of a contact with her: that there was one and when, never a word of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["answered", "missed", "worker_joined", "worker_left"]


@dataclass(frozen=True, slots=True)
class Contacted:
    """`answered`: she opened the chat; `missed`: a check-in that she did not. `staff` is the id of a worker, or ''."""

    at: datetime
    kind: Kind
    staff: str = ""
