"""The bot's public face (SAFETY 9): a neutral name and description, an empty command menu, no groups.

What a bot cannot change about itself (groups, picture) is its owner's to mend at BotFather; `rowan doctor` says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from telegram import Bot, BotCommandScopeAllPrivateChats

T = TypeVar("T")


class Asked(Protocol):
    """Runs one of the library's calls and raises our failures."""

    def __call__(self, call: Awaitable[T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True)
class Profile:
    """What anybody sees who finds the bot. Nothing in it may name the service."""

    name: str
    description: str
    short_description: str


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` is 'name', 'description', 'short_description', 'commands', 'private_commands' or 'groups'."""

    field: str
    wanted: str
    found: str


async def differences(bot: Bot, profile: Profile, asked: Asked) -> tuple[Difference, ...]:
    """Each field that is not as the profile wants it; six calls."""
    found = [
        ("name", profile.name, (await asked(bot.get_my_name())).name),
        ("description", profile.description, (await asked(bot.get_my_description())).description),
        (
            "short_description",
            profile.short_description,
            (await asked(bot.get_my_short_description())).short_description,
        ),
        ("commands", "", _listed(await asked(bot.get_my_commands()))),
        ("private_commands", "", _listed(await asked(bot.get_my_commands(BotCommandScopeAllPrivateChats())))),
        ("groups", "no", "yes" if (await asked(bot.get_me())).can_join_groups else "no"),
    ]
    return tuple(Difference(*row) for row in found if row[1] != row[2])


async def put_right(bot: Bot, wrong: Sequence[Difference], asked: Asked) -> None:
    """Write the fields a bot may write; names may be changed only a few times a day, so nothing is written twice."""
    for difference in wrong:
        if difference.field == "name":
            await asked(bot.set_my_name(difference.wanted))
        elif difference.field == "description":
            await asked(bot.set_my_description(difference.wanted))
        elif difference.field == "short_description":
            await asked(bot.set_my_short_description(difference.wanted))
        elif difference.field == "commands":
            await asked(bot.delete_my_commands())
        elif difference.field == "private_commands":
            await asked(bot.delete_my_commands(BotCommandScopeAllPrivateChats()))


def _listed(commands: Sequence[Any]) -> str:
    return " ".join(f"/{command.command}" for command in commands)
