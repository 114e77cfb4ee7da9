"""The bot's public face (SAFETY 9): a neutral name and description in each language, no command menu, no groups.

What a bot cannot change about itself (groups, picture) is its owner's to mend at BotFather; `rowan telegram setup` and
`rowan doctor` say so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from telegram import (
    Bot,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
    MenuButtonDefault,
)

from bot.channels.base import TryLater
from flows.engine.programme import Programme

T = TypeVar("T")
SCOPES: Mapping[str, BotCommandScope] = {
    "commands": BotCommandScopeDefault(),
    "private_commands": BotCommandScopeAllPrivateChats(),
    "group_commands": BotCommandScopeAllGroupChats(),
    "admin_commands": BotCommandScopeAllChatAdministrators(),
}
NO_BUTTON = ("default", "commands")  # of the menu: without commands there is none


class Asked(Protocol):
    """Runs one of the library's calls and raises our failures."""

    def __call__(self, call: Awaitable[T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True)
class Profile:
    """What anybody sees who finds the bot. Nothing in it may name the service.

    `languages`: what stands in all three places for people whose phone speaks it, by ISO 639-1 code.
    """

    name: str
    description: str
    short_description: str
    languages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` is 'name', 'description', 'short_description', one of SCOPES, 'menu' or 'groups'; `language` '' for all
    phones whose language has nothing of its own."""

    field: str
    wanted: str
    found: str
    language: str = ""

    def __str__(self) -> str:
        where = f"{self.field} ({self.language})" if self.language else self.field
        return f"{where} is {self.found!r}, not {self.wanted!r}"


def neutral(programme: Programme) -> Profile:
    """The programme's own cover, in every language that it serves."""
    name = programme.rules.cover
    label = programme.covers[name].label
    text, served = programme.catalogues.text, programme.catalogues.languages
    others = {code: text(code, f"join/cover.{name}", label) for code in sorted(served) if len(code) == 2}
    return Profile(label, label, label, others)


async def differences(bot: Bot, profile: Profile, asked: Asked) -> tuple[Difference, ...]:
    """Each field that is not as the profile wants it. Seven calls for each language, and a few."""
    found: list[Difference] = []
    for code in ("", *profile.languages):
        found += await _face(bot, profile, code, asked)
        for name, scope in SCOPES.items():
            listed = _listed(await asked(bot.get_my_commands(scope, code or None)))
            found.append(Difference(name, "", listed, code))
    menu = (await asked(bot.get_chat_menu_button())).type
    found.append(Difference("menu", "default", "default" if menu in NO_BUTTON else menu))
    found.append(Difference("groups", "no", "yes" if (await asked(bot.get_me())).can_join_groups else "no"))
    return tuple(one for one in found if one.wanted != one.found)


async def _face(bot: Bot, profile: Profile, code: str, asked: Asked) -> list[Difference]:
    """Telegram answers with what stands for all where a language has nothing of its own."""
    own, language = profile.languages.get(code), code or None
    name = (await asked(bot.get_my_name(language))).name
    description = (await asked(bot.get_my_description(language))).description
    short = (await asked(bot.get_my_short_description(language))).short_description
    return [
        Difference("name", own or profile.name, name, code),
        Difference("description", own or profile.description, description, code),
        Difference("short_description", own or profile.short_description, short, code),
    ]


async def put_right(bot: Bot, wrong: Sequence[Difference], asked: Asked) -> None:
    """Write the fields a bot may write. Names may be changed only a few times a day: nothing is written twice, and what
    Telegram puts off is left for the next time."""
    for one in wrong:
        try:
            await _write(bot, one, asked)
        except TryLater:
            continue


async def _write(bot: Bot, one: Difference, asked: Asked) -> None:
    language = one.language or None
    match one.field:
        case "name":
            await asked(bot.set_my_name(one.wanted, language))
        case "description":
            await asked(bot.set_my_description(one.wanted, language))
        case "short_description":
            await asked(bot.set_my_short_description(one.wanted, language))
        case "menu":
            await asked(bot.set_chat_menu_button(menu_button=MenuButtonDefault()))
        case scope if scope in SCOPES:
            await asked(bot.delete_my_commands(SCOPES[scope], language))


async def pictures(bot: Bot, asked: Asked) -> int:
    """How many pictures the bot has. Whether they give it away only a person can see."""
    me = await asked(bot.get_me())
    return (await asked(bot.get_user_profile_photos(me.id, limit=1))).total_count


def picture_hint(label: str, count: int) -> str:
    """What to do about the picture, which only the owner can set."""
    now = "It has none now." if count == 0 else "It has one now: look at it."
    return (
        f"The picture is yours to set, at BotFather (/setuserpic): one that goes with {label!r} and nothing else. {now}"
    )


def _listed(commands: Sequence[Any]) -> str:
    return " ".join(f"/{command.command}" for command in commands)
