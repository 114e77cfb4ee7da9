"""Another role, another sign-in, and who cannot be taken away: the fake, SQLite and PostgreSQL alike."""

from __future__ import annotations

import pytest

from escalation.console.sessions import token_hash
from escalation.ports import Refused
from tests.storage.store import World


async def test_another_role_lets_go_of_what_is_held_and_signs_out(world: World) -> None:
    olga, ana = await world.worker("Olga", "administrator"), await world.worker("Ana")
    person = world.recipient()
    await world.access.assign(
        person, ana, "key_worker", await world.worker("Ruth", "supervisor"), world.now, "Referred"
    )
    await world.accounts.duty(ana, "on_call", world.now)
    ref = await world.alert(person)
    await world.desk.claim(ref, ana, world.now)
    await world.accounts.begin(ana, token_hash("a browser"), "csrf", world.now)
    await world.accounts.change_role(ana, "editor", olga, world.now)
    alert = await world.desk.alert(ref, world.now)
    assert alert is not None
    assert (alert.state, alert.next_page_at) == ("open", world.now), "the next is paged at once"
    assert await world.accounts.session(token_hash("a browser"), world.now) is None
    assert await world.access.own(ana, world.now) == []
    (now,) = [one for one in await world.accounts.staff() if one.id == ana]
    assert (now.role, now.duty) == ("editor", "off")
    assert world.audited()[-2:] == [(olga, "alert.release"), (olga, "staff.role.editor")]
    with pytest.raises(Refused):
        await world.desk.case(person, ana, "I know her", world.now)


async def test_nobody_changes_their_own_role_or_makes_their_own_sign_in_anew(world: World) -> None:
    olga, omar = await world.worker("Olga", "administrator"), await world.worker("Omar", "administrator")
    with pytest.raises(Refused, match="their own role"):
        await world.accounts.change_role(olga, "supervisor", olga, world.now)
    with pytest.raises(Refused, match="their own sign-in"):
        await world.accounts.new_sign_in(olga, "argon2id", b"s" * 20, olga, world.now)
    await world.accounts.new_sign_in(olga, "argon2id of another", b"s" * 20, omar, world.now)


@pytest.mark.parametrize("role", ["supervisor", "administrator"])
async def test_the_last_of_a_role_that_keeps_the_others_stays(world: World, role: str) -> None:
    olga = await world.worker("Olga", "administrator")
    by = olga if role == "supervisor" else await world.worker("Ruth", "supervisor")
    one = await world.worker("One", role) if role == "supervisor" else olga
    for act in (
        world.accounts.deactivate(one, by, world.now),
        world.accounts.change_role(one, "worker", by, world.now),
    ):
        with pytest.raises(Refused, match="They are the only"):
            await act
    await world.worker("Two", role)
    await world.accounts.change_role(one, "worker", by, world.now)


async def test_a_new_sign_in_ends_the_old_one(world: World) -> None:
    olga, ana = await world.worker("Olga", "administrator"), await world.worker("Ana")
    await world.accounts.begin(ana, token_hash("a browser"), "csrf", world.now)
    await world.accounts.new_sign_in(ana, "argon2id of another", b"another seed, 20 byt", olga, world.now)
    assert await world.accounts.session(token_hash("a browser"), world.now) is None
    account = await world.accounts.account("ana")
    assert account is not None
    assert (account.password, account.totp, account.staff.totp) == (
        "argon2id of another",
        b"another seed, 20 byt",
        True,
    )
    assert world.audited()[-1] == (olga, "staff.sign_in.new")


async def test_ones_own_password_ends_every_browser_and_leaves_the_authenticator(world: World) -> None:
    ana = await world.accounts.add("ana", "Ana", "worker", "argon2id", b"s" * 20, world.now)
    assert await world.accounts.totp_used(ana.id, 7)
    for browser in ("one", "another"):
        await world.accounts.begin(ana.id, token_hash(browser), "csrf", world.now)
    await world.accounts.new_password(ana.id, ana.version, "argon2id of another", world.now)
    for browser in ("one", "another"):
        assert await world.accounts.session(token_hash(browser), world.now) is None
    account = await world.accounts.account("ana")
    assert account is not None
    assert (account.password, account.totp, account.last_step) == ("argon2id of another", b"s" * 20, 7)
    assert world.audited()[-1] == (ana.id, "staff.password")


@pytest.mark.parametrize("meanwhile", ["a new sign-in", "taken off", "changed before"])
async def test_who_knew_the_old_password_changes_nothing_that_is_newer(world: World, meanwhile: str) -> None:
    olga = await world.worker("Olga", "administrator")
    ana = await world.accounts.add("ana", "Ana", "worker", "argon2id", b"s" * 20, world.now)
    if meanwhile == "a new sign-in":
        await world.accounts.new_sign_in(ana.id, "argon2id newer", b"t" * 20, olga, world.now)
    elif meanwhile == "taken off":
        await world.accounts.deactivate(ana.id, olga, world.now)
    else:
        await world.accounts.new_password(ana.id, ana.version, "argon2id newer", world.now)
    audited = world.audited()
    with pytest.raises(Refused, match="meanwhile"):
        await world.accounts.new_password(ana.id, ana.version, "argon2id of a thief", world.now)
    account = await world.accounts.account("ana")
    assert account is not None
    assert account.password == ("argon2id" if meanwhile == "taken off" else "argon2id newer")
    assert world.audited() == audited


async def test_an_account_is_made_in_the_name_of_who_makes_it(world: World) -> None:
    olga = await world.worker("Olga", "administrator")
    made = await world.accounts.add("noor", "Noor", "partner_support", "argon2id", None, world.now, olga)
    assert (made.role, made.duty, made.active) == ("partner_support", "off", True)
    assert world.audited()[-1] == (olga, "staff.add")
    with pytest.raises(Refused, match="taken"):
        await world.accounts.add("Noor", "Noor", "worker", "argon2id", None, world.now, olga)
