"""The case page: safe contact first, what may be done, why, and every reading recorded."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from escalation.ports import Alert, Line
from storage.memory import Audited
from tests.console.conftest import Visitor
from tests.console.examples import HER, NOW, House, an_alert

REASON = "Sam went off shift without handing over"


async def test_before_anything_else_it_says_whether_and_how_it_is_safe_to_write(claimed: Visitor) -> None:
    page = (await claimed.get("/cases/P-K2A")).text
    banner = page.index('class="banner')
    assert banner < page.index('id="acts"') < page.index('id="why"') < page.index('id="plan"')
    for fact in (
        "Safe to write until 22:00 her time.",
        "It is 21:40 for her (Europe/Madrid).",
        "Telegram. Do not call, leave no voicemail.",
        "Spanish",
        "Shared with somebody",
        "Her older son",
        "The name of her first school",
    ):
        assert fact in page[banner:]


async def test_under_duress_it_says_to_assume_the_aggressor_is_reading(claimed: Visitor, house: House) -> None:
    house.her.verify_first = True
    page = (await claimed.get("/cases/P-K2A")).text
    assert page.index("Assume the aggressor is reading.") < page.index("Safe to write until")
    assert 'id="verified"' in page
    await claimed.post("/cases/P-K2A/verified")
    assert "Assume the aggressor" not in (await claimed.get("/cases/P-K2A")).text


async def test_why_it_rose_is_told_in_sentences_and_rules_but_not_in_her_words(claimed: Visitor) -> None:
    page = (await claimed.get("/cases/P-K2A")).text
    assert "Fear 9 of 10, up from 4" in page
    assert "<code>fear.high</code>" in page
    assert "New since last time: a threat to kill" in page
    assert "me mata" not in page


async def test_her_words_are_opened_by_a_button_and_the_opening_is_recorded(claimed: Visitor, house: House) -> None:
    await claimed.get("/cases/P-K2A")
    assert Audited("s1", "transcript.read", HER, NOW) not in house.memory.audit
    page = (await claimed.post("/cases/P-K2A/transcript")).text
    assert "9 dice que me mata si me voy" in page
    assert '<q dir="auto" lang="es">dice que me mata si me voy</q>' in page
    assert Audited("s1", "transcript.read", HER, NOW) in house.memory.audit


async def test_a_conversation_tells_who_said_what_when_and_whether_it_arrived(claimed: Visitor, house: House) -> None:
    house.her.lines.append(Line(NOW, "worker", "Estoy aquí", staff="s2", state="dead"))
    page = (await claimed.post("/cases/P-K2A/transcript")).text
    assert re.search(r'class="line worker".*?Estoy aquí.*?Inés Duarte.*?not delivered', page, re.DOTALL)
    assert "threat.kill</mark>" in page
    talk = page[page.index('class="talk"') :]
    assert talk.index("Thu 19 Nov") < talk.index("Fri 20 Nov")


async def test_what_happened_stands_between_the_lines_in_words(claimed: Visitor, house: House) -> None:
    house.her.lines = [Line(NOW, "note", "worker_joined", staff="s2"), Line(NOW, "note", "exit")]
    page = (await claimed.post("/cases/P-K2A/transcript")).text
    assert re.search(r"In the chat: <span[^>]*>Inés Duarte</span>", page)
    assert "She left at once, by her quick exit" in page


async def test_text_of_hers_is_isolated_and_its_language_named(claimed: Visitor, house: House) -> None:
    house.her.lines = [Line(NOW, "her", "لا أستطيع الكلام")]
    page = (await claimed.post("/cases/P-K2A/transcript")).text
    assert '<p class="said" dir="auto" lang="es">لا أستطيع الكلام</p>' in page


async def test_a_case_that_is_not_yours_wants_a_reason(sam: Visitor, house: House) -> None:
    answer = await sam.get("/cases/P-K2A")
    assert answer.status_code == 403
    assert "This case is not yours" in answer.text
    assert "the supervisor is told" in answer.text
    assert "Madrid" not in answer.text
    assert house.memory.audit == []


async def test_with_a_reason_it_opens_and_the_reason_is_recorded(sam: Visitor, house: House) -> None:
    answer = await sam.post("/cases/P-K2A", reason=REASON)
    assert answer.status_code == 200
    assert "You opened this case with a reason" in answer.text
    assert house.memory.audit == [Audited("s1", "case.read.break_glass", HER, NOW, REASON)]


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
async def test_an_empty_reason_is_none(reason: str, sam: Visitor, house: House) -> None:
    assert (await sam.post("/cases/P-K2A", reason=reason)).status_code == 422
    assert house.memory.audit == []


async def test_the_reason_goes_on_with_the_page_and_never_into_an_address(sam: Visitor, house: House) -> None:
    page = (await sam.post("/cases/P-K2A", reason=REASON)).text
    assert f'name="reason" value="{REASON}"' in page
    assert not re.search(r'(?:href|action)="[^"]*(?:reason|off)', page)
    await sam.post("/cases/P-K2A/transcript", reason=REASON)
    assert Audited("s1", "transcript.read.break_glass", HER, NOW, REASON) in house.memory.audit


async def test_without_the_reason_the_conversation_stays_shut(sam: Visitor, house: House) -> None:
    answer = await sam.post("/cases/P-K2A/transcript")
    assert answer.status_code == 403
    assert house.memory.audit == []


@pytest.mark.parametrize("act", ["", "/transcript", "/notes", "/chat", "/live"])
async def test_nobody_of_that_reference(act: str, sam: Visitor) -> None:
    answer = await sam.post(f"/cases/P-NONE{act}", reason="why not", note="n")
    assert answer.status_code == 404


async def test_an_alert_that_does_not_exist(sam: Visitor) -> None:
    for act in ("claim", "release", "renew", "resolve"):
        assert (await sam.post(f"/alerts/NONE/{act}", claim="1")).status_code == 404


async def test_the_plan_is_shown_with_its_state_what_matters_first(claimed: Visitor) -> None:
    page = (await claimed.get("/cases/P-K2A")).text
    plan = page[page.index('id="plan"') :]
    assert plan.index("Collect") < plan.index("Children out") < plan.index("Keys and papers") < plan.index("Pets")
    assert "Mi hermana Ana, con el coche" in plan
    assert "You keep it, not in the chat" in plan


async def test_a_note_is_kept_and_shown_with_its_author(claimed: Visitor) -> None:
    answer = await claimed.post("/cases/P-K2A/notes", note="Called the school.\r\nThey wait.")
    assert answer.headers["location"] == "/console/cases/P-K2A?notice=noted"
    page = (await claimed.client.get(answer.headers["location"])).text
    assert "Called the school.\nThey wait." in page
    assert "The note is kept." in page


@pytest.mark.parametrize("note", ["", "  ", "x" * 4001])
async def test_a_note_has_a_length(note: str, claimed: Visitor, house: House) -> None:
    before = list(house.her.notes)
    assert (await claimed.post("/cases/P-K2A/notes", note=note)).status_code == 422
    assert house.her.notes == before


async def test_resolving_wants_an_outcome_and_for_a_p1_a_note(claimed: Visitor, house: House) -> None:
    without = await claimed.post("/alerts/K2A/resolve", claim="1", closing="She is at her sister's")
    assert without.status_code == 422
    assert "Choose what came of it." in without.text
    assert "She is at her sister&#39;s</textarea>" in without.text
    bare = await claimed.post("/alerts/K2A/resolve", claim="1", outcome="spoke_safe")
    assert bare.status_code == 409
    assert "A P1 needs an outcome and a note on what was done." in bare.text
    assert re.search(r'value="spoke_safe" required checked', bare.text)
    done = await claimed.post("/alerts/K2A/resolve", claim="1", outcome="spoke_safe", closing="At her sister's")
    assert done.headers["location"] == "/console/queue?notice=closing"
    assert ("spoke_safe", "K2A", "At her sister's") in [
        (line.message, line.state, line.text) for line in house.her.notes
    ]


@pytest.mark.parametrize("act", ["release", "renew", "resolve"])
async def test_an_act_under_an_old_claim_is_refused_and_says_who_has_it(
    act: str, claimed: Visitor, ines: Visitor, house: House
) -> None:
    """Sam's claim ran out while he was away, and Inés took over."""
    await claimed.get("/queue")
    house.clock.forward(minutes=14)
    await claimed.get("/queue")
    await ines.get("/queue")
    house.clock.forward(minutes=2)
    await ines.post("/alerts/K2A/claim")
    answer = await claimed.post(f"/alerts/K2A/{act}", claim="1", outcome="spoke_safe", closing="done", reason=REASON)
    assert answer.status_code == 409
    assert "Inés Duarte holds it now." in answer.text
    assert house.memory.alerts["K2A"].holder == "s2"


