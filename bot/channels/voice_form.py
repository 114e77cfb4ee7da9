"""What Twilio posts of a call that we make: answered, a key pressed, over. Read as strictly as a text (`sms_form`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.channels.sms_form import CALL, WORD, Pairs, Refused, once, shape

KEY = re.compile(r"[0-9*#]")
MACHINES = ("machine", "fax")  # beginnings of what the detection says of what is nobody
OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
_STATUS = re.compile(r"[a-z-]{1,20}")


@dataclass(frozen=True, slots=True)
class CallReport:
    """`status` in Twilio's words; `machine`: an answering machine or a fax took it; `key`: what was pressed, or ''."""

    sid: str
    status: str
    machine: bool = False
    key: str = ""

    @property
    def over(self) -> bool:
        return self.status in OVER


def read_report(pairs: Pairs, account_sid: str) -> CallReport:
    """Check the signature first. Raises Refused: another account, no call of ours, a shape that we do not take."""
    form = once(pairs, account_sid)
    if form.get("Direction") != "outbound-api":
        raise Refused("Direction")
    by = form.get("AnsweredBy", "")
    if by and not WORD.fullmatch(by):
        raise Refused("AnsweredBy")
    key = form.get("Digits", "")
    if key and not KEY.fullmatch(key):
        raise Refused("Digits")
    return CallReport(shape(form, "CallSid", CALL), shape(form, "CallStatus", _STATUS), by.startswith(MACHINES), key)
