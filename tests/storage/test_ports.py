"""One contract for the four doors of the desk: the fake in memory, SQLite and PostgreSQL keep it alike."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta

import pytest

from escalation.ports import Recording, Refused, Unconfirmed, Unknown
from tests.storage.store import World

TOKEN = hashlib.sha256(b"a browser").digest()


# the queue


async def test_the_queue_shows_the_highest_tier_first_then_the_nearest_breach(world: World) -> None:
    one, two, three, four = (world.recipient() for _ in range(4))
    late = await world.alert(one, "P2")
    first = await world.alert(two, "P1")
    world.pass_time(seconds=30)
    second = await world.alert(three, "P1")
    top = await world.alert(four, "P0")
    assert [a.ref for a in await world.desk.queue(world.now)] == [top, first, second, late]
    assert [a.ref for a in await world.desk.queue(world.now, 2)] == [top, first]


async def test_an_alert_in_the_queue_tells_no_words_of_hers(world: World) -> None:
    person = world.recipient()
    ref = await world.alert(person)
    (alert,) = await world.desk.queue(world.now)
    assert (alert.ref, alert.person, alert.tier, alert.state) == (ref, person, "P1", "open")
    assert (alert.channel, alert.language, alert.title) == ("sms", "en", "It is P1")
    assert alert.breach_at == world.now + timedelta(minutes=5)
    assert alert.writable_until == world.now + timedelta(days=1)
    assert "her own words" not in repr(alert)


async def test_the_same_key_again_lifts_the_tier_and_never_lowers_it(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    ref = await world.alert(person, "P2")
    world.pass_time(minutes=1)
    assert await world.alert(person, "P0") == ref
    (alert,) = await world.desk.queue(world.now)
    assert (alert.tier, alert.breach_at) == ("P0", world.now + timedelta(minutes=2))
    world.pass_time(seconds=1)
    assert await world.alert(person, "P3") == ref
    assert [a.tier for a in await world.desk.queue(world.now)] == ["P0"]
    await world.desk.claim(ref, ana, world.now)
    case = await world.desk.case(person, ana, "", world.now)
    assert [why.tier for why in case.why[ref]] == ["P2", "P0", "P3"]


async def test_the_title_follows_a_rise(world: World) -> None:
    person = world.recipient()
    await world.alert(person, "P2")
    await world.alert(person, "P0")
    await world.alert(person, "P1")
    assert [a.title for a in await world.desk.queue(world.now)] == ["It is P0"]


async def test_what_an_alert_has_already_is_not_added_again_until_it_is_resolved(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    ref = await world.alert(person, "P1")
    alert = await world.desk.claim(ref, ana, world.now)
    assert await world.alert(person, "P1") == ref
    case = await world.desk.case(person, ana, "", world.now)
    assert [why.tier for why in case.why[ref]] == ["P1"]

    await world.desk.resolve(ref, ana, alert.claim, "spoke_safe", "At her sister's.", world.now)
    again = await world.alert(person, "P1")
    assert again != ref
    assert [(a.ref, a.state) for a in await world.desk.queue(world.now)] == [(again, "open")]


async def test_a_rise_leaves_the_holder_no_more_than_the_new_tiers_lease(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    ref = await world.alert(person, "P2")
    await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=10)
    await world.alert(person, "P0")
    (alert,) = await world.desk.queue(world.now)
    assert (alert.holder, alert.claim_until) == (ana, world.now + timedelta(minutes=15))


async def test_another_key_is_another_alert(world: World) -> None:
    person = world.recipient()
    assert await world.alert(person, "P1", "risk") != await world.alert(person, "P2", "talk")


async def test_an_unknown_ref_is_none_and_cannot_be_claimed(world: World) -> None:
    ana = await world.worker()
    assert await world.desk.alert("ZZZZ", world.now) is None
    with pytest.raises(Unknown):
        await world.desk.claim("ZZZZ", ana, world.now)


async def test_a_ref_is_read_in_any_case(world: World) -> None:
    ref = await world.alert(world.recipient())
    found = await world.desk.alert(ref.lower(), world.now)
    assert found is not None
    assert found.ref == ref


# claims


async def test_a_claim_has_one_winner_and_the_second_is_told_who(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    ref = await world.alert(world.recipient())
    claimed = await world.desk.claim(ref, ana, world.now)
    assert (claimed.state, claimed.holder, claimed.holder_name, claimed.claim) == ("claimed", ana, "Ana", 1)
    assert claimed.claim_until == world.now + timedelta(minutes=15)
    with pytest.raises(Refused, match="Ana") as refused:
        await world.desk.claim(ref, ben, world.now)
    assert refused.value.holder == "Ana"


async def test_two_claims_at_once_have_one_winner(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    ref = await world.alert(world.recipient())
    tries = [world.desk.claim(ref, who, world.now) for who in (ana, ben)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(end, Refused) for end in ends) == 1
    assert sum(getattr(end, "claim", 0) == 1 for end in ends) == 1


async def test_claiming_again_what_one_holds_renews_it_under_the_same_number(world: World) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient())
    await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=10)
    again = await world.desk.claim(ref, ana, world.now)
    assert (again.claim, again.claim_until) == (1, world.now + timedelta(minutes=15))


async def test_a_claim_that_ran_out_can_be_taken_over_under_a_new_number(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    ref = await world.alert(world.recipient())
    old = await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=16)
    found = await world.desk.alert(ref, world.now)
    assert found is not None
    assert (found.state, found.holder) == ("open", "")
    assert (await world.desk.claim(ref, ben, world.now)).claim == 2
    with pytest.raises(Refused, match="Ben"):
        await world.desk.resolve(ref, ana, old.claim, "spoke_safe", "late", world.now)


async def test_a_late_act_under_an_old_number_of_ones_own_is_refused(world: World) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient())
    old = await world.desk.claim(ref, ana, world.now)
    await world.desk.release(ref, ana, old.claim, world.now)
    assert (await world.desk.claim(ref, ana, world.now)).claim == 2
    with pytest.raises(Refused):
        await world.desk.renew(ref, ana, old.claim, world.now)


async def test_what_was_released_waits_again_and_cannot_be_acted_on(world: World) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient())
    held = await world.desk.claim(ref, ana, world.now)
    freed = await world.desk.release(ref, ana, held.claim, world.now)
    assert (freed.state, freed.holder, freed.claim_until) == ("open", "", None)
    with pytest.raises(Refused, match="Nobody"):
        await world.desk.renew(ref, ana, held.claim, world.now)


async def test_renewing_moves_the_end_of_the_claim(world: World) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient())
    held = await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=14)
    await world.desk.renew(ref, ana, held.claim, world.now)
    world.pass_time(minutes=14)
    found = await world.desk.alert(ref, world.now)
    assert found is not None
    assert (found.state, found.holder) == ("claimed", ana)


@pytest.mark.parametrize("tier", ["P0", "P1"])
@pytest.mark.parametrize(("outcome", "note"), [("", ""), ("spoke_safe", ""), ("spoke_safe", "  "), ("", "I called.")])
async def test_p0_and_p1_want_an_outcome_and_a_note(world: World, tier: str, outcome: str, note: str) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient(), tier)
    held = await world.desk.claim(ref, ana, world.now)
    with pytest.raises(Refused, match="outcome and a note"):
        await world.desk.resolve(ref, ana, held.claim, outcome, note, world.now)
    assert len(await world.desk.queue(world.now)) == 1


async def test_a_resolved_alert_leaves_the_queue_and_stays_closed(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    ref = await world.alert(person)
    held = await world.desk.claim(ref, ana, world.now)
    done = await world.desk.resolve(ref, ana, held.claim, "spoke_safe", "At her sister's.", world.now)
    assert (done.state, done.ref) == ("resolved", ref)
    assert await world.desk.queue(world.now) == []
    with pytest.raises(Refused, match="resolved"):
        await world.desk.claim(ref, ana, world.now)
    assert await world.alert(person) != ref, "what happens again is a new alert"


async def test_a_p2_may_be_resolved_without_a_note(world: World) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient(), "P2")
    held = await world.desk.claim(ref, ana, world.now)
    assert (await world.desk.resolve(ref, ana, held.claim, "", "", world.now)).state == "resolved"


async def test_every_act_on_an_alert_is_audited_and_a_refused_one_is_not(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    ref = await world.alert(world.recipient())
    held = await world.desk.claim(ref, ana, world.now)
    with pytest.raises(Refused):
        await world.desk.claim(ref, ben, world.now)
    await world.desk.renew(ref, ana, held.claim, world.now)
    await world.desk.release(ref, ana, held.claim, world.now)
    acts = [row for row in world.audited() if row[1].startswith("alert.")]
    assert acts == [(ana, "alert.claim"), (ana, "alert.renew"), (ana, "alert.release")]


# reading


async def test_reading_a_case_one_holds_is_audited_and_renews_the_claim(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    ref = await world.alert(person)
    await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=10)
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.ref, case.mode, [a.ref for a in case.alerts]) == (person, "closed", [ref])
    assert case.alerts[0].claim_until is not None
    found = await world.desk.alert(ref, world.now)
    assert found is not None
    assert found.claim_until == world.now + timedelta(minutes=15)
    assert world.audited()[-1] == (ana, "case.read")


async def test_another_workers_case_needs_a_reason_and_the_reason_is_kept(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    before = world.audited()
    for reading in (world.desk.case, world.desk.transcript):
        with pytest.raises(Refused, match="reason"):
            await reading(person, ben, "  ", world.now)
    assert world.audited() == before, "nothing was read, nothing is recorded"
    await world.desk.case(person, ben, "Ana fell ill", world.now)
    await world.desk.transcript(person, ben, "Ana fell ill", world.now)
    assert world.audited()[-2:] == [(ben, "case.read.break_glass"), (ben, "transcript.read.break_glass")]


async def test_a_page_that_refreshes_itself_is_one_reading(world: World) -> None:
    ben = await world.worker("Ben")
    person, before = world.recipient(), len(world.audited())
    for minutes in (0, 4, 9, 12):
        await world.desk.case(person, ben, "Ana fell ill", world.now + timedelta(minutes=minutes))
    assert world.audited()[before:] == [(ben, "case.read.break_glass")] * 2
    assert [(one.staff, one.person, one.reason) for one in await world.desk.opened_by_reason()] == [
        (ben, person, "Ana fell ill")
    ] * 2


async def test_another_reason_is_another_reading_and_the_same_one_is_not(world: World) -> None:
    ben = await world.worker("Ben")
    person, before = world.recipient(), len(world.audited())
    for reason in ("Ana fell ill", "Her sister called", " Ana fell ill "):
        await world.desk.case(person, ben, reason, world.now)
    assert world.audited()[before:] == [(ben, "case.read.break_glass")] * 2
    assert [one.reason for one in await world.desk.opened_by_reason()] == ["Her sister called", "Ana fell ill"]


async def test_having_once_resolved_an_alert_of_hers_is_no_leave_to_read_on(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    held = await world.desk.claim(await world.alert(person), ana, world.now)
    await world.desk.resolve(held.ref, ana, held.claim, "spoke_safe", "Done.", world.now)
    with pytest.raises(Refused, match="reason"):
        await world.desk.transcript(person, ana, "", world.now)


async def test_nobody_is_unknown(world: World) -> None:
    ana = await world.worker()
    for reading in (world.desk.case, world.desk.transcript):
        with pytest.raises(Unknown):
            await reading("ZZZZZZ", ana, "a reason", world.now)
    with pytest.raises(Unknown):
        await world.desk.timeline("ZZZZZZ", ana, world.now)


async def test_an_open_case_page_hears_of_a_note(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)

    async def hear() -> None:
        async for word in world.desk.changes():
            if word == person:
                return

    hearing = asyncio.create_task(hear())
    await asyncio.sleep(0)
    await world.desk.note(person, ana, "Evenings only.", world.now)
    await asyncio.wait_for(hearing, 5)


async def test_a_note_stands_on_the_case_and_an_empty_one_is_refused(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.desk.note(person, ana, " Evenings only. ", world.now)
    with pytest.raises(Refused):
        await world.desk.note(person, ana, " ", world.now)
    case = await world.desk.case(person, ana, "", world.now)
    assert [(n.text, n.staff, n.by) for n in case.notes] == [("Evenings only.", ana, "note")]


async def test_the_timeline_holds_no_text_and_is_audited(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    ref = await world.alert(person)
    line = await world.desk.timeline(person, ana, world.now)
    assert [(entry["what"], entry["ref"]) for entry in line] == [("alert", ref)]
    assert "words" not in repr(line)
    assert world.audited()[-1] == (ana, "timeline.read")


# the chat


async def test_only_the_holder_may_join_her_chat(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    world.opens(person)
    with pytest.raises(Refused, match="Claim"):
        await world.chat.join(person, ana)
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.chat.join(person, ana)
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.worker_in, case.mode) == (ana, "worker")
    await world.chat.hand_back(person, ana)
    assert (await world.desk.case(person, ana, "", world.now)).mode == "open"


async def test_a_worker_does_not_open_her_chat(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.chat.join(person, ana)
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.worker_in, case.mode) == ("", "closed")


async def test_a_worker_judges_higher_than_the_rules_and_the_queue_has_it(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    world.assessed(person, "P2")
    await world.chat.judge(person, ana, "t", "P1", " Her voice on the phone. ")
    case = await world.desk.case(person, ana, "to look", world.now)
    (kept,) = case.judgements
    assert (kept.instrument, kept.version, kept.found, kept.tier) == ("t", "1", "P2", "P1")
    assert (kept.reason, kept.staff) == ("Her voice on the phone.", ana)
    assert [a.tier for a in case.assessments] == ["P2"], "what the rules gave stays as it was"
    alert = next(a for a in await world.desk.queue(world.now) if a.person == person)
    assert alert.tier == "P1"
    assert "judged.t" in {rule for why in case.why[alert.ref] for rule in why.rules}
    assert (ana, "case.judge") in world.audited()


async def test_a_worker_judges_lower_only_with_a_reason_and_nothing_closes_by_it(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    world.assessed(person, "P1")
    await world.alert(person, "P1")
    with pytest.raises(Refused, match="needs a reason"):
        await world.chat.judge(person, ana, "t", "P2", "  ")
    await world.chat.judge(person, ana, "t", "P2", "Old answer, talked over today")
    case = await world.desk.case(person, ana, "to look", world.now)
    assert [(j.found, j.tier) for j in case.judgements] == [("P1", "P2")]
    assert [a.tier for a in await world.desk.queue(world.now)] == ["P1"]


async def test_what_cannot_be_judged_is_refused_and_leaves_nothing(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    for instrument, said in (("t", "not been answered"), ("strict", "leaves no room"), ("none", "no such instrument")):
        with pytest.raises(Refused, match=said):
            await world.chat.judge(person, ana, instrument, "P1", "because")
    world.assessed(person, "P2")
    with pytest.raises(Refused, match="P2 already"):
        await world.chat.judge(person, ana, "t", "P2", "because")
    case = await world.desk.case(person, ana, "to look", world.now)
    assert case.judgements == ()
    assert (ana, "case.judge") not in world.audited()


async def test_what_a_worker_records_stands_with_who_and_when_until_it_is_taken_back(world: World) -> None:
    ana, ben = await world.worker(), await world.worker("Ben")
    person, began = world.recipient(), world.now
    await world.chat.record(person, ana, "negotiated_exit", "agreed")
    world.pass_time(minutes=5)
    case = await world.desk.case(person, ana, "to look", world.now)
    assert case.recorded == (Recording(began, "negotiated_exit", "agreed", ana),)
    await world.chat.record(person, ben, "negotiated_exit", "")
    case = await world.desk.case(person, ana, "to look", world.now)
    assert case.recorded == ()
    assert [(one.value, one.staff, one.at) for one in case.recordings] == [
        ("agreed", ana, began),
        ("", ben, began + timedelta(minutes=5)),
    ]
    acts = [row for row in world.audited() if row[1].endswith(".negotiated_exit")]
    assert acts == [(ana, "case.record.negotiated_exit"), (ben, "case.withdraw.negotiated_exit")]


async def test_an_order_takes_the_agreed_exit_away_for_good(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    await world.chat.record(person, ana, "negotiated_exit", "agreed")
    await world.chat.record(person, ana, "no_contact_order", "stands")
    with pytest.raises(Refused, match="no-contact order stands"):
        await world.chat.record(person, ana, "negotiated_exit", "agreed")
    await world.chat.record(person, ana, "no_contact_order", "")
    assert (await world.desk.case(person, ana, "to look", world.now)).recorded == ()


async def test_what_cannot_be_recorded_is_refused_and_leaves_nothing(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    for fact, value, said in (
        ("programme_news", "left", "has not agreed"),
        ("programme_news", "", "nothing to take back"),
        ("negotiated_exit", "left", "nothing like that"),
        ("mood", "low", "nothing like that"),
    ):
        with pytest.raises(Refused, match=said):
            await world.chat.record(person, ana, fact, value)  # type: ignore[arg-type]
    with pytest.raises(Unknown):
        await world.chat.record("ZZZZZZ", ana, "negotiated_exit", "agreed")
    case = await world.desk.case(person, ana, "to look", world.now)
    assert (case.recorded, case.recordings) == ((), ())
    assert not [row for row in world.audited() if row[1].startswith(("case.record", "case.withdraw"))]


async def test_a_double_click_says_it_once(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    world.opens(person)
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.chat.join(person, ana)
    for _ in range(2):
        await world.chat.say(person, ana, "Can you write now?", "form-1")
    await world.chat.say(person, ana, "Can you write now?", "form-2")
    lines = await world.desk.transcript(person, ana, "", world.now)
    assert [line.text for line in lines if line.by == "worker"] == ["Can you write now?"] * 2


async def test_a_link_or_a_number_goes_out_only_when_she_asked_for_it(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    await world.desk.claim(await world.alert(person), ana, world.now)
    world.opens(person)
    await world.chat.join(person, ana)
    for text in ("It is on example.org", "Write to ana@example.org", "Ring 0808 2000 247", "Call 999"):
        with pytest.raises(Unconfirmed, match="asked for it"):
            await world.chat.say(person, ana, text, "n1")
    assert [line.text for line in await world.desk.transcript(person, ana, "", world.now) if line.by == "worker"] == []
    await world.chat.say(person, ana, "Call 999", "n2", confirmed=True)
    (line,) = [line for line in await world.desk.transcript(person, ana, "", world.now) if line.by == "worker"]
    assert line.text == "Call 999"
    assert (ana, "chat.say.asked_for") in world.audited()


async def test_nothing_is_said_into_a_closed_chat_nor_before_joining_nor_empty(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    with pytest.raises(Refused, match="closed"):
        await world.chat.say(person, ana, "Hello", "1")
    world.opens(person)
    with pytest.raises(Refused, match="Join"):
        await world.chat.say(person, ana, "Hello", "2")
    await world.chat.join(person, ana)
    with pytest.raises(Refused, match="empty"):
        await world.chat.say(person, ana, "  ", "3")
    world.leaves(person)
    with pytest.raises(Refused, match="closed"):
        await world.chat.say(person, ana, "Still there?", "4")


# enrolment and erasure


async def test_a_joining_code_works_once(world: World) -> None:
    code = await world.people.invite(await world.worker(), world.now, "es")
    assert not world.joins("ZZZZ-ZZZZ")
    assert world.joins(code.lower().replace("-", " "))
    assert not world.joins(code)


async def test_a_joining_code_runs_out(world: World) -> None:
    code = await world.people.invite(await world.worker(), world.now)
    world.pass_time(days=14, seconds=1)
    assert not world.joins(code)


async def test_who_was_erased_is_nobody_and_the_reason_is_audited(world: World) -> None:
    ana = await world.worker()
    person, other = world.recipient(), world.recipient()
    ref = await world.alert(person)
    await world.alert(other)
    held = await world.desk.claim(ref, ana, world.now)
    receipt = await world.people.erase(person, ana, "She asked.", world.now)
    assert receipt
    assert person not in receipt
    assert await world.desk.alert(ref, world.now) is None
    assert [a.person for a in await world.desk.queue(world.now)] == [other]
    with pytest.raises(Unknown):
        await world.desk.transcript(person, ana, "", world.now)
    with pytest.raises(Unknown):
        await world.desk.resolve(ref, ana, held.claim, "other", "gone", world.now)
    with pytest.raises(Unknown):
        await world.people.erase(person, ana, "again", world.now)
    assert world.audited()[-1] == (ana, "recipient.erase")


# accounts


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
