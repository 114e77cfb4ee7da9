"""On what basis something of a case may be shared, and what goes with each. Pure."""

from __future__ import annotations

from typing import Literal, get_args

# Why it may be shared: she agreed; else to protect a life, a child or somebody who cannot protect themselves, to
# prevent or clear up a crime, by a duty of law or an order of a court (PRODUCT 6, IFST: information-sharing).
Basis = Literal["consent", "life", "welfare", "crime", "law", "none"]
BASES: tuple[Basis, ...] = get_args(Basis)
WITHOUT_HER: tuple[Basis, ...] = ("life", "welfare", "crime", "law")

NO_BASIS = "Say on what basis it is shared, or that nothing is."
NO_RECEIVER = "Say with whom it is shared."
NOT_SHARED = "You say with whom it is shared, and that nothing is. Choose the basis."
WHY_WITHOUT = "Say why it is shared without her consent."


def refuses(basis: Basis, receiver: str, why: str) -> str:
    """As a sentence for the worker; '' where it is whole."""
    if basis not in BASES:
        return NO_BASIS
    if basis == "none":
        return NOT_SHARED if receiver else ""
    if not receiver:
        return NO_RECEIVER
    return WHY_WITHOUT if basis in WITHOUT_HER and not why else ""