async def test_releasing_puts_it_back_in_the_queue(claimed: Visitor, house: House) -> None:
    answer = await claimed.post("/alerts/K2A/release", claim="1")
    assert answer.headers["location"] == "/console/queue?notice=released"
    assert house.memory.alerts["K2A"].state == "open"


@pytest.mark.parametrize("number", ["", "x", "-1", "1.5", "9" * 30])
async def test_a_claim_number_is_a_number(number: str, claimed: Visitor) -> None:
    assert (await claimed.post("/alerts/K2A/release", claim=number)).status_code == 422


async def test_keeping_a_claim_longer(claimed: Visitor, house: House) -> None:
    house.clock.forward(minutes=10)
    assert (await claimed.post("/alerts/K2A/renew", claim="1")).status_code == 303
    assert house.memory.alerts["K2A"].claim_until == house.clock() + timedelta(minutes=15)


async def test_the_scripts_own_renewal_changes_no_page(claimed: Visitor) -> None:
    assert (await claimed.post("/alerts/K2A/renew", claim="1", quiet="1")).status_code == 204
    assert (await claimed.post("/alerts/K2A/renew", claim="7", quiet="1")).status_code == 409


async def test_work_on_a_case_renews_the_claim(claimed: Visitor, house: House) -> None:
    house.clock.forward(minutes=10)
    await claimed.post("/cases/P-K2A/chat", alert="K2A", claim="1")
    assert house.memory.alerts["K2A"].claim_until == house.clock() + timedelta(minutes=15)


