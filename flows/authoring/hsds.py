"""HSDS 3 and the Open Referral UK profile to services of the directory, entry by entry, and back again.

Each service may have a table `rowan` with what the standard has no words for (docs/directory.md). What is refused and
what is left out is told with its line; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast, get_args

from flows.authoring.directory_entry import LONGEST_TEXT, Entry, plain_word, text, words
from flows.authoring.directory_hours import DAYS, closed_on, hours, known_zone
from flows.authoring.directory_numbers import numbers
from flows.authoring.directory_places import country_of, places, zone_of
from flows.authoring.directory_shelter import gives_away, leave_addresses
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.fit import did_you_mean
from flows.authoring.hsds_tables import rows_of, services
from flows.authoring.placed import Placed
from flows.directory.categories import CATEGORIES, PEOPLE, REFUGE, SILENT
from flows.directory.service import Known, OnHolidays, Service

LONGEST_NAME = 34  # characters: with a number, what it is for and the choices it has to fit into two texts
MOST_SERVICES = 20_000  # of one file: a national directory; more was not meant to be laid beside flows
CHILD, ELDER = 18, 55  # ages that make a service one for the young, or for older people
OWN = (
    "categories", "silent_contact", "appears_on_bill", "who_is_turned_away", "for_whom", "free", "verified_on",
    "source", "country", "time_zone", "holidays", "closed_on",
)  # fmt: skip
# What other taxonomies call our categories, in the form of `plain_word`.
SYNONYMS = {
    "domestic_abuse_helpline": "helpline", "domestic_violence_hotlines": "helpline", "hotline": "helpline",
    "domestic_abuse": "helpline", "domestic_violence": "helpline", "crisis_line": "helpline",
    "independent_domestic_violence_adviser": "idva", "independent_domestic_violence_advisor": "idva",
    "independent_domestic_abuse_adviser": "idva", "marac_coordinator": "marac", "refuge": "refuge_line",
    "refuges": "refuge_line", "domestic_violence_shelters": "refuge_line", "womens_refuge": "refuge_line",
    "sanctuary_scheme": "sanctuary", "floating_support": "outreach", "outreach_support": "outreach",
    "sdvc": "court_support", "court_and_family_court_support": "court_support", "legal_advice": "legal",
    "legal_aid": "legal", "legal_services": "legal", "housing_advice": "housing", "homelessness": "housing",
    "benefits": "money", "benefits_and_debt": "money", "debt_advice": "money", "financial_assistance": "money",
    "child_support": "children", "children_and_young_people": "children", "health_care": "health",
    "mental_health_services": "mental_health", "counselling": "mental_health", "counseling": "mental_health",
    "substance_use": "substances", "drug_and_alcohol": "substances", "substance_misuse": "substances",
    "partner_support_of_a_programme": "partner_support", "immigration_advice": "immigration",
    "lgbtq": "lgbt", "lgbt_people": "lgbt", "older_people": "older", "disabled_people": "disabled",
    "disability": "disabled", "honour_based": "honour", "honour_based_abuse": "honour",
    "forced_marriages": "forced_marriage", "technology_abuse": "tech_abuse", "tech": "tech_abuse",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds. `refused`: to be mended at its source; `left_out`: not kept here, and nothing is wrong."""

    services: tuple[Service, ...] = ()
    refused: tuple[Finding, ...] = ()
    left_out: tuple[Finding, ...] = ()


def read_services(file: str, read: Any, today: date | None = None) -> Read:
    """`read` as `read_json` gives it. `today` refuses dates that have not come yet; None where nobody knows it.

    Raises AuthorError when there is no list of services in it."""
    tables = services(read)
    if tables is None or len(tables) > MOST_SERVICES:
        many = f"more than {MOST_SERVICES} services" if tables else "no list of services"
        raise AuthorError(
            [Finding(file, 1, 1, f"There is {many} in this file.", "Give HSDS 3 JSON: docs/directory.md.")]
        )
    kept: dict[str, Service] = {}
    refused: list[Finding] = []
    left_out: list[Finding] = []
    for table in tables:
        entry = Entry(file, table)
        service = _service(entry, today)
        if service is not None and service.id in kept:
            entry.refuse(f"the id {service.id[:40]} is here a second time", "Give each service an id of its own")
        elif service is not None:
            kept[service.id] = service
        refused += entry.refused
        left_out += entry.left_out
    return Read(tuple(kept.values()), tuple(sorted(refused)), tuple(sorted(left_out)))


