"""Keyed hashes: equal for equal things, unlike for all others, and of no use without the key."""

from __future__ import annotations

import os
import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from storage.crypto.errors import BadAddress
from storage.crypto.framing import framed
from storage.crypto.index import address_index, address_indexes, code_mac, dedup_mac, word_mac
from storage.crypto.system import SystemKeys

KEY = os.urandom(32)


def test_one_phone_is_found_by_one_value() -> None:
    assert address_index(KEY, "sms", "+447700900123") == address_index(KEY, "sms", "+447700900123")
    assert len(address_index(KEY, "sms", "+447700900123")) == 32


def test_other_phones_other_channels_and_other_keys_differ() -> None:
    values = {
        address_index(KEY, "sms", "+447700900123"),
        address_index(KEY, "sms", "+447700900124"),
        address_index(KEY, "telegram", "447700900123"),
        address_index(os.urandom(32), "sms", "+447700900123"),
    }
    assert len(values) == 4


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("sms", "07700900123"),
        ("sms", "+44 7700 900123"),
        ("telegram", "@ana"),
        ("telegram", "+447700900123"),
        ("fax", "1"),
    ],
)
def test_an_address_that_was_not_made_canonical_is_refused(channel: str, address: str) -> None:
    with pytest.raises(BadAddress, match="canonical form") as refused:
        address_index(KEY, channel, address)
    assert address not in str(refused.value) or len(address) < 3


def test_while_the_index_key_changes_an_address_is_looked_up_under_both(system_keys: SystemKeys) -> None:
    assert address_indexes(system_keys, "sms", "+447700900123") == (
        address_index(system_keys.index, "sms", "+447700900123"),
    )
    changing = replace(system_keys, index=KEY, previous_index=system_keys.index)
    assert address_indexes(changing, "sms", "+447700900123") == (
        address_index(KEY, "sms", "+447700900123"),
        address_index(system_keys.index, "sms", "+447700900123"),
    )


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_different_messages_are_never_taken_for_the_same(a: str, b: str, c: str, d: str) -> None:
    assume((a, b) != (c, d))
    assert dedup_mac(KEY, a, b) != dedup_mac(KEY, c, d)
    assert word_mac(KEY, a, b) != word_mac(KEY, c, d)


def test_a_letter_pushed_over_the_border_makes_another_value() -> None:
    assert dedup_mac(KEY, "twilio", "1") != dedup_mac(KEY, "twilio1", "")
    assert word_mac(KEY, "ana", "xsun") != word_mac(KEY, "anax", "sun")


@given(st.lists(st.binary(max_size=12), max_size=5), st.lists(st.binary(max_size=12), max_size=5))
def test_framing_never_gives_two_lists_the_same_bytes(one: list[bytes], other: list[bytes]) -> None:
    assert (framed(*one) == framed(*other)) == (one == other)


def test_text_is_framed_by_its_bytes_not_its_letters() -> None:
    assert framed("é") == b"\x00\x00\x00\x02\xc3\xa9" == framed("é".encode())


def test_a_word_of_two_people_does_not_look_alike() -> None:
    ana, ben = word_mac(KEY, "ana", "sunflower"), word_mac(KEY, "ben", "sunflower")
    assert ana != ben
    for mac in (ana, ben):
        assert re.fullmatch(r"[A-Za-z0-9_-]{22}", mac)


def test_a_joining_code_is_not_an_api_token() -> None:
    assert code_mac(KEY, "join", "7Q4K-XM2P") != code_mac(KEY, "token", "7Q4K-XM2P")


def test_under_one_key_different_uses_never_meet() -> None:
    values = {
        address_index(KEY, "sms", "+447700900123"),
        dedup_mac(KEY, "sms", "+447700900123"),
        code_mac(KEY, "join", "+447700900123"),
    }
    assert len(values) == 3
