"""Settings: the page is the code's own list, and no page or deployment file names one that does not exist."""

from __future__ import annotations

import re

from bot.secret_files import secret_fields, variable
from bot.settings import RESERVED, Settings
from bot.settings_page import settings_page
from tests.docs.pages import HOUSE, pages, tracked, written

NAMED = re.compile(r"\bROWAN_[A-Z_]+\b")


def test_the_page_of_settings_is_the_one_the_code_makes() -> None:
    page = (HOUSE / "docs/settings.md").read_text(encoding="utf-8")
    assert page == settings_page(), "bot/settings.py has changed: run `make settings`"


def test_every_setting_has_a_sentence() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert len(field.description) <= 130, name


def test_no_page_and_no_deployment_file_names_a_setting_that_is_not() -> None:
    known = {variable(name) for name in Settings.model_fields}
    known |= {f"{variable(name)}_FILE" for name in secret_fields(Settings)}
    files = [*pages(), *(path for path in tracked() if path.is_relative_to(HOUSE / "deploy"))]
    wrong = [
        f"{written(path)}: {name}"
        for path in files
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
        if name not in known and not name.startswith(RESERVED)
    ]
    assert not wrong
