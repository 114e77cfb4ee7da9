"""Staff, their browsers, their tokens and the throttle: the fake in memory, SQLite and PostgreSQL keep it alike."""

from __future__ import annotations

import hashlib

import pytest

from escalation.ports import Refused, Unknown
from tests.storage.store import World

TOKEN = hashlib.sha256(b"a browser").digest()


async def test_an_account_is_found_by_username_in_any_case_and_taken_once(world: World) -> None:
    seed = bytes(range(20))
    made = await world.accounts.add("Ana", "Ana", "worker", "argon2id", seed, world.now)
    account = await world.accounts.account(" ANA ")
    assert account is not None
    assert (account.staff.id, account.password, account.totp, account.last_step) == (made.id, "argon2id", seed, 0)
    assert account.staff.totp
    assert await world.accounts.account("ben") is None
    with pytest.raises(Refused, match="taken"):
        await world.accounts.add("ana", "Another", "worker", "x", None, world.now)


async def test_a_code_of_the_authenticator_works_once_and_never_an_older_one(world: World) -> None:
    ana = await world.worker()
    assert await world.accounts.totp_used(ana, 100)
    assert not await world.accounts.totp_used(ana, 100)
    assert not await world.accounts.totp_used(ana, 99)
    assert await world.accounts.totp_used(ana, 101)


async def test_a_browser_signs_itself_out_after_fifteen_idle_minutes(world: World) -> None:
    ana = await world.worker()
    await world.accounts.begin(ana, TOKEN, "csrf", world.now)
    for _ in range(3):
        world.pass_time(minutes=14)
        session = await world.accounts.session(TOKEN, world.now)
        assert session is not None
        assert (session.staff.id, session.csrf) == (ana, "csrf")
    world.pass_time(minutes=15, seconds=1)
    assert await world.accounts.session(TOKEN, world.now) is None


async def test_a_page_that_updates_itself_keeps_nobody_signed_in(world: World) -> None:
    ana = await world.worker()
    await world.accounts.begin(ana, TOKEN, "csrf", world.now)
    for _ in range(15):
        world.pass_time(minutes=1)
        assert await world.accounts.session(TOKEN, world.now, touch=False)
    world.pass_time(seconds=1)
    assert await world.accounts.session(TOKEN, world.now, touch=False) is None


async def test_a_browser_is_signed_out_after_twelve_hours_however_busy(world: World) -> None:
    ana = await world.worker()
    await world.accounts.begin(ana, TOKEN, "csrf", world.now)
    for _ in range(72):
        world.pass_time(minutes=10)
        assert await world.accounts.session(TOKEN, world.now)
    world.pass_time(seconds=1)
    assert await world.accounts.session(TOKEN, world.now) is None


async def test_an_ended_session_and_an_unknown_one_are_nobodys(world: World) -> None:
    ana = await world.worker()
    await world.accounts.begin(ana, TOKEN, "csrf", world.now)
    await world.accounts.end(TOKEN, world.now)
    assert await world.accounts.session(TOKEN, world.now) is None
    assert await world.accounts.session(bytes(32), world.now) is None


async def test_a_bearer_token_stands_for_its_member_of_staff(world: World) -> None:
    ana = await world.worker()
    token = await world.accounts.new_token(ana, "dashboard", world.now)
    found = await world.accounts.token(token, world.now)
    assert found is not None
    assert found.id == ana
    assert await world.accounts.token(token + "x", world.now) is None


async def test_the_throttle_lets_so_many_through_and_leaks(world: World) -> None:
    async def tries(key: str) -> bool:
        return await world.accounts.allow("sign-in", key, world.now, 3, 60)

    assert [await tries("ana") for _ in range(4)] == [True, True, True, False]
    assert await tries("ben"), "another key has its own bucket"
    world.pass_time(seconds=20)
    assert [await tries("ana"), await tries("ana")] == [True, False]
    world.pass_time(seconds=60)
    assert [await tries("ana") for _ in range(4)] == [True, True, True, False]


