"""Ids made by the application before any insert, and the short refs that people read out to each other."""

from __future__ import annotations

import os
import secrets

REF_LETTERS = "23456789ACDEFGHJKLMNPQRTUVWXY"  # none that look or sound alike when read out at 3 a.m.


def new_id(ms: int) -> str:
    """28 hex digits, time first, so that rows written together lie together."""
    return f"{ms:012x}{os.urandom(8).hex()}"


def new_ref(length: int) -> str:
    return "".join(secrets.choice(REF_LETTERS) for _ in range(length))
