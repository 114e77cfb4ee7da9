"""What Twilio posts to us, read strictly: the signature, a message, a status report.

A valid signature is not enough. Twilio signs names and values run together, so the same signature also fits a form
whose parameters were cut at other places; and it carries no time, so an old request can be played again. Hence: every
parameter once, exact shapes for what we use, our own account; a replay falls to the inbox's MessageSid.
Nothing here looks at media: only their kinds are noted.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote_to_bytes, urlsplit, urlunsplit

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.hmac import HMAC

from bot.channels import sms_codes
from bot.channels.base import SendFailed
from storage.inbox import Inbound

BODY_LONGEST = 1600  # characters; Twilio's limit for one message either way
FIELDS_MOST = 200  # parameters of a form; Twilio sends about 25
MEDIA_MOST = 10  # Twilio's limit for one message

Pairs = Sequence[tuple[str, str]]

SID = re.compile(r"(?:SM|MM)[0-9a-f]{32}")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
_OURS = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}")  # our own end may be a short code
CALL = re.compile(r"CA[0-9a-f]{32}")
WORD = re.compile(r"[a-z_]{1,32}")

_KINDS = {"image": "photo", "video": "video", "audio": "voice", "application": "document"}
_CONTACTS = frozenset({"text/vcard", "text/x-vcard", "text/directory"})


class Refused(Exception):
    """A post that is not what Twilio sends us. `reason` is a fixed word or a parameter's name, never a value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StatusReport:
    """How far a message got, in the provider's words; reports come in any order."""

    provider_id: str
    status: str
    code: int | None = None

    @property
    def failure(self) -> SendFailed | None:
        """Why it did not arrive, sorted like a refused send; None while it is under way or delivered."""
        return sms_codes.failure(self.code, 0) if self.status in ("failed", "undelivered") else None


def read_form(body: bytes) -> list[tuple[str, str]]:
    """Names and values of a posted form in their order, as `urllib.parse.parse_qsl` has them with blank values kept.

    Three times as fast, for most parameters hold nothing to be unquoted, and every turn by SMS comes through here.
    Raises ValueError for what is no UTF-8, and for more than FIELDS_MOST parameters.
    """
    parts = body.decode().replace("+", " ").split("&")
    if len(parts) > FIELDS_MOST:
        raise ValueError("too many parameters")
    return [_pair(part) if "%" in part else part.partition("=")[::2] for part in parts if part]


def _pair(quoted: str) -> tuple[str, str]:
    name, _, value = quoted.partition("=")
    return _plain(name), _plain(value)


def _plain(quoted: str) -> str:
    return unquote_to_bytes(quoted).decode() if "%" in quoted else quoted


def signature_ok(url: str, pairs: Pairs, header: str | None, token: str) -> bool:
    """Whether Twilio signed this form for this URL. `url` is the address as set at Twilio, not as a proxy shows it.

    Constant time in the secret; a form with a parameter given twice is refused outright."""
    form = dict(pairs)
    if not header or not token or len(form) != len(pairs):
        return False
    try:
        given = header.encode("ascii")
        signed = "".join([name + form[name] for name in sorted(form)]).encode()
    except UnicodeEncodeError:
        return False
    for form_of_url in _signed_forms(url):
        mac = _begun(token).copy()
        mac.update(form_of_url + signed)
        if hmac.compare_digest(b64encode(mac.finalize()), given):
            return True
    return False


@lru_cache(maxsize=1)
def _begun(token: str) -> HMAC:
    """With the key read in already, for every turn by SMS: to go on from a copy takes a third."""
    return HMAC(token.encode(), SHA1())  # noqa: S303 - as Twilio signs


@lru_cache(maxsize=16)
def _signed_forms(url: str) -> tuple[bytes, ...]:
    """The URL as it may have been signed: with or without the port, and the connection overrides after '#'."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    bare = parts.netloc.removesuffix(f":{parts.port}")
    others = [
        urlunsplit(parts._replace(netloc=netloc, fragment=fragment))
        for netloc in (parts.netloc, bare, f"{bare}:{port}")
        for fragment in (parts.fragment, "")
    ]
    return tuple(form.encode() for form in dict.fromkeys([url, *others]))


def read_inbound(pairs: Pairs, account_sid: str, at: datetime) -> Inbound:
    """One text as posted to us; `at` is now, aware UTC. Check the signature first. Raises Refused.

    The words are kept as they came; only a text of nothing but spaces becomes ''."""
    form = once(pairs, account_sid)
    text = form.get("Body")
    if text is None or len(text) > BODY_LONGEST:
        raise Refused("Body")
    return Inbound(
        channel="sms",
        provider_id=shape(form, "MessageSid", SID),
        address=shape(form, "From", PHONE),
        at=at,
        text=text if text.strip() else "",
        media=_media(form),
        to=shape(form, "To", _OURS),
        carrier=_carrier(form),
    )


def read_call(pairs: Pairs, account_sid: str, at: datetime) -> Inbound:
    """A voice call as posted to us when it rings; `at` is now, aware UTC. Check the signature first. Raises Refused.

    Whoever hides their number, or calls from a sip address, is nobody of ours."""
    form = once(pairs, account_sid)
    if form.get("Direction") != "inbound":
        raise Refused("Direction")
    sid, caller = shape(form, "CallSid", CALL), shape(form, "From", PHONE)
    return Inbound(channel="sms", provider_id=sid, address=caller, at=at, to=shape(form, "To", _OURS), call=True)


def read_status(pairs: Pairs, account_sid: str) -> StatusReport:
    """One status report; the status is any lower-case word, for Twilio adds new ones. Raises Refused."""
    form = once(pairs, account_sid)
    code = form.get("ErrorCode", "")
    if code and not (code.isascii() and code.isdigit() and len(code) <= 6):
        raise Refused("ErrorCode")
    return StatusReport(
        provider_id=shape(form, "MessageSid", SID),
        status=shape(form, "MessageStatus", WORD),
        code=int(code) if code else None,
    )


def _carrier(form: dict[str, str]) -> Literal["", "stop", "start"]:
    """What Twilio itself took this text for, by its own words or the account's: sends fail from a stop to a start."""
    match form.get("OptOutType", "").upper():
        case "STOP":
            return "stop"
        case "START":
            return "start"
    return ""


def once(pairs: Pairs, account_sid: str) -> dict[str, str]:
    """The form, of our own account, each parameter once. Raises Refused."""
    form = dict(pairs)
    if len(form) != len(pairs):
        raise Refused("a parameter twice")
    names = "".join(form)
    if not (names.isalnum() and names.isascii() and "" not in form):
        raise Refused("a parameter's name")
    if not account_sid or form.get("AccountSid") != account_sid:
        raise Refused("AccountSid")
    return form


def shape(form: dict[str, str], name: str, wanted: re.Pattern[str]) -> str:
    """The parameter, which must be there and be so. Raises Refused with its name."""
    value = form.get(name, "")
    if not wanted.fullmatch(value):
        raise Refused(name)
    return value


def _media(form: dict[str, str]) -> tuple[str, ...]:
    count = form.get("NumMedia", "0")
    if not (count.isascii() and count.isdigit() and len(count) <= 2 and int(count) <= MEDIA_MOST):
        raise Refused("NumMedia")
    return tuple(_kind(form.get(f"MediaContentType{number}", "")) for number in range(int(count)))


def _kind(content_type: str) -> str:
    plain = content_type.partition(";")[0].strip().lower()
    if plain in _CONTACTS:
        return "contact"
    return _KINDS.get(plain.partition("/")[0], "other")
