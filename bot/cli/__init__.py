"""The `rowan` command."""


def main() -> None:
    """Imported only when run, so that one command's module can be used without all others."""
    from bot.cli.main import main as run

    run()
