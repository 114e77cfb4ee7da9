"""What the worker of `rowan chat` does with an alert of hers beside taking it, and what a colleague does with it."""

from __future__ import annotations

from datetime import timedelta

from bot.demo.case_acts import CaseAct, Desk, Told
from bot.demo.cast import STAFF
from escalation.ports import Alert, Refused

NOTHING_HELD = "Nothing of hers is held. Take an alert first."
NOTHING_CLOSED = "Nothing of hers waits for a second person."


async def mine(desk: Desk) -> Alert:
    """The most urgent of hers that the worker holds. Raises Refused."""
    return await _first(desk, NOTHING_HELD, "claimed", desk.worker)


async def _first(desk: Desk, why: str, state: str, holder: str = "") -> Alert:
    alerts = await desk.service.desk.queue(desk.service.clock.now())
    hers = [one for one in alerts if one.person == desk.person and one.state == state]
    found = [one for one in hers if not holder or one.holder == holder]
    if not found:
        raise Refused(why)
    return found[0]


async def _colleague(desk: Desk) -> str:
    return next(one.id for one in await desk.service.accounts.staff() if one.username == STAFF[1].username)


async def signed(desk: Desk, words: str) -> Told:
    """By a colleague: nobody signs what they closed themselves."""
    alert = await _first(desk, NOTHING_CLOSED, "closing")
    await desk.service.claims.sign(alert.ref, await _colleague(desk), desk.service.clock.now())
    return (f"{alert.ref} is signed by a colleague, and resolved.",)


async def returned(desk: Desk, words: str) -> Told:
    alert = await _first(desk, NOTHING_CLOSED, "closing")
    await desk.service.claims.give_back(alert.ref, await _colleague(desk), words, desk.service.clock.now())
    return (f"{alert.ref} is given back by a colleague.",)


async def snoozes(desk: Desk, words: str) -> Told:
    minutes, _, why = words.partition(" ")
    if not minutes.isdecimal():
        raise Refused("Say for how many minutes, and why.")
    alert, now = await mine(desk), desk.service.clock.now()
    until = now + timedelta(minutes=int(minutes[:6]))
    await desk.service.claims.snooze(alert.ref, desk.worker, alert.claim, until, why, now)
    return (f"{alert.ref} is put off. It rises again by itself.",)


async def asks(desk: Desk, words: str) -> Told:
    alert = await mine(desk)
    offered = await desk.service.claims.take_over(alert.ref, desk.worker, alert.claim, desk.service.clock.now())
    return (f"{alert.ref} is offered to {offered.offered_name}. It stays with you until they accept.",)


CLAIM_ACTS = {
    "asks": CaseAct(asks, "", "take over from me: whoever is next on duty is asked"),
    "snoozes": CaseAct(snoozes, "MINUTES WHY", "puts the alert off; it rises again by itself"),
    "signed": CaseAct(signed, "", "a colleague signs what was closed"),
    "returned": CaseAct(returned, "WORDS", "a colleague gives it back"),
}
