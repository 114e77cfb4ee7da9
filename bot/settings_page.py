"""docs/settings.md, made from the settings themselves: `python -m bot.settings_page > docs/settings.md`."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot.secret_files import secret_fields, variable
from bot.settings import Settings

PAGE = """# Settings

Each is an environment variable, or a line in a file `.env` in the folder Rowan is started from. The environment wins
over the file. A setting marked † is a secret: instead of its value you may give the path of a file that holds it, under
the same name with `_FILE` at the end (`{example}_FILE=/run/secrets/…`). A misspelt name stops the start; so does a
value that cannot be right, with a sentence on how to mend it.

| setting | default | what it is |
|---|---|---|
{rows}

This page is made by `make settings` from `bot/settings.py`; a test keeps them the same.
"""


def settings_page() -> str:
    """The whole page as Markdown, one table row for each setting, in the order of the fields."""
    rows = "\n".join(_row(name, field) for name, field in Settings.model_fields.items())
    return PAGE.format(rows=rows, example=variable("telegram_token"))


def _row(name: str, field: FieldInfo) -> str:
    mark = " †" if name in secret_fields(Settings) else ""
    return f"| `{variable(name)}`{mark} | {_shown(field.default)} | {field.description} |"


def _shown(default: Any) -> str:
    match default:
        case None | ():
            return ""
        case SecretStr():
            return f"`{default.get_secret_value()}`"
        case timedelta():
            return f"`{int(default.total_seconds()) // 60}m`"
        case bool():
            return f"`{str(default).lower()}`"
        case _:
            return f"`{default}`"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
