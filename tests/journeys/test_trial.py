"""`rowan doctor --page`: an operator sends a test page to one of the staff and reads what became of it, way by way."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from escalation.ports import Staff
from storage import accounts
from tests.fakes.twilio_messages import Message
from tests.journeys.house import ANA_CHAT, ANA_PHONE, House, until
from tests.warm import Rowan

OTHER_PHONE = "+447700900208"
Command = Callable[..., asyncio.Task["subprocess.CompletedProcess[str]"]]


@pytest.fixture
def doctor(rowan: Rowan, tmp_path: Path) -> Command:
    """`doctor(house, "--page", "ana")`: begun beside the running service, and waited for by the story."""
    assert rowan("doctor", "--help").returncode == 0  # what the commands are forked from is warm

    def begin(house: House, *words: str) -> asyncio.Task[subprocess.CompletedProcess[str]]:
        assert house._ring is not None
        house._ring.write(ring := tmp_path / "keyring.json")
        settings = {"ROWAN_DATABASE_URL": house.database, "ROWAN_KEY_RING_FILE": str(ring)}
        return asyncio.create_task(asyncio.to_thread(rowan, "doctor", *words, **settings))

    return begin


async def has(house: House, staff: Staff, **ways: str) -> None:
    for method, address in ways.items():
        write, vault, now = house.service.database.write, house.service.vault, house.clock.now()
        await write(accounts.add_phone, vault, staff.id, method, address, now)


async def text_to(house: House, phone: str) -> Message:
    await until(lambda: bool(house.twilio.texts_to(phone)), "a text")
    return next(message for message in house.twilio.sent if message.to == phone)


async def test_every_way_is_tried_and_the_receipts_are_read(tmp_path: Path, doctor: Command) -> None:
    async with House(tmp_path, twilio_voice=True) as house:
        ana = await house.worker("Ana", chat=ANA_CHAT)
        await house.she_writes("hello", chat=ANA_CHAT)  # a bot may not write first
        await has(house, ana, sms=ANA_PHONE, voice=ANA_PHONE)
        running = doctor(house, "--page", "Ana")
        text = await text_to(house, ANA_PHONE)
        assert text.body == "A test. Pages reach you here. Nothing to do."
        await until(lambda: bool(house.twilio.rings(ANA_PHONE)), "the telephone rings")
        assert "This is a test." in await house.twilio.picks_up(house.twilio.rings(ANA_PHONE)[0])
        await house.twilio.hangs_up(house.twilio.rings(ANA_PHONE)[0])
        assert (await house.twilio.report(text.sid, "delivered")).ok
        done = await running
        assert (done.returncode, done.stderr) == (0, "")
        assert sorted(done.stdout.splitlines()) == [
            "good  sms        …201: delivered.",
            "good  telegram   …201: taken. Nobody reports here whether it arrived.",
            "good  voice      …201: delivered.",
        ]
        assert await house.queue() == []


async def test_what_does_not_get_there_is_said_with_its_code_and_fails_the_command(
    tmp_path: Path, doctor: Command
) -> None:
    async with House(tmp_path, twilio_voice=True) as house:
        ana = await house.worker("Ana", chat=ANA_CHAT)  # who has never written to the bot
        await has(house, ana, sms=ANA_PHONE, voice=OTHER_PHONE)
        running = doctor(house, "--page", "ana", "--json")
        text = await text_to(house, ANA_PHONE)
        await house.twilio.report(text.sid, "undelivered", 30003)
        await until(lambda: bool(house.twilio.rings(OTHER_PHONE)), "the telephone rings")
        await house.twilio.hangs_up(house.twilio.rings(OTHER_PHONE)[0], "no-answer")
        done = await running
        assert done.returncode == 1
        said = {one["what"]: (one["grade"], one["says"]) for one in json.loads(done.stdout)}
        assert said["sms"] == ("bad", "…201: not delivered (code 30003).")
        assert said["voice"] == ("bad", "…208: not delivered.")
        assert said["telegram"] == ("bad", "…201: not delivered (code no_chat).")


async def test_who_is_not_there_or_has_no_way_is_said(house: House, doctor: Command) -> None:
    await house.worker("Ana")
    nobody = await doctor(house, "--page", "zoe")
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "There is no zoe." in nobody.stderr
    nowhere = await doctor(house, "--page", "ana")
    assert (nowhere.returncode, nowhere.stdout) == (
        1,
        "bad   page       No page reaches Ana: see rowan staff show ana.\n",
    )


async def test_enough_is_enough(house: House, doctor: Command) -> None:
    ana = await house.worker("Ana", phone=ANA_PHONE)
    for _ in range(5):
        await house.service.methods.test(ana.id, house.clock.now())
    done = await doctor(house, "--page", "ana")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Try again in an hour." in done.stderr
