"""Calls to workers' telephones through Twilio's Calls API. What is said stands in TwiML, fetched when somebody answers.

The address of that TwiML holds a token of one use (`storage.calls`) and nothing else. Machine detection is on: an
answering machine is told nothing and counts as no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from twilio.rest import Client

from bot.channels.base import Broken, Outgoing, Receipt, SentAlready, Unknown
from bot.channels.sms import API, TwilioHttp, answer
from bot.channels.wire import DEADLINE_SECONDS, Wire
from storage.inbox import Inbound

RINGS = 25  # seconds: before most mailboxes take the call
TIMES = 3  # that the sentence is said
GATHER = 4  # seconds to press a key after each
LONGEST = 120  # seconds of a call, if somebody leaves it lying
VOICES = {"es": "es-ES", "cy": "cy-GB"}  # Twilio's names of the languages of the console


class VoiceChannel:
    """Twilio's calls as a Channel. `url` is where our doors are: `{url}/channels/twilio/voice/{token}`."""

    name = "voice"
    remembers = False  # a call that is made twice does no harm

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sender: str,
        url: str,
        *,
        base_url: str = API,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._wire = Wire(deadline)
        self._calls = Client(
            account_sid, auth_token, http_client=TwilioHttp(self._wire, base_url)
        ).api.v2010.account.calls
        self._sender, self._url = sender, url

    def wording(self, outgoing: Outgoing) -> str:
        return outgoing.text

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Let it ring, once. Broken('no_token') for what is no page."""
        if not outgoing.token:
            raise Broken("no_token")
        at = f"{self._url}/channels/twilio/voice/{outgoing.token}"
        with answer():
            call = await self._calls.create_async(
                to=outgoing.address,
                from_=self._sender,
                url=at,
                status_callback=f"{at}/over",
                machine_detection="Enable",
                timeout=RINGS,
                time_limit=LONGEST,
            )
        if not isinstance(call.sid, str) or not call.sid:
            raise Unknown("answer")
        return Receipt(call.sid, str(call.status or "queued"))

    def sends_from(self, sender: str) -> bool:
        return True

    async def wipe(self, address: str, message_ids: Sequence[str]) -> tuple[str, ...]:
        """A call cannot be taken back."""
        return tuple(message_ids)

    async def sent_since(self, address: str, since: datetime) -> Sequence[SentAlready]:
        return ()

    async def inbound_since(self, at: datetime) -> Sequence[Inbound]:
        return ()

    async def delete_copy(self, provider_id: str) -> None:
        """Nothing of it is recorded."""

    async def close(self) -> None:
        await self._wire.close()


def asks(words: str, language: str, action: str) -> str:
    """TwiML that says it three times and waits for a key after each; `action` is where the key is posted."""
    said = f"<Say language={_quoted(language)}>{escape(words)}</Say>"
    gather = f'<Gather numDigits="1" timeout="{GATHER}" action="{escape(action)}">{said}</Gather>'
    return _response(gather * TIMES)


def says(words: str, language: str, times: int = 1) -> str:
    """TwiML that says it and hangs up."""
    said = f'<Say language={_quoted(language)}>{escape(words)}</Say><Pause length="1"/>'
    return _response(said * times)


def hangs_up() -> str:
    return _response("")


def _quoted(language: str) -> str:
    return f'"{VOICES.get(language, "en-GB")}"'


def _response(inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}<Hangup/></Response>'
