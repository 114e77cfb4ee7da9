"""Forged requests: an unsafe method must come from our own page, and carry the session's own token.

Browsers tell where a request comes from in `Sec-Fetch-Site`; one that does not must send an `Origin` that is ours. A
request with neither is refused: no browser that staff may use sends such a thing.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from starlette.datastructures import Headers

from escalation.ports import Session

FIELD = "csrf"
OUR_OWN = ("same-origin", "none")  # 'none': typed, bookmarked or reloaded by the person herself


def came_from_here(headers: Headers, origin: str) -> bool:
    site = headers.get("sec-fetch-site")
    return site in OUR_OWN if site is not None else headers.get("origin") == origin


def has_token(session: Session, form: Mapping[str, str]) -> bool:
    return hmac.compare_digest(session.csrf.encode(), form.get(FIELD, "").encode())
