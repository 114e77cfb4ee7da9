"""SAFETY 16: a blank text or a call that nobody takes can be an agreed signal, and shows nothing."""

from __future__ import annotations

import pytest

from tests.safety.phone import Phone


@pytest.mark.parametrize(("text", "more"), [("", {}), ("  ", {}), ("\n", {}), ("", {"call": True})])
def test_where_it_was_agreed_a_worker_is_called(text: str, more: dict[str, bool]) -> None:
    phone = Phone(blank_signal=True)
    phone.says(text, **more)
    assert [(raised.tier, raised.kind) for raised in phone.raised] == [("P1", "risk")]
    assert phone.shows_only_the_cover
    assert phone.now.session is None


@pytest.mark.parametrize("more", [{}, {"call": True}])
def test_where_it_was_not_it_is_a_word_like_any(more: dict[str, bool]) -> None:
    phone = Phone()
    phone.says("", **more)
    assert phone.raised == []


def test_a_call_is_never_answered_by_a_text() -> None:
    """Whoever calls to try the number learns nothing by it."""
    for agreed in (True, False):
        assert Phone(blank_signal=agreed).says("", call=True) == []


def test_a_blank_text_is_answered_as_any_word_whether_it_is_a_signal_or_not() -> None:
    assert Phone(blank_signal=True).says("") == Phone().says("") == Phone().says("flour")
