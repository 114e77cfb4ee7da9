"""What Telegram hands us, and what anybody might: every update is a message, a change of reach, or passed over."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Added, Ignored, Reach
from bot.channels.telegram_update import callback_id, next_offset, read_update, secret_ok, update_id
from storage.inbox import Inbound

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HER = {"id": 4242, "is_bot": False, "first_name": "A"}
CHAT = {"id": 4242, "type": "private", "first_name": "A"}
GROUP = {"id": -100123, "type": "supergroup", "title": "Family"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
keys = st.sampled_from(
    (
        *("update_id", "message", "edited_message", "callback_query", "my_chat_member", "chat", "from", "id", "type"),
        *("text", "caption", "photo", "location", "data", "message_id", "new_chat_member", "status", "is_bot"),
    )
)
values = st.sampled_from(["private", "group", "member", "kicked", 4242, 9, True, None, "t-yes", "\ud800"])
shaped = st.recursive(
    values | json_values,
    lambda inner: st.dictionaries(keys, inner, max_size=7) | st.lists(inner, max_size=3),
    max_leaves=8,
)


def message(**body: Any) -> dict[str, Any]:
    head = {"message_id": 77, "date": 1, "chat": CHAT, "from": HER}
    return {"update_id": 9, "message": head | body}


def pressed(**body: Any) -> dict[str, Any]:
    ours = {"message_id": 76, "date": 1, "chat": CHAT, "from": {"id": 1, "is_bot": True, "first_name": "Kitchen"}}
    query = {"id": "4382bfdwdsb323b2d9", "from": HER, "chat_instance": "1", "message": ours, "data": "t-yes"}
    return {"update_id": 9, "callback_query": query | body}


def change(status: str, chat: dict[str, Any] = CHAT) -> dict[str, Any]:
    member = {"chat": chat, "from": HER, "date": 1, "new_chat_member": {"status": status}}
    return {"update_id": 9, "my_chat_member": member}


def read(update: object) -> Inbound | Reach | Added | Ignored:
    return read_update(update, NOW)


def said(update: object) -> Inbound:
    inbound = read(update)
    assert isinstance(inbound, Inbound)
    return inbound


class TestMessages:
    def test_a_text(self) -> None:
        assert read(message(text=" Sí \u200f9")) == Inbound(
            channel="telegram",
            provider_id="update:9",
            address="4242",
            at=NOW,
            text=" Sí \u200f9",
            phone_message="77",
            said=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        )

    def test_an_edit_was_said_when_it_was_edited(self) -> None:
        edit = {"update_id": 9, "edited_message": message(text="hi", edit_date=7)["message"]}
        assert said(edit).said == datetime.fromtimestamp(7, UTC)

    @pytest.mark.parametrize(
        ("asked", "clear", "counts_as"),
        [
            (4, 60, 4),  # minutes ago: its question, when nothing waited, what it counts as
            (60, 4, 4),
            (60, None, 60),
            (None, 4, 4),  # a question that is gone from the phone has no time
            (None, None, 24 * 60),
        ],
    )
    def test_a_press_is_as_old_as_it_may_be(self, asked: int | None, clear: int | None, counts_as: int) -> None:
        def ago(minutes: int | None) -> datetime | None:
            return None if minutes is None else NOW - timedelta(minutes=minutes)

        update, question = pressed(), ago(asked)
        update["callback_query"]["message"]["date"] = int(question.timestamp()) if question else 0
        read = read_update(update, NOW, ago(clear))
        assert isinstance(read, Inbound)
        assert read.said == ago(counts_as)

    @pytest.mark.parametrize("date", [0, -1, 1 << 51, True, None, "1", 1.5])
    def test_a_time_that_is_none_is_as_if_it_came_now(self, date: object) -> None:
        found = read(message(text="hi", date=date))
        assert isinstance(found, Inbound)
        assert found.said is None

    @pytest.mark.parametrize(
        ("key", "kind"),
        [
            ("photo", "photo"),
            ("voice", "voice"),
            ("audio", "voice"),
            ("video", "video"),
            ("video_note", "video"),
            ("document", "document"),
            ("location", "location"),
            ("venue", "location"),
            ("sticker", "sticker"),
            ("contact", "contact"),
            ("poll", "other"),
            ("something_of_next_year", "other"),
        ],
    )
    def test_only_the_kind_of_a_medium_is_kept(self, key: str, kind: str) -> None:
        inbound = said(message(**{key: {"file_id": "secret", "latitude": 51.5}}))
        assert (inbound.media, inbound.text, inbound.phone_message) == ((kind,), "", "77")
        assert "secret" not in repr(inbound)
        assert "51.5" not in repr(inbound)

    def test_a_caption_is_her_words(self) -> None:
        inbound = said(message(photo=[{}], caption="he did this"))
        assert (inbound.text, inbound.media) == ("he did this", ("photo",))

    def test_an_animation_is_a_video_though_telegram_calls_it_a_document_as_well(self) -> None:
        assert said(message(animation={}, document={})).media == ("video",)

    @pytest.mark.parametrize("text", ["", " ", "\n\t"])
    def test_a_blank_text_is_a_text_without_media(self, text: str) -> None:
        inbound = said(message(text=text))
        assert (inbound.text, inbound.media) == ("", ())

    def test_a_changed_message_is_marked(self) -> None:
        update = {"update_id": 9, "edited_message": message(text="x")["message"]}
        assert said(update).edited

    def test_a_live_location_that_moves_is_not_a_message_each_time(self) -> None:
        assert said(message(location={})).media == ("location",)
        update = {"update_id": 9, "edited_message": message(location={})["message"]}
        assert read(update) == Ignored("live location")

    @pytest.mark.parametrize(
        "key", ["pinned_message", "message_auto_delete_timer_changed", "write_access_allowed", "chat_background_set"]
    )
    def test_what_telegram_says_itself_is_not_hers(self, key: str) -> None:
        assert read(message(**{key: {}})) == Ignored("service")

    @pytest.mark.parametrize("chat", [GROUP, {"id": -1, "type": "group"}, {"id": -100, "type": "channel"}])
    def test_groups_and_channels_are_passed_over(self, chat: dict[str, Any]) -> None:
        assert read(message(text="hi", chat=chat)) == Ignored("not private")
        assert read(pressed(message={"chat": chat, "message_id": 1})) == Ignored("not private")

    def test_another_bot_is_passed_over(self) -> None:
        assert read(message(text="hi", **{"from": HER | {"is_bot": True}})) == Ignored("bot")

    def test_a_text_beyond_telegram_s_limit_is_cut(self) -> None:
        assert len(said(message(text="a" * 1_000_000)).text) == 4096

    def test_half_a_character_cannot_break_storing(self) -> None:
        text = said(
            json.loads(r'{"update_id":9,"message":{"chat":{"id":1,"type":"private"},"text":"a\ud800b\ud83d\ude00"}}')
        )
        assert text.text == "a\ufffdb😀"
        assert text.text.encode()

    def test_a_message_without_its_number_is_still_a_message(self) -> None:
        update = message(text="help")
        del update["message"]["message_id"]
        assert said(update).phone_message is None


class TestButtons:
    def test_a_pressed_button_is_its_token(self) -> None:
        inbound = said(pressed())
        assert (inbound.button, inbound.text, inbound.address, inbound.phone_message) == ("t-yes", "", "4242", None)

    def test_an_old_message_that_telegram_no_longer_shows_still_has_its_chat(self) -> None:
        assert said(pressed(message={"chat": CHAT, "message_id": 76, "date": 0})).button == "t-yes"

    def test_the_query_s_id_is_there_to_be_answered(self) -> None:
        assert callback_id(pressed()) == "4382bfdwdsb323b2d9"

    @pytest.mark.parametrize(
        "update", [message(text="hi"), {}, None, pressed(id=7), pressed(id=""), pressed(id="x" * 65)]
    )
    def test_else_there_is_none(self, update: object) -> None:
        assert callback_id(update) is None

    @pytest.mark.parametrize("data", ["", "x" * 65, "é" * 33, None, 7, ["t"]])
    def test_a_token_of_another_shape_is_malformed(self, data: object) -> None:
        assert read(pressed(data=data)) == Ignored("malformed")

    def test_a_game_or_an_inline_message_is_not_ours(self) -> None:
        query = pressed()
        del query["callback_query"]["message"]
        assert read(query) == Ignored("malformed")


class TestReach:
    @pytest.mark.parametrize(("status", "reachable"), [("kicked", False), ("left", False), ("member", True)])
    def test_blocking_and_unblocking(self, status: str, reachable: bool) -> None:
        assert read(change(status)) == Reach("4242", reachable, "telegram", "update:9")

    @pytest.mark.parametrize("status", ["", "new", None, 7, {}])
    def test_a_status_nobody_knows_changes_nothing(self, status: Any) -> None:
        assert read(change(status)) == Ignored("malformed")

    @pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
    @pytest.mark.parametrize("status", ["member", "administrator"])
    def test_a_group_it_was_put_into_is_to_be_left(self, kind: str, status: str) -> None:
        assert read(change(status, {"id": -100123, "type": kind})) == Added("-100123")

    @pytest.mark.parametrize("status", ["left", "kicked", "restricted", "", None, 7, {}, []])
    def test_a_group_it_is_not_in_is_nobodys_business(self, status: Any) -> None:
        assert read(change(status, {"id": -100123, "type": "group"})) == Ignored("not private")

    @pytest.mark.parametrize("number", [None, True, 0, "x", [], -(2**60)])
    def test_a_group_without_a_proper_id_is_passed_over(self, number: Any) -> None:
        assert read(change("member", {"id": number, "type": "group"})) == Ignored("not private")


class TestWhateverComes:
    @pytest.mark.parametrize(
        "update",
        [None, 7, "x", [], {}, {"message": {}}, {"update_id": "9", "message": {}}, {"update_id": True, "message": {}}],
    )
    def test_what_is_no_update_is_malformed(self, update: object) -> None:
        assert read(update) == Ignored("malformed")

    @pytest.mark.parametrize("kind", ["channel_post", "poll", "inline_query", "business_message", "of_next_year"])
    def test_a_kind_that_is_not_ours_is_passed_over(self, kind: str) -> None:
        assert read({"update_id": 9, kind: {"anything": 1}}) == Ignored("kind")

    @pytest.mark.parametrize("identity", [0, -1, 1 << 52, 1.5, "4242", None, True, {}])
    def test_a_chat_without_a_proper_number_is_malformed(self, identity: object) -> None:
        assert read(message(text="hi", chat={"id": identity, "type": "private"})) == Ignored("malformed")

    @given(update=shaped)
    def test_reading_never_raises(self, update: object) -> None:
        result = read(update)
        assert isinstance(result, Inbound | Reach | Ignored)
        callback_id(update)
        if isinstance(update, dict):
            next_offset([update], None)

    @given(body=st.dictionaries(keys, values | shaped, max_size=6), kind=st.sampled_from(["message", "callback_query"]))
    def test_whatever_is_in_a_message_it_can_be_stored(self, body: dict[str, Any], kind: str) -> None:
        update = message(**body) if kind == "message" else pressed(**body)
        result = read(update)
        if isinstance(result, Inbound):
            assert result.address == str(int(result.address))
            for text in (result.text, result.button or "", *result.media):
                assert text.encode().decode() == text

    def test_a_very_deep_update_is_survived(self) -> None:
        deep: Any = {}
        for _ in range(50_000):
            deep = {"reply_to_message": deep}
        assert said(message(text="hi", **deep)).text == "hi"


class TestOffset:
    def test_it_moves_past_what_is_passed_over_too(self) -> None:
        updates = [message(text="hi") | {"update_id": 11}, {"update_id": 12, "poll": {}}, {"update_id": 10}]
        assert next_offset(updates, 9) == 13

    def test_nothing_new_leaves_it(self) -> None:
        assert next_offset([], 9) == 9
        assert next_offset([], None) is None
        assert next_offset([{"message": {}}, None], 9) == 9

    def test_telegram_may_number_afresh(self) -> None:
        assert next_offset([{"update_id": 3}], 900_000) == 4

    def test_the_number_of_an_update(self) -> None:
        assert update_id({"update_id": 0}) == 0
        assert update_id({"update_id": -1}) is None
        assert update_id([]) is None


class TestSecret:
    def test_ours(self) -> None:
        assert secret_ok("s3cret_-", "s3cret_-")

    @pytest.mark.parametrize("header", [None, "", "s3cret", "s3cret_-\n", "é", "\udc80"])
    def test_not_ours(self, header: str | None) -> None:
        assert not secret_ok(header, "s3cret_-")

    def test_no_secret_set_is_never_right(self) -> None:
        assert not secret_ok("", "")
        assert not secret_ok("x", "")
