"""Telegram at a double of the Bot API: what a send carries (SAFETY 9), what a wipe takes away, how updates come in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.base import Broken, Option, TryLater, Unknown
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_setup import Profile
from bot.channels.telegram_update import callback_id, next_offset, read_update
from storage.inbox import Inbound
from tests.channels.conftest import HER_CHAT, YES_NO, chat
from tests.fakes.server import Fault
from tests.fakes.telegram import FakeTelegram

NEUTRAL = Profile("Kitchen table", "Recipes for two.", "Recipes")


def keyboard(telegram: FakeTelegram) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = telegram.sent[-1].params["reply_markup"]["inline_keyboard"]
    return rows


class TestSending:
    async def test_every_message_is_quiet_kept_and_plain(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        """SAFETY 9, on the payload itself: these fields and no others."""
        receipt = await telegram_channel.send(chat("See *this* <b>link</b> https://example.org"))
        (accepted,) = telegram.facts("accepted")
        assert accepted["params"] == {
            "chat_id": HER_CHAT,
            "text": "See *this* <b>link</b> https://example.org",
            "protect_content": True,
            "disable_notification": True,
            "link_preview_options": {"is_disabled": True},
        }
        assert receipt.provider_id == str(accepted["message"])

    async def test_options_are_buttons_with_opaque_tokens(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        question = chat(options=YES_NO)
        await telegram_channel.send(question)
        assert keyboard(telegram) == [
            [{"text": "Yes", "callback_data": "t-yes"}, {"text": "No", "callback_data": "t-no"}]
        ]
        assert telegram.texts_to(HER_CHAT) == [telegram_channel.wording(question)] == ["Are you safe right now?"]

    async def test_long_labels_stand_one_in_a_row(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        options = (Option("a", "I cannot talk right now"), Option("b", "Something else"))
        await telegram_channel.send(chat(options=options))
        assert [len(row) for row in keyboard(telegram)] == [1, 1]

    async def test_many_short_labels_do_too(self, telegram: FakeTelegram, telegram_channel: TelegramChannel) -> None:
        await telegram_channel.send(chat(options=tuple(Option(f"t{n}", str(n)) for n in range(6))))
        assert [len(row) for row in keyboard(telegram)] == [1] * 6

    async def test_a_token_of_64_bytes_fits(self, telegram: FakeTelegram, telegram_channel: TelegramChannel) -> None:
        await telegram_channel.send(chat(options=(Option("é" * 32, "Yes"),)))
        assert telegram.sent[-1].tokens == ["é" * 32]

    @pytest.mark.parametrize("text", ["¿Estás bien? ❌", "هل أنت بأمان؟", "a&b=c%20+d", "{x} %s <b>", "_*[]()~`>#"])
    async def test_every_letter_arrives(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel, text: str
    ) -> None:
        await telegram_channel.send(chat(text))
        assert telegram.texts_to(HER_CHAT) == [text]

    async def test_what_was_sent_cannot_be_asked_for(self, telegram_channel: TelegramChannel) -> None:
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        assert list(await telegram_channel.sent_since(str(HER_CHAT), long_ago)) == []
        assert list(await telegram_channel.inbound_since(long_ago)) == []

    @pytest.mark.parametrize("words", ["Bad Request: message is too long", "Bad Request: something new"])
    async def test_a_refusal_that_plain_text_would_meet_too_is_not_repeated(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel, words: str
    ) -> None:
        telegram.fail(Fault.status(400, words=words))
        with pytest.raises(Broken):
            await telegram_channel.send(chat(options=YES_NO))
        assert telegram.facts("accepted") == []


class TestButtons:
    async def pressing(self, telegram: FakeTelegram, channel: TelegramChannel) -> str:
        await channel.send(chat(options=YES_NO))
        telegram.press(HER_CHAT, "t-yes")
        query = callback_id((await channel.poll(None, 0))[-1])
        assert query is not None
        return query

    async def test_a_press_is_answered(self, telegram: FakeTelegram, telegram_channel: TelegramChannel) -> None:
        query = await self.pressing(telegram, telegram_channel)
        await telegram_channel.answer_callback(query)
        assert telegram.answered == [query]

    async def test_a_press_can_be_answered_along_with_the_next_message(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        query = await self.pressing(telegram, telegram_channel)
        await telegram_channel.send(chat("Thank you.", reply_to_callback=query))
        assert telegram.answered == [query]

    async def test_an_old_press_is_harmless(self, telegram: FakeTelegram, telegram_channel: TelegramChannel) -> None:
        query = await self.pressing(telegram, telegram_channel)
        telegram.clock_ahead = timedelta(minutes=5)
        await telegram_channel.answer_callback(query)
        assert telegram.answered == []

    async def test_other_trouble_is_told(self, telegram: FakeTelegram, telegram_channel: TelegramChannel) -> None:
        telegram.fail(Fault.status(401), on="answercallbackquery")
        with pytest.raises(Broken):
            await telegram_channel.answer_callback("q")

    @pytest.mark.parametrize("fault", [Fault.status(503), Fault.reset_before(), Fault.status(401)])
    async def test_a_message_that_went_is_not_failed_by_its_button(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel, fault: Fault
    ) -> None:
        """Else it would be sent a second time."""
        telegram.fail(fault, on="answercallbackquery")
        await telegram_channel.send(chat("Thank you.", reply_to_callback="q"))
        assert telegram.texts_to(HER_CHAT) == ["Thank you."]


class TestWiping:
    async def talk(self, telegram: FakeTelegram, channel: TelegramChannel, turns: int) -> list[str]:
        """Both sides' message ids of a session."""
        for turn in range(turns):
            telegram.say(HER_CHAT, f"her {turn}")
            await channel.send(chat(f"us {turn}"))
        return [str(number) for number, item in telegram.items.items() if item.chat == HER_CHAT]

    async def test_both_sides_go_in_one_call(self, telegram: FakeTelegram, telegram_channel: TelegramChannel) -> None:
        ids = await self.talk(telegram, telegram_channel, 3)
        assert await telegram_channel.wipe(str(HER_CHAT), ids) == ()
        assert telegram.screen(HER_CHAT) == []
        assert len(telegram.facts("deleted")) == 1

    async def test_a_hundred_at_a_time(self, telegram: FakeTelegram, telegram_channel: TelegramChannel) -> None:
        for n in range(249):
            telegram.say(HER_CHAT, f"her {n}")
        assert await telegram_channel.wipe(str(HER_CHAT), [str(number) for number in telegram.items]) == ()
        assert [len(fact["messages"]) for fact in telegram.facts("deleted")] == [100, 100, 50]

    async def test_just_under_48_hours_all_goes_after_it_what_is_left_is_told(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        old = await self.talk(telegram, telegram_channel, 2)
        telegram.clock_ahead = timedelta(hours=47, minutes=59)
        young = [number for number in await self.talk(telegram, telegram_channel, 1) if number not in old]
        telegram.clock_ahead = timedelta(hours=48, minutes=1)
        kept = await telegram_channel.wipe(str(HER_CHAT), [*old, *young])
        assert list(kept) == old
        assert telegram.screen(HER_CHAT) == [telegram.items[int(number)].text for number in old]

    async def test_at_47_59_nothing_is_left(self, telegram: FakeTelegram, telegram_channel: TelegramChannel) -> None:
        ids = await self.talk(telegram, telegram_channel, 2)
        telegram.clock_ahead = timedelta(hours=47, minutes=59)
        assert await telegram_channel.wipe(str(HER_CHAT), ids) == ()
        assert telegram.screen(HER_CHAT) == []

    async def test_what_is_gone_already_is_not_a_failure(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        ids = await self.talk(telegram, telegram_channel, 1)
        telegram.clock_ahead = timedelta(hours=49)
        fresh = [number for number in await self.talk(telegram, telegram_channel, 1) if number not in ids]
        await telegram_channel.wipe(str(HER_CHAT), fresh[:1])
        assert list(await telegram_channel.wipe(str(HER_CHAT), [*ids, *fresh, "999999"])) == ids

    async def test_ids_that_are_none_are_told_and_the_rest_goes(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        ids = await self.talk(telegram, telegram_channel, 1)
        assert await telegram_channel.wipe(str(HER_CHAT), ["SM12", *ids, ids[0]]) == ("SM12",)
        assert telegram.screen(HER_CHAT) == []

    async def test_nothing_to_wipe_asks_nothing(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        assert await telegram_channel.wipe(str(HER_CHAT), []) == ()
        assert telegram.facts("deleted") == []

    async def test_a_blocked_chat_keeps_everything(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        ids = await self.talk(telegram, telegram_channel, 1)
        telegram.fail(Fault.status(403, words="Forbidden: bot was blocked by the user"), on="deletemessages")
        assert list(await telegram_channel.wipe(str(HER_CHAT), ids)) == ids

    @pytest.mark.parametrize(
        ("fault", "failure"), [(Fault.status(429, retry_after=1), TryLater), (Fault.reset_after(), Unknown)]
    )
    async def test_trouble_on_the_way_is_told_and_the_whole_list_can_be_given_again(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel, fault: Fault, failure: type[Exception]
    ) -> None:
        ids = await self.talk(telegram, telegram_channel, 1)
        telegram.fail(fault, on="deletemessages")
        with pytest.raises(failure):
            await telegram_channel.wipe(str(HER_CHAT), ids)
        assert await telegram_channel.wipe(str(HER_CHAT), ids) == ()
        assert telegram.screen(HER_CHAT) == []


class TestPolling:
    async def test_an_update_comes_again_until_a_later_offset_acknowledges_it(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        """A crash between reading and committing loses nothing."""
        first = await telegram_channel.poll(None, 0)
        again = await telegram_channel.poll(None, 0)
        assert first == again
        assert telegram.waiting == 1
        offset = next_offset(first, None)
        assert await telegram_channel.poll(offset, 0) == []
        assert telegram.waiting == 0

    async def test_a_waiting_poll_returns_as_soon_as_she_writes(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        offset = next_offset(await telegram_channel.poll(None, 0), None)
        waiting = asyncio.create_task(telegram_channel.poll(offset, 30))
        await asyncio.to_thread(telegram.until, lambda: telegram.facts("polling"))
        telegram.say(HER_CHAT, "sunflower")
        (update,) = await waiting
        inbound = read_update(update, datetime.now(UTC))
        assert isinstance(inbound, Inbound)
        assert (inbound.text, inbound.address) == ("sunflower", str(HER_CHAT))

    async def test_a_long_poll_may_take_longer_than_any_other_call(self, telegram: FakeTelegram) -> None:
        channel = TelegramChannel(telegram.token, base_url=telegram.url, deadline=0.2)
        offset = next_offset(await channel.poll(None, 0), None)
        assert await channel.poll(offset, 1) == []
        await channel.close()

    async def test_what_she_sees_is_what_is_read(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        """Her own message's id on the phone is the one that wipes it."""
        (update,) = await telegram_channel.poll(None, 0)
        inbound = read_update(update, datetime.now(UTC))
        assert isinstance(inbound, Inbound)
        assert inbound.phone_message is not None
        await telegram_channel.wipe(inbound.address, [inbound.phone_message])
        assert telegram.screen(HER_CHAT) == []

    async def test_a_second_poller_is_an_operator_s_matter(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        offset = next_offset(await telegram_channel.poll(None, 0), None)
        other = TelegramChannel(telegram.token, base_url=telegram.url)
        waiting = asyncio.create_task(telegram_channel.poll(offset, 30))
        await asyncio.to_thread(telegram.until, lambda: telegram.facts("polling"))
        await other.poll(offset, 0)
        with pytest.raises(Broken, match="409"):
            await waiting
        await other.close()

    async def test_a_webhook_and_polling_at_once_is_one_too(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        await telegram_channel.use_webhook("http://127.0.0.1:9/channels/telegram", "s3cret")
        assert telegram.webhook["secret_token"] == "s3cret"
        with pytest.raises(Broken, match="409"):
            await telegram_channel.poll(None, 0)
        await telegram_channel.use_polling()
        assert len(await telegram_channel.poll(None, 0)) == 1

    @pytest.mark.parametrize("fault", [Fault.html(), Fault.truncated(), Fault.reset_after()])
    async def test_an_unreadable_answer_moves_nothing(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel, fault: Fault
    ) -> None:
        telegram.fail(fault, on="getupdates")
        with pytest.raises(Unknown):
            await telegram_channel.poll(None, 0)
        assert len(await telegram_channel.poll(None, 0)) == 1

    async def test_kinds_that_are_not_ours_are_not_even_asked_for(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        offset = next_offset(await telegram_channel.poll(None, 0), None)
        telegram.push({"poll": {"id": "1"}})
        telegram.block(HER_CHAT)
        (update,) = await telegram_channel.poll(offset, 0)
        assert "my_chat_member" in update


class TestPublicFace:
    async def test_setup_makes_it_neutral_and_empties_the_menu(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        telegram.commands = {"default": [{"command": "help", "description": "Get help"}]}
        telegram.commands["all_private_chats"] = [{"command": "exit", "description": "Leave"}]
        wrong = {(one.field, one.found) for one in await telegram_channel.check_setup(NEUTRAL)}
        assert wrong == {
            ("name", "Rowan bot"),
            ("description", ""),
            ("short_description", ""),
            ("commands", "/help"),
            ("private_commands", "/exit"),
        }
        assert await telegram_channel.setup(NEUTRAL) == ()
        assert telegram.profile == {
            "name": "Kitchen table",
            "description": "Recipes for two.",
            "short_description": "Recipes",
        }
        assert telegram.commands == {"default": [], "all_private_chats": []}

    async def test_each_language_has_its_own_name_and_no_commands(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        telegram.commands = {"all_group_chats:es": [{"command": "ayuda", "description": "Ayuda"}]}
        telegram.profile["description:cy"] = "Help for women"
        telegram.menu = "web_app"
        profile = replace(NEUTRAL, languages={"es": "Recetas de casa", "cy": "Kitchen table"})
        wrong = {(one.field, one.language) for one in await telegram_channel.check_setup(profile)}
        assert {("name", "es"), ("description", "cy"), ("group_commands", "es"), ("menu", "")} <= wrong
        assert await telegram_channel.setup(profile) == ()
        assert telegram.profile["name:es"] == telegram.profile["short_description:es"] == "Recetas de casa"
        assert telegram.profile["description:cy"] == "Kitchen table"
        assert telegram.commands == {"all_group_chats:es": []}
        assert telegram.menu == "default"

    async def test_a_name_that_may_not_be_changed_again_today_holds_up_nothing_else(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        telegram.fail(Fault.status(429, retry_after=40_000), on="setmyname")
        (left,) = await telegram_channel.setup(NEUTRAL)
        assert str(left) == "name is 'Rowan bot', not 'Kitchen table'"
        assert telegram.profile["description"] == "Recipes for two."

    async def test_it_leaves_a_group_and_one_that_it_is_not_in_is_fine(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        await telegram_channel.leave("-100123")
        assert [fact["chat"] for fact in telegram.facts("left")] == [-100123]
        telegram.fail(Fault.status(403, words="Forbidden: bot is not a member of the group chat"), on="leavechat")
        await telegram_channel.leave("-100123")

    async def test_what_is_right_is_not_written_again(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        """Telegram lets a name change only a few times a day."""
        await telegram_channel.setup(NEUTRAL)
        written = len(telegram.facts("profile"))
        await telegram_channel.setup(NEUTRAL)
        assert len(telegram.facts("profile")) == written

    async def test_groups_can_only_be_shut_by_the_bot_s_owner(
        self, telegram: FakeTelegram, telegram_channel: TelegramChannel
    ) -> None:
        telegram.joins_groups = True
        (left,) = await telegram_channel.setup(NEUTRAL)
        assert (left.field, left.wanted, left.found) == ("groups", "no", "yes")

    async def test_trouble_is_told(self, telegram: FakeTelegram, telegram_channel: TelegramChannel) -> None:
        telegram.fail(Fault.status(401), on="getmyname")
        with pytest.raises(Broken, match="401"):
            await telegram_channel.check_setup(NEUTRAL)


async def test_the_base_url_may_be_given_as_the_library_takes_it(telegram: FakeTelegram) -> None:
    channel = TelegramChannel(telegram.token, base_url=f"{telegram.url}/bot")
    await channel.send(chat("hi"))
    assert telegram.texts_to(HER_CHAT) == ["hi"]
    await channel.close()
