"""The staff console: pages under /console and the API under /api/v1, over the ports of `escalation.ports`.

`console` and `api` are the two things that the service mounts, both on one `Wiring` of ports and `Strings`;
`ConsoleSettings` is all that an operator decides here.
"""

from __future__ import annotations

from escalation.console.app import api, console
from escalation.console.settings import ConsoleSettings
from escalation.console.strings import Strings
from escalation.console.wiring import Wiring

__all__ = ["ConsoleSettings", "Strings", "Wiring", "api", "console"]
