"""The worker of `rowan chat`: what the person on call does about her, on their phone and in the console."""

from __future__ import annotations

from bot.demo.cast import STAFF
from bot.demo.stage import ChannelName, Stage, person_at
from escalation.ports import Refused
from storage import cases
from storage.ids import new_id
from storage.schema import stamp

PHONE = STAFF[0].phones["sms"]
ACTS = (
    "/worker A CODE · /worker joins · /worker says WORDS · /worker leaves · /worker verifies · "
    "/worker resolves OUTCOME NOTE · joins! and says! where it asks to be confirmed"
)


class OnCall:
    """`do` takes what follows `/worker`: an act in the console, else words sent from the worker's phone."""

    def __init__(self, stage: Stage, channel: ChannelName, address: str) -> None:
        self._stage, self._channel, self._address = stage, channel, address
        self._read = len(self.screen())

    async def do(self, act: str) -> None:
        """Raises Refused with the sentence that a worker would read."""
        service, now = self._stage.service, self._stage.clock.now()
        verb, _, words = act.partition(" ")
        verb, confirmed = verb.removesuffix("!"), verb in ("joins!", "says!")
        if verb not in ("joins", "says", "leaves", "verifies", "resolves"):
            await service.turns.take(self._stage.phones.say("sms", PHONE, act))
            return
        worker = next(one.id for one in await service.accounts.staff() if one.username == STAFF[0].username)
        person = await self._ref()
        if verb == "joins":
            await service.chat.join(person, worker, confirmed)
        elif verb == "says":
            await service.chat.say(person, worker, words, new_id(stamp(now)), confirmed)
        elif verb == "leaves":
            await service.chat.hand_back(person, worker)
        elif verb == "verifies":
            await service.chat.verified(person, worker)
        else:
            outcome, _, note = words.partition(" ")
            mine = [one for one in await service.desk.queue(now) if (one.person, one.holder) == (person, worker)]
            if not mine:
                raise Refused("Nothing of hers is held. Take an alert first.")
            await service.desk.resolve(mine[0].ref, worker, mine[0].claim, outcome, note, now)

    async def _ref(self) -> str:
        read = self._stage.service.database.read
        person = await read(person_at, self._stage.service.vault, self._channel, self._address)
        return await read(cases.ref_of, person)

    def screen(self) -> list[str]:
        return [one.text for one in self._stage.phones.conversation("sms", PHONE) if one.from_us]

    def news(self) -> list[str]:
        """What came on the worker's phone since this was last asked."""
        news = self.screen()[self._read :]
        self._read += len(news)
        return news
