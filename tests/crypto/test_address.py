"""One phone is one person, however its number was written; what is no phone is refused without repeating it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto.address import LONGEST, is_canonical, provider_address, typed_address
from storage.crypto.errors import BadAddress

ONE_PHONE = [
    "07700 900123",
    "(07700) 900-123",
    "+44 7700 900123",
    "+44 (0) 7700 900123",
    "0044 7700 900123",
    " +447700900123 ",
    "+44.7700–900123",
    "\u202a+44 7700 900123\u202c",
    "+44 7700 900123",
    "٠٧٧٠٠ ٩٠٠١٢٣",
    "０７７００９００１２３",
]


@pytest.mark.parametrize("written", ONE_PHONE)
def test_the_same_phone_however_it_is_written(written: str) -> None:
    assert typed_address("sms", written, "GB") == "+447700900123"


def test_the_region_matters_only_without_a_country_code() -> None:
    assert typed_address("sms", "202-555-0143", "US") == "+12025550143"
    assert typed_address("sms", "+44 7700 900123", "US") == "+447700900123"


def test_what_the_provider_gives_is_what_was_typed() -> None:
    assert provider_address("sms", "+447700900123") == typed_address("sms", "07700 900123", "GB")


def test_a_number_that_reached_us_is_taken_even_where_the_plan_of_its_country_does_not_know_it() -> None:
    assert provider_address("sms", "+5215512345678") == "+5215512345678"
    with pytest.raises(BadAddress, match="too long or too short for its country"):
        typed_address("sms", "+5215512345678", "MX")


@pytest.mark.parametrize(
    "wrong",
    ["", "x", "12345", "07700900123", "SHOP", "+", "+44", "+0447700900123", "+4477009001234567", "+1 202 555 0143 x7",
     "whatsapp:+447700900123", "+44 7700 900123", "+४४७७००९००१२३", "+" + "4" * LONGEST, "\x00", "+44\ud8007700900123"],
)  # fmt: skip
def test_what_a_provider_gives_and_is_no_phone_is_refused(wrong: str) -> None:
    with pytest.raises(BadAddress) as refused:
        provider_address("sms", wrong)
    assert len(wrong) < 4 or wrong not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        "0770",
        "hello",
        "999999999999999999",
        "",
        "07700 900123 x7",
        "call 07700 900123",
        "1-800-FLOWERS",
        "07700 900123" + " " * LONGEST,
    ],
)
def test_what_a_person_writes_and_is_no_phone_is_refused(wrong: str) -> None:
    with pytest.raises(BadAddress, match="Whoever entered it can mend this: write all of the number"):
        typed_address("sms", wrong, "GB")


@pytest.mark.parametrize("number", ["1", "123456789", "4503599627370495"])
def test_a_telegram_user_is_a_number(number: str) -> None:
    assert provider_address("telegram", number) == typed_address("telegram", number, "GB") == number


@pytest.mark.parametrize("wrong", ["", "@ana", "-100123", "0123", "1.5", "१२३", "1" * 17, " 12", "12\n"])
def test_a_telegram_name_or_group_is_refused(wrong: str) -> None:
    with pytest.raises(BadAddress, match="numeric id"):
        provider_address("telegram", wrong)


@pytest.mark.parametrize("written", ["Ana@Example.org", " ana@example.org "])
def test_a_mail_address_is_one_however_it_is_written(written: str) -> None:
    assert typed_address("email", written, "GB") == "ana@example.org"
    assert is_canonical("email", "ana@example.org")


@pytest.mark.parametrize(
    "wrong", ["", "ana", "ana@", "@example.org", "ana@localhost", "a b@example.org", "a@b.org\nTo: x"]
)
def test_what_is_no_mail_address_is_refused(wrong: str) -> None:
    with pytest.raises(BadAddress, match="e-mail"):
        provider_address("email", wrong)


def test_a_telephone_that_is_rung_is_a_number() -> None:
    assert typed_address("voice", "07700 900123", "GB") == provider_address("voice", "+447700900123")


SUBSCRIPTION = f"{'s' * 22} B{'k' * 86} https://push.example.net/wpush/Ab-1_2?x=3"


def test_a_browser_is_what_it_gave() -> None:
    assert typed_address("push", SUBSCRIPTION, "GB") == provider_address("push", SUBSCRIPTION) == SUBSCRIPTION
    assert is_canonical("push", SUBSCRIPTION)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "https://push.example.net/wpush/1",
        SUBSCRIPTION.replace("https", "http"),
        SUBSCRIPTION[1:],
        SUBSCRIPTION.replace(" B", " C"),
        SUBSCRIPTION + " ",
        SUBSCRIPTION + "\n",
        SUBSCRIPTION + "é",
        SUBSCRIPTION + "x" * 900,
    ],
)
def test_what_no_browser_gave_is_refused(wrong: str) -> None:
    with pytest.raises(BadAddress, match="browser"):
        provider_address("push", wrong)


def test_there_are_five_channels() -> None:
    for channel in ("", "SMS", "whatsapp"):
        with pytest.raises(BadAddress, match="no such channel"):
            typed_address(channel, "+447700900123", "GB")
        assert not is_canonical(channel, "+447700900123")


@given(st.text(max_size=80))
def test_any_text_is_a_canonical_phone_or_refused(text: str) -> None:
    try:
        canonical = provider_address("sms", text)
    except BadAddress:
        return
    assert is_canonical("sms", canonical)
    assert provider_address("sms", canonical) == canonical


@given(st.sampled_from([44, 1, 34, 52, 48, 966, 39]), st.integers(min_value=10**7, max_value=10**10))
def test_a_canonical_number_stays_as_it_is(country: int, rest: int) -> None:
    try:
        canonical = provider_address("sms", f"+{country}{rest}")
    except BadAddress:
        return
    assert provider_address("sms", canonical) == canonical
