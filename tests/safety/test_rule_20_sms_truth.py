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


WAYS = ("iphone", "google", "samsung", "keys")


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_to_delete_is_said_by_kind_of_phone_after_the_warning(language: str) -> None:
    phone = Phone(language=language)
    asked = phone.says(SIGNAL, "menu", "5", "6", "1", "7", "1")
    assert [send.message for send in phone.sends] == ["delete_texts/care"]
    said: list[Send] = []
    for number, way in enumerate(WAYS, 1):
        phone.says(str(number))
        assert [send.message for send in phone.sends] == [f"delete_texts/{way}", "delete_texts/other"]
        said.append(phone.sends[0])
        assert phone.says("1") == asked, "that it may be noticed is said before each of them"
    texts = [wording(programme(), send).text for send in said]
    assert len(set(texts)) == len(WAYS)
    if language != "en":
        assert all(text != send.english for text, send in zip(texts, said, strict=True))


ANSWERS = {
    "join/signal": "bluebird", "join/duress": "-", "join/exit": "-", "join/verify": "-", "join/begin_plan": "2",
    "delete_texts/other": "2",
}  # fmt: skip


@pytest.mark.parametrize(("channel", "offered"), [("sms", 1), ("telegram", 0)])
def test_it_is_offered_once_at_the_end_of_joining_by_sms(channel: str, offered: int) -> None:
    phone = Phone(channel, consent="", signal="", duress="")
    phone.joins()
    seen = ["join/language"]
    while seen[-1] != "join/close" and len(seen) < 60:
        phone.says(ANSWERS.get(seen[-1], "1"))
        seen += [send.message for send in phone.sends]
    assert (seen.count("delete_texts/offer"), seen.count("delete_texts/iphone")) == (offered, offered)
    assert seen[-1] == "join/close"


@pytest.mark.parametrize(("phone", "place"), [("1", "Recently Deleted"), ("2", "Trash"), ("3", "Trash")])
def test_where_the_phone_keeps_what_was_deleted_is_said_too(phone: str, place: str) -> None:
    assert place in Phone().says(SIGNAL, "menu", "5", "6", "1", "7", "1", phone)[0]
