"""What the console asks of the storage about staff: the port beside those of `escalation.ports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from escalation.belongings import Belongings
from escalation.ports import Account, Duty, Role, Session, Staff

OWN_ROLE = "Nobody changes their own role. Ask another administrator."
OWN_SIGN_IN = "Nobody makes their own sign-in anew here. Ask another administrator, or the operator."
CHANGED_MEANWHILE = "Somebody changed your account meanwhile. Sign in again."
LAST_OF: Mapping[Role, str] = {
    "supervisor": "They are the only supervisor. Give somebody else that role first.",
    "administrator": "They are the only administrator. Give somebody else that role first.",
}
CUES = ("keys", "sound")  # of the console: single keys that act, and a sound when an alert comes


class Accounts(Protocol):
    """Staff, their sessions, their tokens, and the throttle."""

    async def account(self, username: str) -> Account | None: ...

    async def staff(self) -> Sequence[Staff]: ...

    async def add(
        self, username: str, name: str, role: Role, password: str, totp: bytes | None, now: datetime, by: str = ""
    ) -> Staff:
        """`by`: who makes the account, '' for the operator. Raises Refused where the username is taken."""

    async def totp_used(self, staff: str, step: int) -> bool:
        """False when this step was used before: a replay."""

    async def begin(self, staff: str, token_hash: bytes, csrf: str, now: datetime) -> None: ...

    async def session(self, token_hash: bytes, now: datetime, touch: bool = True) -> Session | None:
        """None when idle for 15 minutes, 12 hours old, ended, or the staff member changed. Touches `seen_at`.

        `touch` is False for what a page does by itself (live updates): an unattended screen must still sign itself out.
        """

    async def end(self, token_hash: bytes, now: datetime) -> None: ...

    async def token(self, token: str, now: datetime) -> Staff | None:
        """The staff member or system that a bearer token of the API stands for."""

    async def new_token(self, staff: str, label: str, now: datetime) -> str: ...

    async def belongings(self, staff: str) -> Belongings:
        """Raises Unknown, as all that follow."""

    async def remove_phone(self, staff: str, phone: str, by: str, now: datetime) -> None:
        """`phone` is its id; `by` who does it."""

    async def revoke(self, staff: str, token: str, by: str, now: datetime) -> None:
        """`token` is its id."""

    async def end_sessions(self, staff: str, by: str, now: datetime) -> None:
        """Signs every browser of theirs out."""

    async def deactivate(self, staff: str, by: str, now: datetime) -> None:
        """Takes everything from them; what they hold is open again and paged at once. Raises Refused for oneself."""

    async def change_role(self, staff: str, role: Role, by: str, now: datetime) -> None:
        """What they hold is open again and paged at once. Raises Refused for oneself and for the last of a role."""

    async def new_sign_in(self, staff: str, password: str, totp: bytes, by: str, now: datetime) -> None:
        """Another password (an Argon2id string) and seed; every browser is signed out. Raises Refused for oneself."""

    async def new_password(self, staff: str, version: int, password: str, now: datetime) -> None:
        """Their own, chosen by themselves (an Argon2id string); every browser is signed out. Raises Refused where the
        account is not the one of `version` any more."""

    async def allow(self, what: str, key: str, now: datetime, most: int, per_seconds: int) -> bool:
        """A token bucket that survives restarts; `key` is stored only as a keyed hash."""

    async def duty(self, staff: str, duty: Duty, now: datetime) -> None:
        """Put somebody on call, as backup or supervisor, or off."""

    async def reads(self, staff: str, language: str) -> None:
        """Keep the language of the console that somebody chose: a code of those offered."""

    async def cued(self, staff: str, cues: Sequence[str]) -> None:
        """Keep which of CUES somebody wants."""

    async def record(self, actor: str, action: str, subject: str, now: datetime) -> None:
        """One row of the audit chain."""
