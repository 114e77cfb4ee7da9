"""When a worker may set another tier than an instrument's rules gave: upward always, downward only with a reason."""

from __future__ import annotations

from flows.engine.model import Instrument, Tier
from flows.safety.risk import worse


def refuses(instrument: Instrument | None, found: Tier | None, assessed: bool, tier: Tier, reason: str) -> str:
    """Why not, as a sentence for the worker; '' when it may be done. `found`: what stands now, None: no rule held."""
    if instrument is None:
        return "There is no such instrument."
    if not instrument.judgement:
        return f"{instrument.name} leaves no room for judgement: its rules decide. Write a note instead."
    if not assessed:
        return f"{instrument.name} has not been answered yet: there is nothing to judge."
    if tier == found:
        return f"It is {tier} already."
    if not worse(tier, found) and not reason.strip():
        return "Say why. A lower tier needs a reason that a colleague can follow."
    return ""
