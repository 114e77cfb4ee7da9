"""The code of a page: good on the phone that it went to, for that paging and no other."""

from __future__ import annotations

import sqlalchemy as sa

from storage import accounts, claims, closing
from storage.schema import alerts, pages, staff
from tests.storage.store import ANA_PHONE, BEN_PHONE, Store

ANA_CHAT = "900201"


def rises(store: Store, tier: str = "P1") -> str:
    store.recipient()
    store.hears(f"risk {tier}")
    store.fire()
    return ref_of(store)


def ref_of(store: Store) -> str:
    (row,) = store.rows(sa.select(alerts.c.ref))
    return str(row.ref)


def holder(store: Store) -> str | None:
    (row,) = store.rows(sa.select(alerts.c.holder))
    return row.holder


def answer(store: Store, text: str, phone: str = ANA_PHONE, channel: str = "sms") -> tuple[str, dict[str, str]]:
    """What the worker's text is answered with, on the phone that it came from."""
    store.deliver()
    store.hears(text, address=phone, channel=channel)
    (said,) = [s for s in store.deliver() if s.page]
    assert (said.channel, said.address) == (channel, phone)
    assert said.page is not None
    return said.page["message"], said.page["params"]


def codes(store: Store, worker: str) -> list[str]:
    """Of a worker's pages, in their order."""
    query = sa.select(pages.c.code).where(pages.c.staff_id == worker).order_by(pages.c.paging, pages.c.id)
    return [row.code for row in store.rows(query)]


def test_the_first_code_is_the_ref_that_the_console_shows(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE, "on_call")
    ref = rises(store)
    assert codes(store, ana) == [ref]
    assert answer(store, f"a{ref.lower()}") == ("page/yours", {"ref": ref, "tier": "P1"})
    assert holder(store) == ana


def test_pages_of_one_paging_have_one_code(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE, "on_call")
    ref = rises(store)
    store.pass_time(minutes=5)
    store.fire()
    assert codes(store, ana) == [ref, ref]


def test_a_late_answer_takes_nothing_that_was_given_back_meanwhile(store: Store) -> None:
    """Written at 3:00, delayed by the carrier, there at 3:40: its writer is asleep again."""
    ana, ben = store.staff("ana", ANA_PHONE, "on_call"), store.staff("ben", BEN_PHONE, "backup")
    ref = rises(store)
    taken = store.write(claims.claim, store.vault, ref, ben, store.now)
    store.write(claims.release, ref, ben, taken.claim, store.now)
    store.fire()
    old, new = codes(store, ana)
    assert old == ref != new
    message, params = answer(store, f"A {old}")
    assert (message, params["codes"]) == ("page/old", f"P1 {new}")
    assert holder(store) is None
    assert answer(store, f"A {new}")[0] == "page/yours"


def test_a_code_of_another_phone_is_refused_with_what_is_open_here(store: Store) -> None:
    ana, ben = store.staff("ana", ANA_PHONE, "on_call"), store.staff("ben", BEN_PHONE, "backup")
    ref = rises(store)
    assert answer(store, f"A {ref}", BEN_PHONE) == ("page/refused", {"count": "1"})
    store.pass_time(minutes=5)
    store.fire()
    taken = store.write(claims.claim, store.vault, ref, ana, store.now)
    store.write(claims.release, ref, ana, taken.claim, store.now)
    store.fire()
    message, params = answer(store, f"A {codes(store, ana)[-1]}", BEN_PHONE)
    assert (message, params["codes"]) == ("page/old", f"P1 {codes(store, ben)[-1]}")
    assert holder(store) is None


def test_who_was_slower_is_told_who_has_it(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    store.staff("ben", BEN_PHONE, "on_call")
    ref = rises(store)
    answer(store, f"A {ref}")
    assert answer(store, f"A {ref}", BEN_PHONE) == ("page/taken", {"name": "ana"})


def test_who_holds_it_passes_it_on_by_the_code_that_took_it(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    ben = store.staff("ben", BEN_PHONE, "backup")
    ref = rises(store)
    answer(store, f"A {ref}")
    store.deliver()
    store.hears(f"P {ref}", address=ANA_PHONE)
    said = {s.owner: s.page["message"] for s in store.deliver() if s.page}
    assert said[ben] == "page/alert"
    assert "page/passed" in said.values()
    assert holder(store) is None


def test_a_resolved_alert_has_no_code(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE, "on_call")
    ref = rises(store, "P2")
    taken = store.write(claims.claim, store.vault, ref, ana, store.now)
    store.write(closing.resolve, store.vault, ref, ana, taken.claim, "other", "Done.", store.now)
    assert answer(store, f"A {ref}") == ("page/refused", {"count": "0"})


def test_a_question_is_answered_with_what_is_open_on_this_phone(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    ref = rises(store)
    assert answer(store, "?") == ("page/now", {"count": "1", "codes": f"P1 {ref}"})
    answer(store, f"A {ref}")
    assert answer(store, "?") == ("page/now", {"count": "0", "codes": f"P1 {ref}"}), "hers, to pass on"


def test_an_answer_goes_to_the_phone_that_asked_and_to_no_other(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE, "on_call")
    store.write(accounts.add_phone, store.vault, ana, "telegram", ANA_CHAT, store.now)
    ref = rises(store)
    assert answer(store, f"A {ref}", ANA_CHAT, "telegram")[0] == "page/yours"


def test_a_page_is_written_in_the_language_that_the_worker_reads(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE, "on_call")
    store.run(sa.update(staff).where(staff.c.id == ana).values(language="cy"))
    rises(store)
    (page,) = [one.page for one in store.claim() if one.page]
    assert page["language"] == "cy"
