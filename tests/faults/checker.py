"""The judge: a pure function from evidence to findings. An empty list of faults means that nothing was lost or doubled.

Each fault has a kind, so that a campaign can print its figures.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from operator import itemgetter

from tests.faults.evidence import Evidence, Landed, Person, Phone, Row, Said, TurnRow
from tests.faults.holding import holding
from tests.faults.there import there

BY_RULE = {"dead", "unknown", "expired", "cancelled"}
SEVERAL = re.compile(r"\d+ waiting, the highest P\d: ([^.]+)\.")  # page/several
DELIVERED = {"sent", "delivered", "failed"}
HEARING = {"Heard", "Joined"}
ACTS = {"WorkerJoined", "WorkerSaid", "WorkerLeft"}  # each has an inbox row of its own
URGENT = {"P0", "P1", "P2"}
MOST_WAYS = 500  # looked at, of which messages were exits'
MISFIT, NEVER = 10_000, 10**9  # costs: of a message that is no row's, of what cannot be; a repeat costs 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that must not be: what kind, and enough to look it up."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All faults, and how many messages a provider accepted more than once, by 'sms', 'telegram' and 'page'."""

    faults: tuple[Fault, ...]
    repeats: Mapping[str, int]

    @property
    def duplicates(self) -> int:
        """Allowed: one a kill."""
        return sum(self.repeats.values())

    def count(self, kind: str) -> int:
        return sum(fault.kind == kind for fault in self.faults)


def judge(evidence: Evidence) -> Verdict:
    """Everything of SECURITY 3.3's checker."""
    faults = [*_arrivals(evidence), *_fates(evidence), *_alerts(evidence), *_database(evidence)]
    repeats: Counter[str] = Counter()
    for phone, landed in _by_phone(evidence.landed).items():
        rows = [row for row in evidence.rows if row.phone == phone and row.kind != "wipe"]
        paged = all(row.kind == "page" for row in rows)
        found, doubled = _pages(phone, landed, rows, evidence.cut_off) if paged else _deliveries(phone, landed, rows)
        faults += found
        repeats["page" if paged else phone[0]] += doubled
    faults += _silent_marks(evidence)
    faults += [Fault("holding", what) for what in holding(evidence)]
    faults += [Fault("presence", what) for what in there(evidence)]
    many = repeats.total()
    if many > evidence.kills:
        faults.append(Fault("duplicate", f"{many} duplicate sends are more than {evidence.kills} kills explain"))
    return Verdict(tuple(faults), repeats)


# what came in


def _arrivals(evidence: Evidence) -> Iterator[Fault]:
    """Every acknowledged message has one inbox row and one turn; nothing has a turn that was never said."""
    for said in evidence.said:
        if said.provider_id not in evidence.inbox:
            yield Fault(
                "lost", f"{said.provider_id}: {'acknowledged' if said.acked else 'not reconciled'}, no inbox row"
            )
    known = len({said.provider_id for said in evidence.said})
    acts = sum(turn.event in ACTS for person in evidence.people for turn in person.turns)
    if evidence.inbox_rows > known + acts:
        yield Fault("doubled", f"{evidence.inbox_rows} inbox rows for {known} messages and {acts} acts of workers")
    said_by = _by_phone(evidence.said)
    for person in evidence.people:
        yield from _turns(person, said_by.get(person.phone, ()), evidence.hidden)


def _turns(person: Person, said: Sequence[Said], hidden: Mapping[str, str]) -> Iterator[Fault]:
    numbers = [turn.seq for turn in person.turns]
    if numbers != list(range(1, person.ver + 1)):
        yield Fault("database", f"{person.id}: version {person.ver}, turns {numbers[-3:]} ({len(numbers)})")
    heard = [turn for turn in person.turns if turn.event in HEARING]
    taken = [one for one in said if one.acked or not one.posted]
    if len(heard) != len(taken):
        kind = "lost" if len(heard) < len(taken) else "doubled"
        yield Fault(kind, f"{person.id}: {len(taken)} messages, {len(heard)} turns")
        return
    yield from _same_order(person, heard, taken, hidden)


