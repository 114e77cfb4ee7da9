"""In which language a visitor reads the console: as the account says, else as chosen in this browser, else as the
browser asks, else as set up.

The choice is kept with the account. A cookie beside it holds one code of those that are offered, nothing of anybody,
for the pages where nobody is signed in yet; signing in makes it the account's.
"""

from __future__ import annotations

from dataclasses import replace

from babel import negotiate_locale
from starlette.requests import Request
from starlette.responses import Response

from escalation.console.settings import ConsoleSettings
from escalation.console.wiring import Wiring
from escalation.ports import Staff
from flows.text.languages import SOURCE

ASKED = "language"  # the query parameter of the sign-in page's own links
MOST_WISHES = 10  # entries of Accept-Language that are looked at; browsers send three to five
A_YEAR = 365 * 86400  # seconds


def codes(wiring: Wiring) -> tuple[str, ...]:
    """What can be chosen: the languages that the console has words in, English among them."""
    return tuple(wiring.strings.words.languages) or (SOURCE,)


def offered(wiring: Wiring) -> tuple[tuple[str, str], ...]:
    """(code, its own name), to choose from."""
    known = wiring.strings.words.languages
    return tuple((code, known[code].own_name) for code in codes(wiring) if code in known)


def spoken(wiring: Wiring, request: Request) -> Wiring:
    """The same wiring in the language of whoever sends this request."""
    language = (
        _account(wiring, request) or _chosen(wiring, request) or _wished(wiring, request) or wiring.settings.language
    )
    return replace(wiring, strings=replace(wiring.strings, language=language))


def known(wiring: Wiring, request: Request, staff: Staff) -> Wiring:
    """The same, now that it is known who it is; what goes wrong later on this request is told in it too."""
    request.state.language = staff.language
    return spoken(wiring, request)


def put(response: Response, language: str, settings: ConsoleSettings) -> None:
    response.set_cookie(
        _cookie(settings),
        language,
        max_age=A_YEAR,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )


def keep_asked(response: Response, request: Request, wiring: Wiring) -> None:
    """Remember what a link of the sign-in page asked for."""
    asked = request.query_params.get(ASKED, "")
    if asked in codes(wiring):
        put(response, asked, wiring.settings)


def as_query(request: Request, wiring: Wiring) -> str:
    """'&language=cy' where this browser has chosen, '' where it has not."""
    chosen = _account(wiring, request) or _chosen(wiring, request)
    return f"&{ASKED}={chosen}" if chosen else ""


def _cookie(settings: ConsoleSettings) -> str:
    return "__Host-rowan-language" if settings.secure_cookies else "rowan-language"


def _account(wiring: Wiring, request: Request) -> str:
    """What the account says; '' where it says nothing, or a language that is no longer offered."""
    language = str(getattr(request.state, "language", ""))
    return language if language in codes(wiring) else ""


def _chosen(wiring: Wiring, request: Request) -> str:
    known = codes(wiring)
    choices = (request.query_params.get(ASKED, ""), request.cookies.get(_cookie(wiring.settings), ""))
    return next((choice for choice in choices if choice in known), "")


def _wished(wiring: Wiring, request: Request) -> str:
    """The best of Accept-Language (RFC 9110, 12.5.4) that is offered: 'es-MX' is served 'es'; '' for none."""
    wishes = [_wish(entry) for entry in request.headers.get("accept-language", "").split(",")[:MOST_WISHES]]
    liked = [tag for tag, weight in sorted(wishes, key=lambda wish: -wish[1]) if tag and weight > 0]
    return negotiate_locale(liked, codes(wiring), sep="-") or ""


def _wish(entry: str) -> tuple[str, float]:
    """'cy;q=0.8' to ('cy', 0.8); what has another form counts as not wished."""
    tag, _, weight = entry.partition(";")
    try:
        return tag.strip(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return "", 0.0
