"""Calls to workers' telephones through Twilio's Calls API. What is said stands in TwiML, fetched when somebody answers.

The address of that TwiML holds a token of one use (`storage.calls`) and nothing else. Machine detection is on: an
answering machine is told nothing and counts as no answer.
"""

from __future__ import annotations

from bot.channels.base import Broken, Outgoing, PagesOnly, Receipt, Unknown
from bot.channels.twilio_account import API, account, answer
from bot.channels.wire import DEADLINE_SECONDS, Wire

RINGS = 25  # seconds: before most mailboxes take the call
LONGEST = 120  # seconds of a call, if somebody leaves it lying


class VoiceChannel(PagesOnly):
    """Twilio's calls as a Channel; one made twice does no harm. Our doors: `{url}/channels/twilio/voice/{token}`."""

    name = "voice"

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
        self._calls = account(self._wire, account_sid, auth_token, base_url).calls
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

    async def close(self) -> None:
        await self._wire.close()