def _same_order(
    person: Person, heard: Sequence[TurnRow], taken: Sequence[Said], hidden: Mapping[str, str]
) -> Iterator[Fault]:
    """A message whose webhook was missed comes when it is found; all others in the order in which they were said."""
    late = Counter(one.text for one in taken if not one.posted)
    wanted = [one.text for one in taken if one.posted]
    place = 0
    for turn in heard:
        text = hidden.get(turn.heard or "", turn.heard)
        if place < len(wanted) and text in (None, wanted[place]):
            place += 1
        elif text is not None and late[text] > 0:
            late[text] -= 1
        else:
            yield Fault("order", f"{person.id}: turn {turn.seq} is not the message that came next")
            return


# what goes out


def _fates(evidence: Evidence) -> Iterator[Fault]:
    """Every outbox row has an end, and one that its rules allow."""
    for row in evidence.rows:
        fate = _fate(row, evidence.ended_at)
        if fate:
            yield Fault("outbox", f"{row.id} ({row.kind}): {fate}")


def _fate(row: Row, ended_at: float) -> str:
    match row.status:
        case "sent" | "delivered" | "cancelled":
            return ""
        case "failed" | "dead":
            return "" if row.told or row.kind == "page" else f"{row.status}, and nobody was told"
        case "unknown":
            return "" if row.policy == "drop" or row.told else f"unknown, though its policy is {row.policy}"
        case "due" | "checking" if row.kind == "page":
            return ""  # at the provider's pace, and the ladder goes on meanwhile
        case "expired":
            return "" if row.expires_at <= ended_at else "expired before its time"
        case _:
            return f"still {row.status}"


def _deliveries(phone: Phone, landed: Sequence[Landed], rows: Sequence[Row]) -> tuple[list[Fault], int]:
    """Lay what the provider accepted over the rows of this phone: in order, and with as few repeats as can be.

    The covers of exits each go in a line of their own, past whatever is in the air, and once at most.
    """
    order = [row for row in rows if row.kind != "exit"]
    exits = [row for row in rows if row.kind == "exit" and row.attempts]
    marks = {row.provider_id for row in rows if row.provider_id}
    ways = islice(_without_exits(landed, exits, marks), MOST_WAYS)
    (misfits, doubled), talk = min(((_laid(talk, order), talk) for talk in ways), key=itemgetter(0))
    words = f"{phone}: {misfits} of {len(talk)} messages belong to no row in the order of rows"
    return [Fault("order", f"{words}; no row knows {_strays(talk, marks, order)}")] * (misfits > 0), doubled


def _without_exits(landed: Sequence[Landed], exits: Sequence[Row], marks: set[str]) -> Iterator[list[Landed]]:
    """What is left without them. A small service says the same again after a while, so of an exit that a kill cut off
    before its mark nobody knows which of several messages was its own: each way is one.
    """
    theirs = {row.provider_id for row in exits}
    talk = [one for one in landed if one.provider_id not in theirs]
    cut_off = Counter(row.text for row in exits if not row.provider_id)
    may = {text: [one for one in talk if one.text == text and one.provider_id not in marks] for text in cut_off}
    for taken in product(*(combinations(may[text], min(many, len(may[text]))) for text, many in cut_off.items())):
        out = {one.provider_id for some in taken for one in some}
        yield [one for one in talk if one.provider_id not in out]


def _laid(landed: Sequence[Landed], rows: Sequence[Row]) -> tuple[int, int]:
    """How many fit nowhere, and how many came again, at best.

    A message that a row was marked with is that row's. One that no row knows is a send that a kill cut off before its
    mark: it may be any row's with the same words that was claimed, as long as all of them stay in order. `least[n]` is
    the cheapest way so far that ends at the n-th row.
    """
    place = {message.provider_id: n for n, message in enumerate(landed)}
    order = sorted(rows, key=lambda row: (row.seq, place.get(row.provider_id or "", len(landed)), row.id))
    marks = {row.provider_id for row in order if row.provider_id}
    least = [0, *[NEVER] * len(order)]  # the first entry: before any row
    for message in landed:
        before, best = least, NEVER
        least = [cost + MISFIT for cost in before]
        for n, row in enumerate(order, start=1):
            best = min(best, before[n - 1])
            if _may_be(message, row, place, marks):
                again = NEVER if row.policy == "drop" else before[n] + 1
                least[n] = min(least[n], best, again)
    return divmod(min(least), MISFIT)


def _strays(landed: Sequence[Landed], marks: set[str], order: Sequence[Row]) -> list[str]:
    """For whoever looks into it: each message that no row was marked with, its place, and how its words' rows stand."""
    return [
        f"{n}: {one.text[:40]!r} ({', '.join(f'{r.seq} {r.status} {r.attempts}' for r in order if r.text == one.text)})"
        for n, one in enumerate(landed)
        if one.provider_id not in marks
    ]


