"""The ways in which a worker can be paged."""

from __future__ import annotations

from typing import Literal

Method = Literal["telegram", "sms", "voice", "email"]
