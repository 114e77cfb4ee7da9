"""`rowan chat`: talk to the service on a simulated phone."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from bot.app import read_content
from bot.clock import Clock
from bot.demo.past import hire
from bot.demo.stage import HER_ADDRESS, WORDS, ChannelName, Stage
from bot.demo.terminal import HELP, Said, TerminalPhone, WrongLine
from bot.logs import configure_logging
from bot.settings import read_settings
from escalation.console.passwords import NOBODY
from escalation.ladder.file import read_ladder
from flows.authoring.findings import AuthorError

TIER_STYLE = {"P0": "bold red", "P1": "bold dark_orange", "P2": "yellow", "P3": "cyan"}


def chat(
    channel: Annotated[ChannelName, typer.Option(help="The kind of phone.")] = "sms",
    lang: Annotated[str, typer.Option(help="Her language.")] = "en",
    flow: Annotated[str, typer.Option(help="The flow that the signal word opens, instead of the check-in.")] = "",
    at: Annotated[str, typer.Option(help="Start at this time (ISO 8601) with a clock that only /wait moves.")] = "",
    db: Annotated[Path | None, typer.Option(dir_okay=False, help="Keep the data in this file.")] = None,
    new: Annotated[bool, typer.Option("--new", help="A stranger's phone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    own: Annotated[Path | None, typer.Option("--programme", help="Its own folder, else ROWAN_PROGRAMME.")] = None,
) -> None:
    """Talk to the service on a simulated phone; lines beginning with / drive it."""
    configure_logging("error")
    if db is not None and not db.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {db.parent}", param_hint="--db")
    started = _time(at)
    code = asyncio.run(_chat(channel, lang, flow, started, db, new, as_json, own or read_settings().programme))
    raise typer.Exit(code)


def _time(at: str) -> datetime | None:
    if not at:
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise typer.BadParameter("give a time such as 2026-11-20T18:00:00Z", param_hint="--at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _chat(
    channel: ChannelName,
    lang: str,
    flow: str,
    at: datetime | None,
    db: Path | None,
    new: bool,
    as_json: bool,
    own: Path | None,
) -> int:
    clock = Clock(at)
    if at is not None or as_json:
        clock.stop()
    try:
        programme, ladder = await asyncio.to_thread(read_content, own), await asyncio.to_thread(read_ladder, own)
    except AuthorError as bad:
        print(bad, file=sys.stderr)
        return 1
    if lang not in programme.catalogues.languages or (flow and flow not in programme.flows):
        known = f"languages: {', '.join(programme.catalogues.languages)}; flows: {', '.join(sorted(programme.flows))}"
        print(f"There is no such language or flow. {known}.", file=sys.stderr)
        return 2
    async with Stage(clock, db, programme, ladder) as stage:
        if not await stage.service.accounts.staff():
            await hire(stage, NOBODY)
        if not new:
            await stage.enrol(channel, HER_ADDRESS[channel], lang, flow=flow)
        phone = TerminalPhone(stage, channel, new)
        show = _print_json if as_json else _Pretty(phone, channel, new, programme.rules.keyword).show
        async for line in _lines():
            try:
                show(await phone.say(line))
                for told in phone.on_call.told():
                    print(f"▸ the console: {told}", file=sys.stderr if as_json else sys.stdout)
            except WrongLine as wrong:
                print(wrong, file=sys.stderr)
                if as_json:
                    return 2
    return 0


async def _lines() -> AsyncIterator[str]:
    """Standard input, a line at a time, without holding the service up; undecodable bytes become signs."""
    stream = sys.stdin.buffer
    while line := await asyncio.to_thread(stream.readline):
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _print_json(said: Said) -> None:
    print(json.dumps(said.as_json(), ensure_ascii=False), flush=True)


class _Pretty:
    """A phone and, beside it, what staff would see. Colours only on a terminal."""

    def __init__(self, phone: TerminalPhone, channel: str, new: bool, keyword: str) -> None:
        self._console, self._on_call = Console(highlight=False), phone.on_call
        words = f"a stranger; joins with '{keyword}'" if new else f"signal {WORDS['signal']}, exit {WORDS['exit']}"
        self._console.print(f"{channel} phone {phone.address} · {words}", style="dim")
        self._console.print(HELP, style="dim")

    def show(self, said: Said) -> None:
        for message in said.out:
            style = "dim" if message.kind == "cover" else ""
            self._console.print(Text(message.text, style=style))
            shown = "  ".join(f"[{token}] {label}" for token, label in message.options)
            if shown and shown.split()[0] not in message.text:
                self._console.print(Text(shown, style="green"))
            self._console.print(Text(f"{message.kind} · {message.segments} of {message.encoding}", style="dim italic"))
        for ref, tier, rules in said.alerts:
            self._console.print(Text(f"■ {tier} {ref}  {', '.join(rules)}", style=TIER_STYLE[tier]))
        for page in self._on_call.news():
            self._console.print(Text(f"▸ the worker's phone: {page}", style="magenta"))
        where = f" · {said.flow}/{said.step}" if said.flow else ""
        wiped = f" · {said.wiped} wiped" if said.wiped else ""
        self._console.print(Text(f"{said.at:%H:%M} · {said.mode}{where}{wiped}", style="dim"))
