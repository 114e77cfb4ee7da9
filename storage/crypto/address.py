"""The one canonical form of an address, so that one phone is one person however its number was written."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from storage.crypto.errors import BadAddress

E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164: 15 digits at most; no subscriber has fewer than 7
EMAIL = re.compile(r"[a-z0-9._%+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")  # as workers' are
TELEGRAM_ID = re.compile(r"[1-9][0-9]{0,15}")  # Bot API: ids have at most 52 significant bits; groups are negative
# What a browser gave: its secret, its key (RFC 8291, base64url) and its address at a push service (RFC 8030).
SUBSCRIPTION = re.compile(r"[A-Za-z0-9_-]{22} B[A-Za-z0-9_-]{86} https://[!-~]{1,900}")
NUMBERS = ("sms", "voice")
SHAPES = {"sms": E164, "voice": E164, "telegram": TELEGRAM_ID, "email": EMAIL, "push": SUBSCRIPTION}
WHOLE = "write all of the number with its country code, such as +44 and the rest without the first 0."
WRITTEN = re.compile(r"[\d\s()+\uff0b.\u2010-\u2015-]+")  # digits of any script, and their signs; no letters
LONGEST_EMAIL = 128
LONGEST = 64  # characters of a number as people write it, with spaces and brackets


def typed_address(channel: str, written: str, region: str) -> str:
    """Canonical form of what a person wrote; `region` (ISO 3166, as "GB") is assumed where no country code is given.

    Raises `BadAddress` where that country has no numbers of that length.
    """
    if channel not in NUMBERS:
        return provider_address(channel, written)
    number = _parsed(_visible(written), WRITTEN, region)
    if not phonenumbers.is_possible_number(number):
        raise BadAddress("This phone number is too long or too short for its country.", WHOLE)
    return _e164(number)


def provider_address(channel: str, given: str) -> str:
    """Canonical form of what a provider gave as the sender: it has reached us, so only its shape is asked for.

    Raises `BadAddress` for short codes, names, groups, and other channels; `voice`, `email` and `push` are
    workers' alone.
    """
    match channel:
        case "sms" | "voice":
            return _e164(_parsed(given, E164, None))
        case "telegram":
            return _telegram(given)
        case "email":
            return _email(given)
        case "push":
            return _push(given)
    raise BadAddress("There is no such channel.", "the channels are sms, telegram, voice, email and push.")


def is_canonical(channel: str, address: str) -> bool:
    """Whether the address has the form that the two functions above give."""
    shape = SHAPES.get(channel)
    return shape is not None and shape.fullmatch(address) is not None


def _visible(written: str) -> str:
    """Without the marks of direction that a number copied from a contact list often carries."""
    if len(written) > LONGEST:
        return ""
    return "".join(sign for sign in written if unicodedata.category(sign) != "Cf")


def _parsed(written: str, shape: re.Pattern[str], region: str | None) -> phonenumbers.PhoneNumber:
    # The library finds a number inside other text; here the whole text must be one.
    if shape.fullmatch(written):
        try:
            return phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            pass
    raise BadAddress("This is not a phone number.", WHOLE)


def _e164(number: phonenumbers.PhoneNumber) -> str:
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not E164.fullmatch(written):
        raise BadAddress("This is not a whole phone number.", WHOLE)
    return written


def _telegram(given: str) -> str:
    if not TELEGRAM_ID.fullmatch(given):
        raise BadAddress("This is not a Telegram user.", "give the numeric id, not the name and not that of a group.")
    return given


def _email(given: str) -> str:
    written = given.strip().lower()
    if not EMAIL.fullmatch(written) or len(written) > LONGEST_EMAIL:
        raise BadAddress("This is not an e-mail address.", "write it whole, such as name and domain with an @ between.")
    return written


def _push(given: str) -> str:
    if not SUBSCRIPTION.fullmatch(given):
        raise BadAddress("This is no browser's subscription.", 'a browser adds itself, under "How I am paged".')
    return given
