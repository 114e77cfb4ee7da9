"""Secrets given as files: `ROWAN_X_FILE` names a file whose text is the secret `ROWAN_X`.

Docker, Kubernetes and systemd hand secrets over so, and a file does not show in the process list.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

PREFIX = "ROWAN_"

LONGEST_SECRET = 64 * 1024
"""Characters. A secret is a line; more than this is the wrong file."""


class WrongSettings(Exception):
    """The operator's: a setting is missing, unknown or wrong. Each line of the text says which and how to mend it."""


class SecretFiles(PydanticBaseSettingsSource):
    """Between the environment and `.env` in rank."""

    def __init__(self, settings_cls: type[BaseSettings], dotenv: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._given = given_names(dotenv)
        self._secrets = secret_fields(settings_cls)

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: text for name, text in found.items() if text is not None}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The secret's text, or None where no file is named. WrongSettings: given twice, or not readable."""
        name = variable(field_name)
        where = self._given.get(f"{name}_FILE") if field_name in self._secrets else None
        if not where:
            return None, field_name, False
        if self._given.get(name):
            raise WrongSettings(f"{name} and {name}_FILE are both set: which one holds? Keep one.")
        return read_secret(f"{name}_FILE", Path(where)), field_name, False


def read_secret(name: str, path: Path) -> str:
    """Text of a secret's file without the line end. Raises WrongSettings: not readable, not text, empty, too long."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LONGEST_SECRET + 1)
    except OSError as error:
        raise WrongSettings(
            f"{name}: {path} cannot be read ({error.strerror}). Name a file this user may read."
        ) from None
    except UnicodeDecodeError:
        raise WrongSettings(f"{name}: {path} is not text. It must hold the secret itself, as text.") from None
    if not text.strip() or len(text) > LONGEST_SECRET:
        raise WrongSettings(f"{name}: {path} is empty or far too long. It must hold the secret and nothing else.")
    return text.strip()


def variable(field_name: str) -> str:
    """Name of a field in the environment."""
    return PREFIX + field_name.upper()


def secret_fields(settings_cls: type[BaseSettings]) -> frozenset[str]:
    """Secret fields that are read from a file here; one with a `_file` field of its own looks after its file itself."""
    fields = settings_cls.model_fields
    return frozenset(
        name for name, field in fields.items() if "SecretStr" in str(field.annotation) and f"{name}_file" not in fields
    )


def given_names(dotenv: PydanticBaseSettingsSource) -> dict[str, str | None]:
    """Everything set under our prefix, in `.env` or the environment, by its upper-case name."""
    from_file: Mapping[str, str | None] = getattr(dotenv, "env_vars", {})
    both = {**from_file, **os.environ}
    return {name.upper(): value for name, value in both.items() if name.upper().startswith(PREFIX)}
