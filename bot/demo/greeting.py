"""What `rowan demo` prints: for people a page's worth of addresses and words, for programs one object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table as Columns
from rich.text import Text

from bot.demo.cast import PASSWORD, STAFF, Phone
from bot.demo.shelf import SLOTS, slot_of
from bot.demo.stage import WORDS

if TYPE_CHECKING:
    from bot.demo.table import Table


def as_object(table: Table) -> dict[str, object]:
    """`rowan demo --json`. `phones` are all there are; `slot` is what the page's forms call the place of one."""
    origin = table.origin
    return {
        "url": f"{origin}/",
        "console": f"{origin}/console/",
        "api": f"{origin}/api/v1",
        "sign_ins": [
            {"username": one.username, "password": PASSWORD, "name": one.name, "role": one.role, "duty": one.duty}
            for one in STAFF
        ],
        "token": table.token,
        "joining": {"keyword": table.stage.service.programme.rules.keyword},
        "phones": [_phone(phone) for slot in SLOTS for phone in table.shelf.of(slot)],
    }


def _phone(phone: Phone) -> dict[str, object]:
    base: dict[str, object] = {
        "key": phone.key,
        "slot": slot_of(phone),
        "channel": phone.channel,
        "address": phone.address,
    }
    if phone.kind == "worker":
        return base | {"owner": phone.owner}
    words = {"signal": phone.speech.signal, "duress": phone.speech.duress, "exit": WORDS["exit"]}
    return base | {"language": phone.language, "cover": "recipes", "words": words}


def greet(table: Table) -> None:
    """Aligned, coloured only on a terminal."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text.assemble(("Rowan demo  ", "bold"), (f"{table.origin}/", "bold underline")))
    console.print("Everybody in it is made up, and nothing is kept. Ctrl-C ends it.\n", style="dim")
    console.print(_sign_ins(table))
    console.print(_words(table))
    keyword = table.stage.service.programme.rules.keyword
    console.print(f"A stranger's phone joins with {keyword}, or with the code that the page shows beside it.")
    console.print(Text.assemble("API  ", f"{table.origin}/api/v1", "  bearer token  ", table.token))


def _sign_ins(table: Table) -> Columns:
    columns = Columns("Sign in", "Password", "Who", box=None, pad_edge=False)
    for one in STAFF:
        duty = "" if one.duty == "off" else f", {one.duty.replace('_', ' ')}"
        columns.add_row(one.username, PASSWORD, f"{one.name}, {one.role.replace('_', ' ')}{duty}")
    columns.add_row("", "", f"at {table.origin}/console/")
    return columns


def _words(table: Table) -> Columns:
    columns = Columns("Phone", "Opens with", "Under duress", "Hides with", box=None, pad_edge=False)
    for phone in table.shelf.recipients():
        columns.add_row(phone.name, phone.speech.signal, phone.speech.duress, WORDS["exit"])
    return columns
