"""How a worker looks for her: the steps that she agreed for it, the other way to reach her, and what the alert says.

The service does none of it by itself (SAFETY 26). A worker reads the steps in their order, each with what is never to
be done at it, and who wrote the words: she herself, or a worker for her.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from msgspec.structs import replace

from flows.engine.conversation import Contact, Way, WayKind, Writer

MOST_HOURS = 72  # before the next step after a missed check-in
MOST_RETRIES = 3  # quiet messages more, before a worker looks
LONGEST_WAIT = timedelta(days=8)  # from the ping to a worker, whatever was agreed: a weekly window, and a day
WAYS: Mapping[WayKind, str] = {
    "message": "{n}. Write to her, in her safe hours.",
    "call": "{n}. Call her, in her safe hours.",
    "other": "{n}. Her other agreed way, as it stands in her record.",
    "trusted": "{n}. The person whom she trusts: a worker speaks with them, by hand.",
    "police": "{n}. Only if nothing else helped, ask the police to see that she is safe. She agreed to it.",
}
LAST: WayKind = "police"  # whatever else is tried comes before it
NEVER: Mapping[Writer, str] = {
    "her": "Never do at {n}, in her words: {words}",
    "worker": "Never do at {n}, as a worker wrote it: {words}",
}
KNOWN: Mapping[Writer, str] = {
    "": "Who may know: {words}",
    "her": "Who may know, in her words: {words}",
    "worker": "Who may know, as a worker wrote it: {words}",
}
TRIED: Mapping[Writer, str] = {
    "": "What to try: {words}",
    "her": "What to try, in her words: {words}",
    "worker": "What to try, as a worker wrote it: {words}",
}
NO_STEPS = "No steps are agreed on record. Tell nobody of it: decide with a supervisor what to try."
VOICEMAIL = "A rule for voicemail is agreed on record: look there."
NO_OTHER_WAY = "No other way is agreed on record."
OTHER_SAFE = "Another way is on record, and she says that it is safe: look there."
OTHER_UNKNOWN = "Another way is on record, but nobody knows whether it is safe: ask a supervisor before you use it."
OTHER_UNSAFE = "The other way on record is marked as not safe: do not use it."
NOWHERE = "nowhere"  # of `other_channel`
WRITTEN = ("may_read", "may_know", "to_try", "verify_question", "other_whose")  # fields of words


# what the alert says


def wishes(contact: Contact) -> tuple[str, ...]:
    """Her steps in their order, then who may know and what else was written for the worker who looks for her."""
    return tuple(_steps(contact)) or (NO_STEPS,)


def _steps(contact: Contact) -> Iterator[str]:
    for n, way in enumerate(contact.ways, 1):
        yield WAYS[way.kind].format(n=n)
        if way.kind == "other":
            yield other_way(contact)
        if way.never:
            yield NEVER[way.by or "worker"].format(n=n, words=way.never)
    if contact.may_know:
        yield KNOWN[wrote(contact, "may_know")].format(words=contact.may_know)
    if contact.to_try:
        yield TRIED[wrote(contact, "to_try")].format(words=contact.to_try)


def other_way(contact: Contact) -> str:
    """Where else she may be reached. Until a release that asked for it, a rule for voicemail was all there was."""
    if contact.other_channel == NOWHERE:
        return NO_OTHER_WAY if contact.voicemail == "never" else VOICEMAIL
    return {"yes": OTHER_SAFE, "no": OTHER_UNSAFE}.get(contact.other_safe, OTHER_UNKNOWN)


# who wrote it


def wrote(contact: Contact, field: str) -> Writer:
    """'' where an older release did not keep it."""
    return dict(contact.wrote).get(field, "")


def signed(before: Contact, after: Contact, by: Writer) -> Contact:
    """`after`, with who wrote what is new in it."""
    new = {field: by for field in WRITTEN if getattr(after, field) != getattr(before, field)}
    kept = dict(before.wrote) | new
    standing = {(way.kind, way.never): way.by for way in before.ways}
    return replace(
        after,
        wrote=tuple(sorted((field, who) for field, who in kept.items() if getattr(after, field))),
        ways=tuple(replace(way, by=standing.get((way.kind, way.never), by if way.never else "")) for way in after.ways),
    )


# what she agrees


def first(contact: Contact, kind: WayKind | None) -> Contact:
    """The steps begin anew with this one; with None there are none."""
    return replace(contact, ways=(Way(kind),) if kind else ())


def following(contact: Contact, kind: WayKind) -> Contact:
    """One more step, or one that stands, tried later."""
    return replace(contact, ways=in_order((*(way for way in contact.ways if way.kind != kind), Way(kind))))


def without(contact: Contact, kind: WayKind) -> Contact:
    return replace(contact, ways=tuple(way for way in contact.ways if way.kind != kind))


def never(contact: Contact, kind: WayKind | None, words: str) -> Contact:
    """What is never to be done at that step; with None at the one that was added last."""
    added = [way.kind for way in contact.ways if way.kind != LAST][-1:]
    which = kind or (added[0] if added else None)
    ways = tuple(replace(way, never=words) if way.kind == which else way for way in contact.ways)
    return replace(contact, ways=ways)


def in_order(ways: tuple[Way, ...]) -> tuple[Way, ...]:
    """As they were given, the last resort last."""
    return tuple(sorted(ways, key=lambda way: way.kind == LAST))


def other_channel(contact: Contact, channel: str) -> Contact:
    """Another channel is another way: whose it is and whether it is safe is not known of that one yet."""
    if channel == contact.other_channel:
        return contact
    return replace(contact, other_channel=channel, other_whose="", other_safe="unknown")
