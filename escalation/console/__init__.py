"""The staff console: pages under /console and the API under /api/v1, over the ports of `escalation.ports`.

`console` and `api` are the two things that the service mounts; `ConsoleSettings` is all that an operator decides here.
"""

from __future__ import annotations

from escalation.console.app import api, console
from escalation.console.settings import ConsoleSettings

__all__ = ["ConsoleSettings", "api", "console"]
