"""Telephone numbers of a directory: kept as printed, but only such as can be dialled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast, get_args

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from flows.authoring.directory_entry import Entry, plain_word, text
from flows.authoring.hsds_tables import rows_of
from flows.authoring.placed import Placed
from flows.directory.service import Kind, Number

LONGEST = 20  # characters: with its name, its purpose and the choices it has to fit into a text
KINDS = get_args(Kind)
RELAY = "18001"  # Relay UK, dialled before a number
_TYPES: dict[str, Kind] = {"text": "text", "sms": "text", "textphone": "relay", "tty": "relay", "relay": "relay"}
_NOT_FOR_TALKING = {"fax", "pager", "video"}


def numbers(entry: Entry, country: str) -> tuple[Number, ...]:
    """Those of the service, or else of where it is given, of contacts that are no person, of its organization.

    `country` is where numbers without a country code are dialled; '' when nobody knows.
    """
    for tables in _where(entry):
        found = [number for table in tables if (number := _number(entry, table, country)) is not None]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _where(entry: Entry) -> Iterator[list[Placed]]:
    table = entry.table
    at_locations = rows_of(table.get("service_at_locations"))
    yield rows_of(table.get("phones"))
    for holder in at_locations:
        location = holder.get("location")
        yield rows_of(holder.get("phones"))
        yield rows_of(location.get("phones")) if isinstance(location, Placed) else []
    for holder in (table, *at_locations):
        yield from _of_contacts(entry, holder)
    organization = table.get("organization")
    if isinstance(organization, Placed):
        yield rows_of(organization.get("phones"))
        yield from _of_contacts(entry, organization)


def _of_contacts(entry: Entry, holder: Placed) -> Iterator[list[Placed]]:
    for contact in rows_of(holder.get("contacts")):
        if text(contact, "name"):
            entry.leave_out("a contact who is a person, with all their numbers", contact)
        else:
            yield rows_of(contact.get("phones"))


def _number(entry: Entry, table: Placed, country: str) -> Number | None:
    printed = text(table, "number").strip("\"' ")
    kind = plain_word(table.get("type"))
    if kind in _NOT_FOR_TALKING:
        entry.leave_out(f"the {kind} number", table)
        return None
    if text(table, "extension"):
        entry.refuse_part(f"{printed!r} has an extension, which cannot be dialled at once", _HINT, table)
        return None
    country = (text(table, "country") or country).upper()
    region, dialled = _dialled(printed, country)
    problem = _wrong(printed, region, dialled)
    if problem:
        entry.refuse_part(f"the number {printed[:40]!r} {problem}", _HINT, table)
        return None
    said = plain_word(table.get("kind"))
    if said and said not in KINDS:
        entry.refuse_part(f"the kind of number {said[:40]!r} is not known here", "Known: " + ", ".join(KINDS), table)
        return None
    return Number(printed, cast(Kind, said) if said else _kind(kind, printed, dialled), region)


_HINT = "Write it as it is printed, with `country` (GB, IE, US) where it has no country code"


def _dialled(printed: str, country: str) -> tuple[str, PhoneNumber | None]:
    """The country that it belongs to, and the number itself when it is one."""
    bare = printed.removeprefix(RELAY).strip() if country == "GB" else printed
    try:
        dialled = phonenumbers.parse(bare, country or None)
    except NumberParseException:
        return country, None
    abroad = phonenumbers.region_code_for_number(dialled) if printed.startswith("+") else None
    return abroad or country, dialled


def _wrong(printed: str, region: str, dialled: PhoneNumber | None) -> str:
    if not printed:
        return "is empty"
    if len(printed) > LONGEST:
        return f"has more than {LONGEST} letters"
    if dialled is None or any(letter.isalpha() for letter in printed):
        return "cannot be dialled" if region else "does not say of which country it is"
    if phonenumbers.is_valid_number(dialled) or phonenumbers.is_possible_short_number_for_region(dialled, region):
        return ""
    return f"is no number of {region}"


def _kind(written: str, printed: str, dialled: PhoneNumber | None) -> Kind:
    if written in _TYPES:
        return _TYPES[written]
    if printed.startswith(RELAY):
        return "relay"
    free = dialled is not None and phonenumbers.number_type(dialled) == PhoneNumberType.TOLL_FREE
    return "freephone" if free else "phone"
