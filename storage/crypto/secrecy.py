"""What an object that holds a key promises: it does not print itself and it cannot be pickled or copied by accident."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """Base of everything that holds key bytes.

    A log line, a traceback that shows local variables or a task queue that pickles its arguments would otherwise carry
    the key out of the process. It does not wipe memory: Python cannot.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a key and cannot be pickled or copied.")
