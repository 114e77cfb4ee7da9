"""`python -m tests.faults.nursery`: imports the service once and forks for each life that the harness asks for.

A line in (JSON: the log, the settings), a line out (the pid), and when that life has ended another (its exit code).
"""

from __future__ import annotations

import json
import os
import sys
from functools import lru_cache


def main() -> None:
    from bot.cli import operate

    operate.read_content = lru_cache(maxsize=1)(operate.read_content)  # type: ignore[assignment]
    operate.read_content(None, drafts=False)
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(asked["log"], asked["settings"])
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _live(log: str, settings: dict[str, str]) -> None:
    os.environ.update(settings)
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(here, there)
    from storage import failpoint

    failpoint.choose(os.environ.get("ROWAN_FAILPOINT", ""))
    from tests.faults.serve import main as serve

    try:
        serve()
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
