"""A turn being written: the parts of the conversation that may change, and the effects so far, in order."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from flows.engine import plan_words, stand_in
from flows.engine.conversation import Contact, Conversation, Frame, Goal, Kept, Memory, PlanItem, Session
from flows.engine.effects import Changer, ContactChanged, Effect, Kind, Noted, Option, Raise, Send, Turn
from flows.engine.model import Assess, Flow
from flows.engine.programme import Programme
from flows.safety import recorded
from flows.safety.risk import ORDER, Fired, worse, worst

OF_ANYBODY = ("talk", "help")  # flows that show nothing of hers


class Draft:
    """Mutable and short-lived: made from a frozen conversation, gives back a frozen turn."""

    __slots__ = (
        "apart",
        "at",
        "began",
        "changer",
        "code",
        "contact",
        "effects",
        "fresh",
        "goals",
        "hide",
        "memory",
        "mute",
        "person",
        "plan",
        "programme",
        "raised",
        "saw",
        "session",
        "stack",
        "stand_in",
        "told_end",
        "turns",
        "underneath",
    )

    def __init__(self, programme: Programme, conversation: Conversation, at: datetime, fresh: str) -> None:
        self.programme, self.at, self.fresh = programme, at, fresh
        self.person, self.turns = conversation.person, conversation.turns
        self.contact: Contact = conversation.contact
        self.began = conversation.contact
        self.changer: tuple[Changer, str] = ("her", "")  # who changes her safe-contact record in this turn
        self.session: Session | None = conversation.session
        self.plan: tuple[PlanItem, ...] = conversation.plan
        self.goals: tuple[Goal, ...] = conversation.goals
        self.memory: Memory = conversation.memory
        self.stack: list[Frame] = list(self.session.stack) if self.session else []
        self.effects: list[Effect] = []
        self.raised: list[tuple[Fired, bool]] = []  # with whether her own words did it
        self.saw: list[str] = []
        self.code = ""  # a fresh one, should she ask for one in this turn
        self.hide = ""
        self.apart = False  # what she wrote answers someone independent
        self.mute = False  # nothing may be said in this turn, whatever runs in it
        self.stand_in: Kept | None = conversation.stand_in
        self.underneath: Kept | None = None  # hers, while the stand-in is what is read and changed
        self.told_end = False  # the phone was told before this turn that nothing comes any more
        if conversation.suspect:
            self.doubt()

    def turn(self) -> Turn:
        if self.raised:
            self.effects.append(self._alarm())
        if self.underneath is not None:
            quiet = self.told_end and not self.contact.consent
            self.effects = [effect for effect in self.effects if stand_in.leaves(effect, quiet)]
            self.in_truth()
        if self.contact is not self.began and self.contact != self.began:
            self.effects.append(ContactChanged.between(self.began, self.contact, *self.changer))
        session = replace(self.session, stack=tuple(self.stack)) if self.session else None
        given = (self.person, self.contact, session, self.plan, self.memory, self.turns + 1, self.goals, self.stand_in)
        return Turn(Conversation(*given), tuple(self.effects), self.hide, self.apart)

    # who it is about (SAFETY 14)

    @property
    def suspect(self) -> bool:
        """Whether somebody else may be writing: from a duress word until a worker clears it."""
        return self.stand_in is not None

    @property
    def shown(self) -> Contact:
        """The record that the phone may have been shown: its language, its cover."""
        return self.contact if self.underneath is not None or self.stand_in is None else self.stand_in.contact

    @property
    def consented(self) -> bool:
        """Whether she herself has: what was ended or begun anew under duress does not count."""
        return bool((self.contact if self.underneath is None else self.underneath.contact).consent)

    @property
    def has_stored(self) -> bool:
        return bool(self.memory.joined_at or self.plan or self.goals)

    def doubt(self) -> None:
        """From here on the stand-in is what is read and changed."""
        if self.underneath is not None:
            return
        self.underneath = self._kept()
        worn = self.stand_in or stand_in.blank(self.underneath, self.at)
        self.stand_in = stand_in.with_what_is_shared(worn, self.underneath)
        self._take(self.stand_in)
        self.told_end = not self.contact.consent

    def in_truth(self) -> None:
        """From here on it is about her own record again: for timers and for workers, who do not write on her phone."""
        if self.underneath is None:
            return
        self.stand_in = self._kept()
        self._take(stand_in.with_what_is_shared(self.underneath, self.stand_in))
        self.underneath = None

    def _kept(self) -> Kept:
        return Kept(self.contact, self.plan, self.goals, self.memory)

    def _take(self, kept: Kept) -> None:
        self.contact, self.plan, self.goals, self.memory = kept.contact, kept.plan, kept.goals, kept.memory

    # what is said

    def say(
        self,
        message: str,
        english: str,
        kind: Kind = "session",
        params: dict[str, str] | None = None,
        options: tuple[Option, ...] = (),
        tag: str = "",
        asked_for: bool = True,
    ) -> None:
        if self.mute:
            return
        frame = self.stack[-1] if self.stack else None
        flow, revision = (frame.flow, frame.revision) if frame else ("", "")
        language = self.shown.language
        apart = self.independent and message.startswith(f"{flow}/")  # the engine's own words tell nothing of hers
        self.effects.append(
            Send(
                message,
                english,
                kind,
                language,
                params or {},
                options,
                tag,
                flow=flow,
                revision=revision,
                catalogue=self.programme.catalogues.version(language),
                asked_for=asked_for,
                apart=apart,
            )
        )

    def own(self, message: str, params: dict[str, str] | None = None, kind: Kind = "session") -> None:
        """One of the engine's own messages, whose English lives in the catalogue of `flows/text/messages.yaml`."""
        self.say(message, self.programme.own[message], kind, params)

    def note(self, what: str, detail: str = "") -> None:
        self.effects.append(Noted(what, detail))

    # risk

    @property
    def here(self) -> Session:
        """The open session. Raises RuntimeError where there is none: a fault of the engine, kept out of the phone."""
        if self.session is None:
            raise RuntimeError("no session is open here")
        return self.session

    @property
    def may_show(self) -> bool:
        """Whether her own words may be on her phone: not while somebody else may hold it, nor before she has a word.

        Without a signal word anybody opens the chat who knows the programme's keyword (SAFETY 13, 15).
        """
        return bool(self.contact.signal) and not (self.suspect or self.memory.verify_first)

    @property
    def independent(self) -> bool:
        """Whether the flow that she is in is not for the worker of the case."""
        flow = self.flow(self.stack[-1]) if self.stack else None
        return flow is not None and flow.independent

    def alarm(self, fired: tuple[Fired, ...], saw: tuple[str, ...] = ()) -> None:
        """Raise what this turn said, once. P3 is for the record (improvement too) and not for the queue.

        Said before makes no difference: only the storage knows whether an alert still stands that has it already.
        """
        known = {f.rule for f, _ in self.raised}
        new = tuple(f for f in fired if f.rule not in known and f.tier != "P3")
        tier = worst(*(f.tier for f in new)) if new else None
        if tier is None:
            return
        self.raised += ((f, bool(saw)) for f in new)
        self.saw += (words for words in saw if words not in self.saw)
        if self.session is not None and worse(tier, self.session.tier):
            self.session = replace(self.session, tier=tier)

    def weighed(self, fired: tuple[Fired, ...]) -> None:
        """Remember which rules the answers of this flow have fired: what is weighed again is no news by itself."""
        frame = self.stack[-1]
        new = tuple(f.rule for f in fired if f.rule not in frame.fired)
        if new:
            self.stack[-1] = replace(frame, fired=(*frame.fired, *new))

    def _alarm(self) -> Raise:
        """All of one turn under one key, so that one alert grows: the worst first, what she answered before how."""
        fired = [f for f, _ in sorted(self.raised, key=lambda one: (ORDER[one[0].tier], one[1]))]
        rules, says = tuple(f.rule for f in fired), tuple(f.says for f in fired)
        return Raise(fired[0].tier, "risk", "risk", rules, says, tuple(self.saw))

    def task(self, key: str, reason: str, tier: str = "P3") -> None:
        """Something for a worker that is no risk by itself."""
        kind = "fault" if key.startswith("fault") else "task"
        self.effects.append(Raise(tier, kind, key, (key,), (reason,)))  # type: ignore[arg-type]

    # where she is

    def flow(self, frame: Frame) -> Flow | None:
        return self.programme.flow(frame.flow, frame.revision)

    def may_begin(self, name: str) -> bool:
        """Not what an instrument may not ask any more, nor what wants a worker's record that does not stand."""
        if self.wordless and name not in (self.programme.rules.joining, *OF_ANYBODY):
            return False
        guarded = recorded.may_begin(name, self.contact, self.memory, self.session)
        return name in self.programme.flows and guarded and self.programme.may_run(name, self.at)

    @property
    def wordless(self) -> bool:
        """Opened by the public keyword, though something of hers is stored: she chooses a word before it is used."""
        return not self.contact.signal and self.memory.verify_first

    @property
    def menu(self) -> str:
        rules = self.programme.rules
        return rules.joining if self.wordless else rules.menu

    def start(self, name: str) -> None:
        """Push a flow, pinned to its revision of today."""
        flow = self.programme.flows[name]
        self.stack.append(Frame(flow.name, flow.revision, flow.start))

    def leave(self) -> Frame:
        """Drop the innermost flow, finished or not."""
        frame = self.stack.pop()
        self.remember(frame)
        return frame

    def remember(self, frame: Frame) -> None:
        """What was answered is what the next sitting compares with, where the flow is one that is assessed.

        Skipped is no answer, so the one before stands on. Words of the plan are never kept here.
        """
        flow = self.flow(frame)
        if flow is None or not any(isinstance(step, Assess) for step in flow.steps.values()):
            return
        kept = ((name, value) for name, value in frame.answers.items() if not plan_words.are_words(flow, name, value))
        said = {name: value for name, value in kept if value is not None}
        memory = self.memory
        if flow.name == self.programme.rules.opening:
            self.memory = replace(memory, checkin=memory.checkin | said)
        elif said:
            last = memory.last.get(flow.name, {}) | said
            self.memory = replace(memory, last=memory.last | {flow.name: last})

    def forget_words(self, item: str) -> None:
        """Of an item of her plan, in the flows that are open."""
        for place, frame in enumerate(self.stack):
            flow = self.flow(frame)
            if flow is not None:
                self.stack[place] = plan_words.without(frame, flow, item)

    def leave_all(self) -> None:
        while self.stack:
            self.leave()

    def go(self, step: str) -> None:
        self.stack[-1] = replace(self.stack[-1], step=step, tries=0)
