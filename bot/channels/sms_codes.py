"""Twilio's error codes, sorted by who must act. The same codes come with a refused request and with a status report.

Source: Twilio's error dictionary; what is not listed here and is no server fault is ours to look at (Broken).
"""

from __future__ import annotations

from bot.channels.base import Broken, SendFailed, TryLater, Unreachable

TRY_LATER = frozenset(
    {
        14107,  # too many messages a second from this account
        20009,  # a copy cannot be deleted while its message is under way
        20429,  # too many requests
        21611,  # this number's queue is full
        30001,  # queue overflow
        30008,  # unknown error at the carrier: may be retried
        30017,  # carrier network congestion
        30022,  # carrier's rate for this sender exceeded
        30410,  # the carrier did not answer in time
    }
)
TRY_TOMORROW = frozenset(
    {
        30023,  # carrier's daily allowance for this sender used up
        30027,  # the same, by campaign
        63038,  # the account's daily allowance used up
    }
)
UNREACHABLE = frozenset(
    {
        21211,  # not a phone number
        21214,  # cannot be reached
        21217,  # not a phone number
        21610,  # texted STOP
        21612,  # not reachable from our number
        21614,  # not a mobile
        30003,  # handset off or out of service
        30004,  # blocked
        30005,  # no such handset
        30006,  # landline, or a carrier we cannot reach
        30007,  # filtered by the carrier
    }
)
TOMORROW_SECONDS = 900.0  # asked again each quarter of an hour: an allowance is lifted when staff call the provider


def failure(code: int | None, status: int) -> SendFailed:
    """The failure for a Twilio error code; `status` (HTTP, or 0 for a status report) names those without a code."""
    named = str(code) if code is not None else str(status)
    if code in TRY_LATER:
        return TryLater(named)
    if code in TRY_TOMORROW:
        return TryLater(named, TOMORROW_SECONDS)
    if code in UNREACHABLE:
        return Unreachable(named)
    return Broken(named)