def _service(entry: Entry, today: date | None) -> Service | None:
    table, own = entry.table, _own(entry)
    named = text(table, "id")
    if not named:
        entry.refuse("it has no id", "HSDS asks for one")
    status = text(table, "status") or "active"
    if status != "active":
        entry.refuse(f"it is {status[:30]}", "Import it again once it is active")
    categories = _categories(entry, own)
    if not set(categories) & REFUGE:
        leave_addresses(entry)
    elif gives_away(entry):
        return None  # and nothing else of it is looked at
    country = text(own, "country").upper() or country_of(table)
    called = numbers(entry, country)
    if not called:
        entry.refuse("it has no number that can be given", "Give it phones with a number and a type")
    where = places(entry, country or (called[0].country if called else ""))
    found = Service(
        id=named,
        name=_name(entry),
        organization=_organization(table),
        categories=categories,
        numbers=called,
        places=where,
        languages=tuple(dict.fromkeys(_languages(table))),
        hours=hours(entry),
        zone=known_zone(entry, zone_of(where, own.get("time_zone")), own),
        holidays=cast(OnHolidays, entry.one_of(own, "holidays", get_args(OnHolidays), "unknown")),
        closed_on=closed_on(entry) | _days(entry, own),
        silent=_silent(entry, own, any(number.kind == "text" for number in called)),
        bill=cast(Known, entry.one_of(own, "appears_on_bill", get_args(Known), "unknown")),
        for_whom=_for_whom(entry, own),
        free=cast(Known, entry.one_of(own, "free", get_args(Known), _by_cost(table))),
        verified_on=_verified(entry, own, today),
        turned_away=text(own, "who_is_turned_away")[:LONGEST_TEXT],
        source=_source(entry, own),
        description=text(table, "description")[:LONGEST_TEXT],
    )
    return found if entry.sound else None


def _own(entry: Entry) -> Placed:
    own = entry.table.get("rowan")
    if own is None:
        nothing = Placed()
        nothing.line = entry.table.line
        return nothing
    if not isinstance(own, Placed):
        entry.refuse("`rowan` is no table", "See docs/directory.md")
        return Placed()
    for key in own.keys() - set(OWN):
        entry.refuse(f"`{key[:40]}` is no key that is known here", did_you_mean(key, OWN), own)
    return own


def _name(entry: Entry) -> str:
    """The short name, when the full one would not fit into a text."""
    full, short = text(entry.table, "name"), text(entry.table, "alternate_name")
    name = full if 0 < len(full) <= LONGEST_NAME else short
    if not name or len(name) > LONGEST_NAME:
        entry.refuse(f"no name of at most {LONGEST_NAME} letters", "Give it a short one as `alternate_name`")
    if any(sign in name for sign in ("://", "www.", "@")):
        entry.refuse("its name holds a page or an address", "A link is never sent")
    return name


def _organization(table: Placed) -> str:
    organization = table.get("organization")
    return text(organization, "name") if isinstance(organization, Placed) else ""


def _categories(entry: Entry, own: Placed) -> tuple[str, ...]:
    """Our own names for what it is for, from `rowan`, else from the taxonomy terms that are known here."""
    mine = entry.some_of(own, "categories", CATEGORIES)
    terms = list(_terms(entry.table))
    found = [*mine, *(SYNONYMS.get(term, term) for term in terms)]
    known = tuple(dict.fromkeys(each for each in found if each in CATEGORIES))
    if not known:
        said = f": {', '.join(terms)[:80]}" if terms else ""
        entry.refuse(f"no category that is known here{said}", "Known: " + ", ".join(CATEGORIES))
    return known


def _terms(table: Placed) -> Iterator[str]:
    """Codes and names of HSDS 3 attributes, and of `service_taxonomys` as older feeds of the UK have them."""
    for row in (*rows_of(table.get("attributes")), *rows_of(table.get("service_taxonomys"))):
        for key in ("taxonomy_term", "taxonomy"):
            term = row.get(key)
            if isinstance(term, Placed):
                yield from (word for part in ("code", "name", "id") if (word := plain_word(term.get(part))))


