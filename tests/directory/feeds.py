"""Directories as others publish them, made up: no number here belongs to anybody."""

from __future__ import annotations

from typing import Any

OWN = {
    "silent_contact": ["text", "chat"],
    "appears_on_bill": "no",
    "who_is_turned_away": "Nobody with a pet",
    "for_whom": ["women"],
    "free": "yes",
    "verified_on": "2026-02-01",
    "source": "https://example.org/harbour",
}


def service(**changes: Any) -> dict[str, Any]:
    """A sound service of HSDS 3; keyword arguments replace its parts, None takes one out."""
    whole: dict[str, Any] = {
        "id": "ac148810-d857-441c-9679-408f346de14b",
        "name": "Harbour Line",
        "description": "Somebody to talk to.",
        "url": "https://example.org",
        "status": "active",
        "organization": {"id": "o1", "name": "Harbour"},
        "phones": [
            {"id": "p1", "number": '"0808 157 0000"', "type": "voice"},
            {"id": "p2", "number": "60001", "type": "text"},
            {"id": "p3", "number": "0161 496 0001", "type": "fax"},
        ],
        "schedules": [
            {"id": "s1", "freq": "WEEKLY", "byday": "MO,TU,WE,TH,FR", "opens_at": "09:00", "closes_at": "17:00:00Z"}
        ],
        "service_areas": [{"id": "a1", "name": "Wales", "extent": "GB-WLS"}],
        "languages": [{"id": "l1", "name": "Welsh", "code": "cy"}, {"id": "l2", "code": "en-GB"}],
        "attributes": [{"id": "t1", "taxonomy_term": {"code": "helpline", "name": "Helpline"}}],
        "rowan": dict(OWN),
    }
    return {key: value for key, value in (whole | changes).items() if value is not None}


# The UK profile has no phones on a service: they are those of contacts and of places. Its pages are called `content`
# by the UK's own API, its areas name the ONS's page, and a date says when it was last checked.
UK_PAGE: dict[str, Any] = {
    "total_items": 1,
    "total_pages": 1,
    "page_number": 1,
    "size": 1,
    "first_page": True,
    "last_page": True,
    "empty": False,
    "contents": [
        {
            "id": "uk-1",
            "name": "Lantern Debt and Money Advice Service",
            "alternate_name": "Lantern Money",
            "url": "https://example.org/lantern",
            "status": "active",
            "minimum_age": 18,
            "assured_date": "2026-01-15",
            "organization": {"id": "o", "name": "Lantern", "description": "Advice"},
            "service_at_locations": [
                {
                    "id": "sal",
                    "location": {
                        "id": "loc",
                        "addresses": [{"id": "x", "address_1": "1 High Street", "postal_code": "PO1 1AA"}],
                    },
                    "schedules": [
                        {"id": "s", "freq": "WEEKLY", "byday": "SA", "opens_at": "22:00", "closes_at": "02:00"}
                    ],
                }
            ],
            "contacts": [
                {"id": "c1", "name": "Ann Persona", "phones": [{"id": "p", "number": "0161 496 0002"}]},
                {"id": "c2", "title": "Line", "phones": [{"id": "p", "number": "0808 157 0001"}]},
            ],
            "cost_options": [{"id": "k", "option": "All", "amount": 0}],
            "service_areas": [
                {
                    "id": "a",
                    "name": "Portsmouth",
                    "uri": "http://statistics.data.gov.uk/id/statistical-geography/E06000044",
                }
            ],
            "attributes": [{"id": "t", "taxonomy_term": {"id": "tt", "name": "Debt advice", "taxonomy": "local"}}],
        }
    ],
}

# Tables beside each other, joined by ids, as a data package has them.
TABLES: dict[str, Any] = {
    "organizations": [{"id": "o1", "name": "Harbour"}],
    "services": [
        {"id": "s1", "organization_id": "o1", "name": "Harbour Home", "status": "active", "url": "https://example.org"}
    ],
    "phones": [{"id": "p1", "service_id": "s1", "number": "+44 808 157 0002", "type": "voice"}],
    "schedules": [{"id": "h1", "service_id": "s1", "byday": "MO", "opens_at": "10:00", "closes_at": "12:00"}],
    "service_areas": [{"id": "a1", "service_id": "s1", "name": "Scotland"}],
    "languages": [{"id": "l1", "service_id": "s1", "code": "en"}],
    "taxonomy_terms": [{"id": "t1", "name": "Housing advice"}],
    "attributes": [{"id": "x1", "link_id": "s1", "link_entity": "service", "taxonomy_term_id": "t1"}],
    "service_at_locations": [{"id": "sal", "service_id": "s1", "location_id": "loc"}],
    "locations": [{"id": "loc", "name": "Office"}],
    "addresses": [{"id": "ad", "location_id": "loc", "address_1": "2 Low Road", "postal_code": "EH1 1AA"}],
}

TABLE = (
    "id,organization,name,short_name,categories,phone,freephone,text,country,areas,languages,hours,holidays,"
    "silent_contact,appears_on_bill,who_is_turned_away,for_whom,free,verified_on,source\n"
    "h1,Harbour,Harbour Line,,helpline; refuge_line,,0808 157 0000,60001,GB,GB-WLS; Scotland,cy; en,"
    "mo-fr 09:00-17:00; sa 10:00-12:00,closed,text; chat,no,,women,yes,2026-02-01,https://example.org/h\n"
    "m1,Lantern,The Lantern Money and Debt Advice Service,Lantern Money,money,0161 496 0001,,,GB,GB-ENG/portsmouth,en,"
    '24/7,,none,unknown,"Nobody, really",everybody,no,,https://example.org/m\n'
)
