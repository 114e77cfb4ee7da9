"""What an operator decides about the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """`origin` is scheme, host and port as a browser sees them, without a slash at the end.

    `secure_cookies` goes with https: it gives the cookie its `__Host-` name and turns HSTS on. `require_code` False
    lets an account without a TOTP seed in by password alone: for the demo only. `zone` is the IANA zone of the staff's
    clocks; her own zone is always named beside her times. `lines` is what she writes to, by channel, shown beside a
    joining code. `heartbeat` is in seconds: how often an idle stream says that it is alive. `confirm_every` is the
    programme's: a safe-contact record that was confirmed longer ago is to be confirmed again (SAFETY 3). `push_key`: by
    which browsers know pages of ours (RFC 8292, base64url); '' where there are none.
    """

    origin: str
    secure_cookies: bool = True
    demo: bool = False
    require_code: bool = True
    zone: str = "Europe/London"
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    lines: Mapping[str, str] = field(default_factory=dict)
    heartbeat: float = 15.0
    confirm_every: timedelta = timedelta(days=30)
    push_key: str = ""