async def test_duty_is_set_shown_and_audited(world: World) -> None:
    ana = await world.worker()
    await world.accounts.duty(ana, "on_call", world.now)
    assert [(s.id, s.duty) for s in await world.accounts.staff()] == [(ana, "on_call")]
    assert world.audited()[-1] == (ana, "duty.on_call")
    with pytest.raises(Unknown):
        await world.accounts.duty("nobody", "off", world.now)


async def test_what_somebody_has_is_seen_and_taken_piece_by_piece_under_the_name_of_who_did_it(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    world.paged_at(ana, "+447700900201")
    kept = await world.accounts.new_token(ana, "case system", world.now)
    lost = await world.accounts.new_token(ana, "old laptop", world.now)
    await world.accounts.begin(ana, TOKEN, "csrf", world.now)
    has = await world.accounts.belongings(ana)
    assert [(phone.channel, phone.ends, phone.open) for phone in has.phones] == [("sms", "201", True)]
    assert ({token.label for token in has.tokens}, has.browsers) == ({"case system", "old laptop"}, 1)

    old = next(token for token in has.tokens if token.label == "old laptop")
    await world.accounts.revoke(ana, old.id, ruth, world.now)
    assert await world.accounts.token(lost, world.now) is None
    assert await world.accounts.token(kept, world.now) is not None
    with pytest.raises(Unknown):
        await world.accounts.revoke(ana, old.id, ruth, world.now)
    await world.accounts.remove_phone(ana, has.phones[0].id, ruth, world.now)
    with pytest.raises(Unknown):
        await world.accounts.remove_phone(ana, has.phones[0].id, ruth, world.now)
    await world.accounts.end_sessions(ana, ruth, world.now)
    assert await world.accounts.session(TOKEN, world.now) is None

    left = await world.accounts.belongings(ana)
    assert (left.phones, [token.label for token in left.tokens], left.browsers) == ((), ["case system"], 0)
    done = [action for actor, action in world.audited() if actor == ruth and action != "staff.add"]
    assert done == ["token.revoke", "phone.remove", "session.end_all"]


async def test_who_is_taken_off_can_do_nothing_and_what_they_held_waits_again(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    world.paged_at(ana, "+447700900201")
    await world.accounts.duty(ana, "on_call", world.now)
    token = await world.accounts.new_token(ana, "case system", world.now)
    await world.accounts.begin(ana, TOKEN, "csrf", world.now)
    person = world.recipient()
    world.opens(person)
    held = await world.desk.claim(await world.alert(person), ana, world.now)
    await world.chat.join(person, ana)

    await world.accounts.deactivate(ana, ruth, world.now)
    world.pass_time(seconds=1)

    assert await world.accounts.token(token, world.now) is None
    assert await world.accounts.session(TOKEN, world.now) is None
    gone = next(one for one in await world.accounts.staff() if one.id == ana)
    assert (gone.active, gone.duty) == (False, "off")
    assert (await world.accounts.belongings(ana)).phones == ()
    free = await world.desk.alert(held.ref, world.now)
    assert free is not None
    assert (free.state, free.holder) == ("open", "")
    await world.desk.claim(held.ref, ruth, world.now)
    assert (await world.desk.case(person, ruth, "", world.now)).worker_in == ""
    assert (ruth, "staff.deactivate") in world.audited()
    with pytest.raises(Refused, match="off already"):
        await world.accounts.deactivate(ana, ruth, world.now)
    with pytest.raises(Refused, match="themselves"):
        await world.accounts.deactivate(ruth, ruth, world.now)


async def test_the_language_that_somebody_chose_is_theirs_on_every_browser(world: World) -> None:
    ana, ben = await world.worker(), await world.worker("ben")
    await world.accounts.begin(ana, TOKEN, "csrf", world.now)
    await world.accounts.reads(ana, "cy")
    session, account = await world.accounts.session(TOKEN, world.now), await world.accounts.account("ana")
    assert session is not None
    assert account is not None
    assert (session.staff.language, account.staff.language) == ("cy", "cy")
    assert {person.id: person.language for person in await world.accounts.staff()} == {ana: "cy", ben: ""}
    with pytest.raises(Unknown):
        await world.accounts.reads("nobody", "cy")
