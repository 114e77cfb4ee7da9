"""One-time codes of an authenticator app: TOTP of RFC 6238, six digits, 30 seconds, SHA-1 as every app expects."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP = 30  # seconds
DIGITS = 6
SEED = 20  # bytes, RFC 4226 section 4
DRIFT = (0, -1, 1)  # steps: a phone's clock may be half a minute off
NOBODY = b"\0" * SEED  # what a code is compared with where there is no seed; never accepted


def new_seed() -> bytes:
    return secrets.token_bytes(SEED)


def for_app(seed: bytes, username: str, issuer: str = "Rowan") -> str:
    """The `otpauth://` address that an authenticator app reads from a QR code."""
    return _totp(seed).get_provisioning_uri(username, issuer)


def as_text(seed: bytes) -> str:
    """The seed as an authenticator app takes it typed: base 32."""
    return base64.b32encode(seed).decode("ascii").rstrip("=")


def code_at(seed: bytes, step: int) -> str:
    return _totp(seed).generate(step * STEP).decode("ascii")


def step_of(seed: bytes | None, code: str, now: datetime) -> int | None:
    """The step that this code belongs to, or None. The caller must refuse a step that was used before."""
    current = int(now.timestamp()) // STEP
    given = "".join(code.split())
    matching = [current + d for d in DRIFT if hmac.compare_digest(code_at(seed or NOBODY, current + d), _ascii(given))]
    return matching[0] if matching and seed is not None else None


def _ascii(code: str) -> str:
    """Digits of any script become ASCII; anything else can match nothing."""
    return "".join(str(int(c)) if c.isdecimal() else "?" for c in code[: 2 * DIGITS])


def _totp(seed: bytes) -> TOTP:
    return TOTP(seed, DIGITS, SHA1(), STEP)  # noqa: S303 - RFC 6238 codes are HMAC-SHA-1 in every authenticator app
