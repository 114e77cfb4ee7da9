"""The console over the in-test fakes, to look at: `python -m tests.console.preview [port]`, then sign in as sam / sam.

Nothing here is kept. Every 20 seconds something changes, so that live updates can be seen.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from escalation.console import ConsoleSettings, api, console
from escalation.console.passwords import hash_password
from tests.console.fakes import LINES, NOW, WHY, Clock, House, a_case, a_house, an_alert

NAMES = {
    "plan/collect": "Who fetches her",
    "plan/keys_and_papers": "Keys and papers",
    "plan/children_out": "How the children get out",
    "plan/money": "Money",
    "plan/pets": "Pets",
    "cover/recipes": "Home recipes",
}


class RunningClock(Clock):
    """Begins at the fakes' NOW and runs at the speed of the wall's."""

    def __init__(self) -> None:
        super().__init__()
        self.began = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now + (datetime.now(UTC) - self.began)


async def furnished(clock: Clock | None = None) -> House:
    """A house with a night's worth of alerts."""
    house = await a_house(hash_password("sam"))
    if clock is not None:
        house.clock = house.desk.clock = clock
    house.accounts.seeds = dict.fromkeys(house.accounts.seeds)
    desk = house.desk
    minute = timedelta(minutes=1)
    for alert in (
        an_alert(),
        an_alert("7F3", "p-7f3", tier="P0", kind="duress", title="Duress word", channel="sms", language="en",
                 raised_at=NOW - minute * 1.3, breach_at=NOW + minute * 0.7, writable_until=None),
        an_alert("M8D", "p-m8d", tier="P2", kind="missed", title="Missed check-in", channel="sms", language="ar",
                 raised_at=NOW - minute * 51, breach_at=NOW + minute * 184, writable_until=NOW + minute * 1440),
        an_alert("C41", "p-c41", tier="P3", kind="talk", title="Asked for housing help", channel="sms", language="pl",
                 raised_at=NOW - minute * 190, breach_at=NOW + minute * 3000),
        an_alert("Q5B", "p-q5b", tier="P1", kind="risk", title="Child hurt, choking", language="cy",
                 raised_at=NOW - minute * 22, breach_at=NOW - minute * 2, writable_until=None),
        an_alert("T19", "p-t19", tier="P2", kind="talk", title="Asked for a person", language="ar", state="claimed",
                 holder="s1", holder_name="Sam Okafor", claim=1, claim_until=NOW + minute * 14.3),
        an_alert("H77", "p-h77", tier="P1", title="Fear 8, being followed", state="claimed", language="en",
                 holder="s2", holder_name="Inés Duarte", claim=1, claim_until=NOW + minute * 9),
    ):  # fmt: skip
        desk.put(alert)
        desk.why[alert.ref] = WHY
        desk.cases[alert.person] = a_case(alert.person, mode="worker" if alert.ref == "T19" else "open")
        desk.lines[alert.person] = list(LINES)
    desk.cases["p-7f3"] = a_case(
        "p-7f3", suspect=True, mode="closed", writable_until=None, opens_next_at=NOW + minute * 740
    )
    return house


async def restless(house: House) -> None:
    """A new alert every 20 seconds."""
    for number in range(1000):
        await asyncio.sleep(20)
        now = house.clock()
        ref = f"N{number:02d}"
        house.desk.cases[f"p-{ref}"] = a_case(f"p-{ref}")
        alert = an_alert(ref, f"p-{ref}", tier="P2", title="Talk to someone")
        house.desk.put(replace(alert, raised_at=now, breach_at=now + timedelta(minutes=30)))


async def main(port: int) -> None:
    house = await furnished(clock=RunningClock())
    settings = ConsoleSettings(
        origin=f"http://127.0.0.1:{port}",
        secure_cookies=False,
        require_code=False,
        languages=("en", "es", "ar", "cy"),
        lines={"sms": "+44 7700 900123", "telegram": "@home_recipes_bot"},
    )
    ports = (house.desk, house.chat, house.people, house.accounts, house.clock, settings)
    app = Starlette(routes=[Mount("/console", console(*ports, names=NAMES)), Mount("/api/v1", api(*ports))])
    moving = asyncio.create_task(restless(house))
    await uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")).serve()
    moving.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8900))
