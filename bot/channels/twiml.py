"""What a call says, as TwiML. Apart from the calls: the door that serves it needs none of Twilio's library."""

from __future__ import annotations

from html import escape

TIMES = 3  # that the sentence is said
GATHER = 4  # seconds to press a key after each
VOICES = {"es": "es-ES", "cy": "cy-GB"}  # Twilio's names of the languages of the console


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
