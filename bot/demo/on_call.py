"""The worker of `rowan chat`: what the person on call does about her, on their phone and in the console."""

from __future__ import annotations

from bot.demo.case_acts import CASE_ACTS, Desk
from bot.demo.cast import STAFF
from bot.demo.claim_acts import CLAIM_ACTS, mine
from bot.demo.stage import ChannelName, Stage, person_at
from storage import cases
from storage.ids import new_id
from storage.schema import stamp

PHONE = STAFF[0].phones["sms"]
ACTS = "/worker A CODE · /worker joins · /worker says WORDS · /worker leaves · /worker resolves … · /worker help"
ALL_ACTS = CASE_ACTS | CLAIM_ACTS
HELP = (
    "/worker A CODE  takes an alert, as every reply to a page: P CODE passes it on",
    "/worker joins  is in her chat, at once or as soon as she opens it; joins! where it asks to be confirmed",
    "/worker says WORDS  writes to her; says! where it asks to be confirmed",
    "/worker leaves  hands back to the bot",
    "/worker resolves OUTCOME NOTE  closes the alert; a P0 or P1 waits for a second person",
    *(" ".join(f"/worker {verb} {act.takes}".split()) + f"  {act.does}" for verb, act in ALL_ACTS.items()),
)


class OnCall:
    """`do` takes what follows `/worker`: an act in the console, else words sent from the worker's phone."""

    def __init__(self, stage: Stage, channel: ChannelName, address: str) -> None:
        self._stage, self._channel, self._address = stage, channel, address
        self._read = len(self.screen())
        self._told: list[str] = []

    async def do(self, act: str) -> None:
        """Raises Refused with the sentence that a worker would read."""
        verb, _, words = act.partition(" ")
        if verb == "help":
            self._told += HELP
        elif verb in ALL_ACTS:
            self._told += await ALL_ACTS[verb].do(await self._desk(), words.strip())
        elif verb.removesuffix("!") in ("joins", "says", "leaves", "resolves"):
            await self._in_chat(verb, words, await self._desk())
        else:
            await self._stage.service.turns.take(self._stage.phones.say("sms", PHONE, act))

    async def _in_chat(self, verb: str, words: str, desk: Desk) -> None:
        service, now, person, worker = desk.service, self._stage.clock.now(), desk.person, desk.worker
        verb, confirmed = verb.removesuffix("!"), verb.endswith("!")
        if verb == "joins":
            await service.chat.join(person, worker, confirmed)
        elif verb == "says":
            await service.chat.say(person, worker, words, new_id(stamp(now)), confirmed)
        elif verb == "leaves":
            await service.chat.hand_back(person, worker)
        else:
            outcome, _, note = words.partition(" ")
            held = await mine(desk)
            await service.desk.resolve(held.ref, worker, held.claim, outcome, note, now)

    async def _desk(self) -> Desk:
        service = self._stage.service
        worker = next(one.id for one in await service.accounts.staff() if one.username == STAFF[0].username)
        person = await service.database.read(person_at, service.vault, self._channel, self._address)
        return Desk(service, await service.database.read(cases.ref_of, person), worker)

    def screen(self) -> list[str]:
        return [one.text for one in self._stage.phones.conversation("sms", PHONE) if one.from_us]

    def news(self) -> list[str]:
        """What came on the worker's phone since this was last asked."""
        news = self.screen()[self._read :]
        self._read += len(news)
        return news

    def told(self) -> list[str]:
        """What the console answered since this was last asked."""
        told, self._told = self._told, []
        return told
