"""SAFETY 20: by SMS the truth is told: what stands on her phone cannot be taken back from here."""

from __future__ import annotations

import pytest

from flows.engine.effects import Send
from flows.engine.wording import wording
from tests.properties.walks import LANGUAGES, SIGNAL, programme
from tests.safety.phone import Phone
from tests.storage.store import Store
from tests.walk.heard import LIMITS

HER_CHAT = "900123"


@pytest.mark.parametrize(("channel", "true"), [("sms", "until you delete them"), ("telegram", "deletes")])
def test_it_is_told_before_she_agrees_and_again_where_hiding_is_explained(channel: str, true: str) -> None:
    phone = Phone(channel, consent="", signal="", duress="")
    phone.joins()
    before_consent = [text for answer in ("en", "1", "1") for text in phone.says(answer)]
    assert true in before_consent[-1]
    assert phone.now.contact.signal == ""

    menu = Phone(channel)
    assert true in menu.says(SIGNAL, "menu", "4")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language_it_is_another_sentence_than_telegrams(language: str) -> None:
    for flow, sms, telegram in (("join", "limits", "limits_telegram"), ("menu", "hide", "hide_telegram")):
        said = [
            wording(programme(), Send(message, LIMITS[message].english, "session", language)).text
            for message in (f"{flow}/{sms}", f"{flow}/{telegram}")
        ]
        assert all(said)
        assert said[0] != said[1]


def test_no_deletion_is_pretended_on_a_texting_phone(store: Store) -> None:
    store.recipient()
    store.recipient(HER_CHAT, "telegram")
    store.hears("hello", "x")
    assert [sending.kind for sending in store.deliver() if sending.wipe is not None] == []
    store.hears("hello", "x", address=HER_CHAT, channel="telegram")
    assert "wipe" in [sending.kind for sending in store.deliver()]