async def test_only_the_holder_is_offered_the_holders_acts(claimed: Visitor, ines: Visitor) -> None:
    mine = (await claimed.get("/cases/P-K2A")).text
    theirs = (await ines.post("/cases/P-K2A", reason=REASON)).text
    for act in ('id="release"', 'id="resolve"', 'id="join"'):
        assert act in mine
        assert act not in theirs
    assert "Sam Okafor has it." in theirs


async def test_a_case_with_two_alerts_shows_both_and_acts_on_the_one_you_hold(claimed: Visitor, house: House) -> None:
    house.put(an_alert("Z9Z", title="Missed check-in", tier="P0"))
    page = (await claimed.get("/cases/P-K2A")).text
    assert 'action="/console/alerts/K2A/release"' in page
    assert 'id="claim-Z9Z"' in page


async def test_a_case_with_nothing_open(sam: Visitor, house: House) -> None:
    house.memory.alerts.clear()
    page = (await sam.post("/cases/P-K2A", reason=REASON)).text
    assert "No alert of hers is open." in page
    assert "Nothing has risen that is still open." in page


async def test_the_live_part_is_the_same_page_as_it_is_open_now(claimed: Visitor, house: House) -> None:
    shut = await claimed.post("/cases/P-K2A/live")
    assert "<html" not in shut.text
    assert "me mata" not in shut.text
    opened = await claimed.post("/cases/P-K2A/live", talk="1")
    assert "me mata" in opened.text


def risen(**values: object) -> Alert:
    """Inés has it; it rose to a P0, and the pages to her and to the next rung went unanswered."""
    soon = NOW + timedelta(minutes=2)
    held = {"tier": "P0", "state": "claimed", "holder": "s2", "holder_name": "Inés Duarte", "claim": 1}
    return an_alert(**{**held, "claim_until": NOW + timedelta(minutes=9), "level": 2, "next_page_at": soon, **values})


async def test_an_alert_whose_holder_is_silent_can_be_taken_over(sam: Visitor, ines: Visitor, house: House) -> None:
    house.put(risen())
    queue = (await sam.get("/queue")).text
    assert "no answer" in queue
    assert 'id="take-over-K2A"' in queue
    case = (await sam.post("/cases/P-K2A", reason="Paged after her")).text
    assert "Inés Duarte has it and has not answered since it rose." in case
    assert 'id="take-over"' in case
    taken = await sam.post("/alerts/K2A/claim")
    assert taken.headers["location"] == "/console/cases/P-K2A"
    assert house.memory.alerts["K2A"].holder == "s1"
    assert "You have it" in (await sam.get("/cases/P-K2A")).text
    late = await ines.post("/alerts/K2A/renew", claim="1")
    assert "Sam Okafor holds it now." in late.text


async def test_who_takes_over_too_late_is_told_who_was_first(sam: Visitor, ruth: Visitor, house: House) -> None:
    house.put(risen())
    assert (await ruth.post("/alerts/K2A/claim")).status_code == 303
    late = await sam.post("/alerts/K2A/claim")
    assert late.status_code == 409
    assert f"{house.memory.alerts['K2A'].holder_name} has it already." in late.text


@pytest.mark.parametrize(
    "values", [{"level": 1}, {"next_page_at": NOW + timedelta(minutes=9)}], ids=["not yet paged", "has answered"]
)
async def test_an_alert_whose_holder_answers_cannot_be_taken_over(
    sam: Visitor, house: House, values: dict[str, object]
) -> None:
    house.put(risen(**values))
    case = (await sam.post("/cases/P-K2A", reason="Looking")).text
    assert "Inés Duarte has it." in case
    assert 'id="take-over"' not in case
    assert (await sam.post("/alerts/K2A/claim")).status_code == 409


async def test_a_note_written_while_the_claim_ran_out_waits_for_the_reason(sam: Visitor, house: House) -> None:
    asked = await sam.post("/cases/P-K2A/notes", note="Evenings only")
    assert asked.status_code == 403
    assert 'name="note" value="Evenings only"' in asked.text
    assert not [note for note in house.her.notes if note.staff == "s1"]
    opened = await sam.post("/cases/P-K2A", reason="I wrote a note", note="Evenings only")
    assert opened.status_code == 200
    assert re.search(r'<textarea id="note"[^>]*>Evenings only</textarea>', opened.text)
    await sam.post("/cases/P-K2A/notes", note="Evenings only", reason="I wrote a note")
    assert [note.text for note in house.her.notes if note.staff == "s1"] == ["Evenings only"]
