"""What services are for, and for whom: closed lists, so that every word about them can be translated.

Sources: the seeds' rows on signposting (PRODUCT.md, section 6), JSNA good practice, Up2U, DVIP.
"""

from __future__ import annotations

CATEGORIES = (
    "helpline",
    "idva",
    "marac",
    "refuge_line",
    "sanctuary",
    "outreach",
    "court_support",
    "legal",
    "housing",
    "money",
    "children",
    "health",
    "mental_health",
    "substances",
    "partner_support",
    "immigration",
    "lgbt",
    "men",
    "older",
    "disabled",
    "honour",
    "forced_marriage",
    "stalking",
    "tech_abuse",
)
# Where somebody may be hiding: an entry of these never holds anything by which a house could be found.
REFUGE = frozenset({"refuge_line", "sanctuary"})
PEOPLE = ("women", "men", "lgbt", "older", "disabled", "under_18")
SILENT = ("text", "chat", "app", "55")  # most discreet first: what is offered when a service has several


def need_id(category: str) -> str:
    """The message that says in her language what a category is."""
    return f"need/{category}"
