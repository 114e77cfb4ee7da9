"""The `rowan` command."""

import sys


def main() -> None:
    """Run a command; a known problem is one sentence on standard error, never a stack trace."""
    from bot.problems import KNOWN, sentence

    try:
        _run()
    except KNOWN as problem:
        says = sentence(problem)
        if not says:
            raise
        print(says, file=sys.stderr)
        sys.exit(1)


def _run() -> None:
    """`rowan serve` stays for months: it does not carry the 9 MB that the other commands need."""
    if sys.argv[1:2] == ["serve"]:
        from bot.cli.operate import serve_app as app
    else:
        from bot.cli.main import app
    app()
