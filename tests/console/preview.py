"""The console over a memory, to look at: `python -m tests.console.preview [port]`, then sign in as sam / sam.

Nothing here is kept. Every 20 seconds something changes, so that live updates can be seen.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from escalation.console import ConsoleSettings, api, console
from escalation.console.passwords import hash_password
from flows.authoring.catalogues import CONSOLE
from flows.authoring.locales import read
from flows.safety.hours import PRESETS
from tests.console.examples import CONTACT, NOW, WHY, Clock, House, a_house, an_alert

NAMES = {
    "plan/collect": "Who fetches her",
    "plan/keys_and_papers": "Keys and papers",
    "plan/children_out": "How the children get out",
    "plan/money": "Money",
    "plan/pets": "Pets",
    "cover/recipes": "Home recipes",
}


WORDS = read(Path(__file__).parents[2] / "locales", CONSOLE)


class RunningClock(Clock):
    """Begins at the examples' NOW and runs at the speed of the wall's."""

    def __init__(self) -> None:
        super().__init__()
        self.began = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now + (datetime.now(UTC) - self.began)


def furnished(clock: Clock | None = None) -> House:
    """A house with a night's worth of alerts."""
    house = a_house(hash_password("sam"), clock, seed=None)
    minute = timedelta(minutes=1)
    for alert, hours in (
        (an_alert(), CONTACT.windows),
        (an_alert("7F3", "P-7F3", tier="P0", kind="duress", title="Duress word", channel="sms", language="en",
                  raised_at=NOW - minute * 1.3, breach_at=NOW + minute * 0.7), PRESETS["mornings"]),
        (an_alert("M8D", "P-M8D", tier="P2", kind="missed", title="Missed check-in", channel="sms", language="ar",
                  raised_at=NOW - minute * 51, breach_at=NOW + minute * 184), PRESETS["always"]),
        (an_alert("C41", "P-C41", tier="P3", kind="talk", title="Asked for housing help", channel="sms", language="pl",
                  raised_at=NOW - minute * 190, breach_at=NOW + minute * 3000), CONTACT.windows),
        (an_alert("Q5B", "P-Q5B", tier="P1", kind="risk", title="Child hurt, choking", language="cy",
                  raised_at=NOW - minute * 22, breach_at=NOW - minute * 2), ()),
        (an_alert("T19", "P-T19", tier="P2", kind="talk", title="Asked for a person", language="ar", state="claimed",
                  holder="s1", holder_name="Sam Okafor", claim=1, claim_until=NOW + minute * 14.3), CONTACT.windows),
        (an_alert("H77", "P-H77", tier="P1", title="Fear 8, being followed", state="claimed", language="en",
                  holder="s2", holder_name="Inés Duarte", claim=1, claim_until=NOW + minute * 9), CONTACT.windows),
    ):  # fmt: skip
        her = house.put(alert, WHY)
        her.contact = msgspec.structs.replace(her.contact, windows=hours)
    house.memory.people["P-T19"].worker = "s1"
    house.memory.people["P-7F3"].verify_first = True
    house.memory.leaves("P-7F3")
    return house


async def restless(house: House) -> None:
    """A new alert every 20 seconds."""
    for number in range(1000):
        await asyncio.sleep(20)
        now, ref = house.clock(), f"N{number:02d}"
        soon = now + timedelta(minutes=30)
        house.put(an_alert(ref, f"P-{ref}", tier="P2", title="Talk to someone", raised_at=now, breach_at=soon))


async def main(port: int) -> None:
    house = furnished(clock=RunningClock())
    settings = ConsoleSettings(
        origin=f"http://127.0.0.1:{port}",
        secure_cookies=False,
        require_code=False,
        languages=("en", "es", "ar", "cy"),
        lines={"sms": "+44 7700 900123", "telegram": "@home_recipes_bot"},
    )
    forms = {"en": house.forms}
    ports = (house.desk, house.chat, house.people, house.accounts, house.clock, settings, house.sheets, forms)
    app = Starlette(routes=[Mount("/console", console(*ports, WORDS, {"en": NAMES})), Mount("/api/v1", api(*ports))])
    moving = asyncio.create_task(restless(house))
    await uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")).serve()
    moving.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8900))
