"""What every channel promises, and how sending can go wrong.

    SendFailed
    ├── TryLater      certainly not accepted (429, 5xx, no connection): send again, not before `retry_after`
    ├── Unknown       perhaps accepted (timeout, reset, unreadable answer): the message's own policy decides
    ├── Unreachable   this phone cannot be reached (blocked, STOP, not a mobile): a worker must find another way
    └── Broken        our own fault (credentials, a wrong request): the operator must mend it; one alarm, no hammering

No failure carries a message's text, an address or a credential: `str()` of each is fit for a log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, Protocol

from flows.text.render import numbered
from storage.inbox import Inbound

TOKEN_BYTES = 64  # Telegram's limit for callback_data; kept on every channel so that a conversation can move
RETRY_AFTER_LONGEST = 900.0  # seconds; a provider that says "24 hours" is asked again after a quarter of an hour

Who = Literal["nobody", "worker", "operator"]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer offered with a question. The token is opaque (1 to 64 bytes of UTF-8), the label is what is read."""

    token: str
    label: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.token.encode()) <= TOKEN_BYTES:
            raise ValueError(f"an option's token has 1 to {TOKEN_BYTES} bytes")
        if not self.label.strip():
            raise ValueError("an option's label is not blank")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send. `id` is the outbox row's own, `sender` our number ('' for the channel's default), `token`
    what a call is answered by (opaque, once), `subject` that of a mail, `about` the alert that a notice leads to,
    `leads`: to the console, where it is a mail."""

    id: str
    channel: str
    address: str
    text: str
    options: tuple[Option, ...] = ()
    sender: str = ""
    reply_to_callback: str | None = None  # the pressed button's query to answer along with this message
    token: str = ""
    subject: str = ""
    about: str = ""
    leads: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider has it. `status` is the provider's own word ('queued', 'sent')."""

    provider_id: str
    status: str


@dataclass(frozen=True, slots=True)
class SentAlready:
    """A message the provider says it has taken, for reconciling an unknown outcome. `text` is as `Channel.wording`
    gave it, `status` the provider's own word: no report will tell more where we never learned its id."""

    text: str
    provider_id: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """The person opened or shut the door herself: blocked or unblocked the bot, texted STOP or START."""

    address: str
    reachable: bool
    channel: str = "telegram"
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody put the bot into a group or channel: it leaves, silently. `chat` is the provider's id of it."""

    chat: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """An update that is none of our business. `reason` is one of a few fixed words, never content."""

    reason: str


def numbered_wording(outgoing: Outgoing) -> str:
    """One text for a phone without buttons: the options below the question, numbered; the text alone without any."""
    return numbered(outgoing.text, [option.label for option in outgoing.options]) if outgoing.options else outgoing.text


class SendFailed(Exception):
    """A call to a provider did not succeed. `code` is the provider's number or a fixed word; `who` must act."""

    who: ClassVar[Who] = "operator"
    advice: ClassVar[str] = ""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.code}: {self.advice}"


class TryLater(SendFailed):
    """Certainly not accepted. `retry_after` is in seconds, at most RETRY_AFTER_LONGEST; None leaves it to back-off."""

    who = "nobody"
    advice = "the provider is busy or away and did not take it; it is tried again by itself"

    def __init__(self, code: str = "busy", retry_after: float | None = None) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class Unknown(SendFailed):
    """The request was written and no proper answer came: the message may be on the phone already."""

    who = "nobody"
    advice = "nobody can tell whether the provider took it; the message's own policy decides"


class Unreachable(SendFailed):
    """This address cannot be reached, and sending again will not help."""

    who = "worker"
    advice = "this phone does not take our messages; find another safe way, do not send again"


class Broken(SendFailed):
    """We are at fault: credentials, settings or a request the provider refuses. Everything else would fail too."""

    advice = "the provider refuses our request; check this channel's credentials and settings (rowan doctor)"


class Channel(Protocol):
    """One way to a phone. Every method may raise SendFailed; none retries by itself, so the caller keeps the pace."""

    @property
    def name(self) -> str:
        """'sms' or 'telegram'; never to recipients 'voice', 'email' or 'push'."""

    @property
    def remembers(self) -> bool:
        """Whether the provider can be asked what it took (`sent_since`)."""

    def wording(self, outgoing: Outgoing) -> str:
        """The text as this channel puts it on the phone (SMS: with the options as numbered lines)."""

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one message to the provider, once."""

    async def wipe(self, address: str, message_ids: Sequence[str]) -> tuple[str, ...]:
        """Delete messages from both sides of the phone; returns the ids still there (SMS: all of them).

        Wiping twice is harmless, so after TryLater or Unknown the whole list may be given again."""

    def sends_from(self, sender: str) -> bool:
        """Whether this number of ours is still one to send from; where there is no choice, any is."""

    async def sent_since(self, address: str, since: datetime) -> Sequence[SentAlready]:
        """What the provider has for this phone since then, oldest first; nothing where it does not remember."""

    async def inbound_since(self, at: datetime) -> Sequence[Inbound]:
        """What came in since then as the provider remembers it, oldest first; duplicates of seen ones included."""

    async def delete_copy(self, provider_id: str) -> None:
        """Delete the provider's own copy. TryLater while the message is still under way; gone already is fine."""

    async def close(self) -> None:
        """Let the connections go. The channel is not used after that."""


class PagesOnly:
    """Of channels that reach no recipient: nothing comes back by them, and nothing can be taken back."""

    remembers = False

    def sends_from(self, sender: str) -> bool:
        return True

    async def wipe(self, address: str, message_ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(message_ids)

    async def sent_since(self, address: str, since: datetime) -> Sequence[SentAlready]:
        return ()

    async def inbound_since(self, at: datetime) -> Sequence[Inbound]:
        return ()

    async def delete_copy(self, provider_id: str) -> None:
        """The provider has none that we could ask for."""

    async def close(self) -> None:
        """Nothing is left open between two pages."""
