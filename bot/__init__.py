"""The running service: channels, turns, delivery, clockwork, command line."""

import sys
from typing import Any

# structlog paints tracebacks with rich where it finds it. Our logs show none, and it is 3 MB of every process.
_modules: dict[str, Any] = sys.modules
_rich = _modules.pop("rich", None)
_modules["rich"] = None
import structlog  # noqa: E402, F401

del _modules["rich"]
if _rich is not None:
    _modules["rich"] = _rich