def _languages(table: Placed) -> Iterator[str]:
    for row in rows_of(table.get("languages")):
        if code := text(row, "code").lower().split("-")[0]:
            yield code


def _silent(entry: Entry, own: Placed, texts: bool) -> tuple[str, ...]:
    said = entry.some_of(own, "silent_contact", SILENT)
    if "text" in said and not texts:
        entry.refuse("it can be reached by text, but no number is one for texts", "Add a phone of type text", own)
    return tuple(way for way in SILENT if way in said or (way == "text" and texts))


def _for_whom(entry: Entry, own: Placed) -> frozenset[str]:
    said = entry.some_of(own, "for_whom", (*PEOPLE, "everybody"))
    if said:
        return frozenset(said) - {"everybody"}
    least, most = _number(entry.table, "minimum_age"), _number(entry.table, "maximum_age")
    young = {"under_18"} if most is not None and 0 < most <= CHILD else set()
    return frozenset(young | ({"older"} if least is not None and least >= ELDER else set()))


def _by_cost(table: Placed) -> str:
    amounts = [_number(row, "amount") for row in rows_of(table.get("cost_options"))]
    if not amounts or None in amounts:
        return "unknown"
    return "no" if any(amounts) else "yes"


def _number(table: Placed, key: str) -> float | None:
    try:
        return float(text(table, key))
    except ValueError:
        return None


def _verified(entry: Entry, own: Placed, today: date | None) -> date | None:
    """When a person last tried it; the standard's `assured_date` says the same."""
    found = entry.day(own, "verified_on") if "verified_on" in own else entry.day(entry.table, "assured_date")
    if found is not None and today is not None and found > today:
        entry.refuse(f"it was verified on {found}, which has not come yet", "Mend the date", own)
    return found


def _source(entry: Entry, own: Placed) -> str:
    found = text(own, "source") or text(entry.table, "url")
    if not found.startswith(("https://", "http://")):
        entry.refuse("it does not say from which page it was taken", "Give the URL as `source`", own)
    return found


def _days(entry: Entry, own: Placed) -> frozenset[date]:
    found = set()
    for written in words(own.get("closed_on")):
        try:
            found.add(date.fromisoformat(written.replace("_", "-")))
        except ValueError:
            entry.refuse(f"`closed_on` has {written[:40]!r}, which is no date", "Write it as 2026-12-25", own)
    return frozenset(found)


# and back


def write_service(service: Service) -> dict[str, Any]:
    """HSDS 3 of exactly what is kept: `read_services` makes the same service of it."""
    return {
        "id": service.id,
        "name": service.name,
        "status": "active",
        "description": service.description,
        "organization": {"name": service.organization},
        "phones": [_phone(number.printed, number.kind, number.country) for number in service.numbers],
        "schedules": [
            {
                "freq": "WEEKLY",
                "byday": ",".join(DAYS[day] for day in each.days),
                "opens_at": _clock(each.opens),
                "closes_at": _clock(each.closes),
            }
            for each in service.hours
        ],
        "service_areas": [{"extent_type": "iso_3166", "extent": str(place)} for place in service.places],
        "languages": [{"code": code} for code in service.languages],
        "attributes": [{"taxonomy_term": {"taxonomy": "rowan", "code": code}} for code in service.categories],
        "rowan": {
            "silent_contact": list(service.silent) or ["none"],
            "appears_on_bill": service.bill,
            "who_is_turned_away": service.turned_away,
            "for_whom": sorted(service.for_whom) or ["everybody"],
            "free": service.free,
            "verified_on": None if service.verified_on is None else service.verified_on.isoformat(),
            "source": service.source,
            "time_zone": service.zone,
            "holidays": service.holidays,
            "closed_on": [day.isoformat() for day in sorted(service.closed_on)],
        },
    }


def _phone(printed: str, kind: str, country: str) -> dict[str, str]:
    written = {"text": "text", "relay": "textphone"}.get(kind, "voice")
    return {"number": printed, "type": written, "kind": kind, "country": country}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