def _pages(
    phone: Phone, landed: Sequence[Landed], rows: Sequence[Row], cut_off: Mapping[str, int]
) -> tuple[list[Fault], int]:
    """A worker's phone: an urgent page overtakes, so only what came counts, not in which order.

    One message about several alerts that no row is marked with was cut off by a kill; they were paged once more. Pages
    of P0s wait for none on its way, so one kill may cut off many: each may come once more for a kill that fell while it
    was in the air itself, for Telegram does not say what it took. Any other repeat counts against the kills.
    """
    marks = {row.provider_id for row in rows if row.provider_id}
    unmarked = Counter(row.text for row in rows if row.attempts and not row.provider_id)
    texts = {row.text for row in rows}  # one that went out in another's message was never tried itself
    again = Counter[str]()
    for row in rows:
        if row.text.startswith("P0 "):
            again[row.text] += max(0, cut_off.get(row.id, 0) - (not row.provider_id))  # its first is no repeat
    misfits = doubled = 0
    for message in landed:
        if message.provider_id in marks:
            continue
        if unmarked[message.text] > 0:
            unmarked[message.text] -= 1
        elif again[message.text] > 0:
            again[message.text] -= 1
        elif message.text in texts or _about_known_alerts(message.text, rows):
            doubled += 1
        else:
            misfits += 1
    words = f"{phone}: {misfits} of {len(landed)} pages belong to no row"
    return [Fault("order", words)] * (misfits > 0), doubled


def _about_known_alerts(text: str, rows: Sequence[Row]) -> bool:
    """One message about several alerts, each of which has a page of its own to this phone."""
    several = SEVERAL.match(text)
    return several is not None and all(any(code in row.text for row in rows) for code in several[1].split(", "))


def _may_be(message: Landed, row: Row, place: Mapping[str, int], marks: set[str]) -> bool:
    if message.provider_id in marks:
        return message.provider_id == row.provider_id
    marked = place.get(row.provider_id or "")
    if marked is not None and marked < place[message.provider_id]:
        return False  # it was marked by then, and nothing marked is sent again
    return bool(row.attempts) and row.text == message.text


def _silent_marks(evidence: Evidence) -> Iterator[Fault]:
    """A row marked as sent was accepted by its provider."""
    accepted = {message.provider_id for message in evidence.landed}
    for row in evidence.rows:
        if row.status in DELIVERED and row.kind != "wipe" and row.provider_id not in accepted:
            yield Fault("lost", f"{row.id}: marked {row.status}, and no provider has it")


# what must reach a worker


def _alerts(evidence: Evidence) -> Iterator[Fault]:
    """Every risk answer stands as an alert, each exactly once, and every alert has a page that is out or on its way."""
    said_by = _by_phone(evidence.said)
    for person in evidence.people:
        words = [one.text for one in said_by.get(person.phone, ()) if one.acked or not one.posted]
        duress = words.count(evidence.duress_word)
        if duress != person.duress_reasons:
            yield Fault("alert", f"{person.id}: {duress} duress words, {person.duress_reasons} of them with a worker")
        if set(person.risk_tiers) & URGENT and not person.alerts:
            yield Fault("alert", f"{person.id}: weighed {sorted(set(person.risk_tiers))}, no alert")
    paged = {row.alert for row in evidence.rows if row.kind == "page" and row.status not in ("unknown", "cancelled")}
    for alert in evidence.alerts:
        if alert not in paged:
            yield Fault("alert", f"{alert}: no page is out or due")
    for alert in evidence.silent:
        yield Fault("alert", f"{alert}: it stands, and not one next step of its ladder is due")


def _database(evidence: Evidence) -> Iterator[Fault]:
    if evidence.integrity != "ok":
        yield Fault("database", f"integrity_check says {evidence.integrity}")
    if evidence.broken_audit_row is not None:
        yield Fault("database", f"the audit chain breaks at row {evidence.broken_audit_row}")


def _by_phone(facts: Iterable[object]) -> dict[Phone, list]:  # type: ignore[type-arg]
    grouped: dict[Phone, list] = defaultdict(list)  # type: ignore[type-arg]
    for fact in facts:
        grouped[fact.phone].append(fact)  # type: ignore[attr-defined]
    return grouped
