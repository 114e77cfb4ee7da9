"""A sealed value tells the size of its bucket and nothing closer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto.padding import bucket, pad, unpad

BUCKETS = (64, 128, 256, 512, 1024, 2048, 4096)


def smallest_that_holds(length: int) -> int:
    """The rule read off SECURITY 2.1, counted instead of computed."""
    for size in BUCKETS:
        if length < size:
            return size
    size = 4096
    while size <= length:
        size += 4096
    return size


@given(st.integers(min_value=0, max_value=100_000))
def test_the_bucket_is_the_smallest_that_holds_the_text_and_its_mark(length: int) -> None:
    assert bucket(length) == smallest_that_holds(length)


@pytest.mark.parametrize("size", [*BUCKETS, 8192, 12288])
def test_at_the_edge_of_each_bucket(size: int) -> None:
    assert len(pad(bytes(size - 1))) == size
    assert len(pad(bytes(size))) > size


@given(st.binary(max_size=10_000))
def test_any_bytes_come_back(plain: bytes) -> None:
    assert unpad(pad(plain)) == plain


@given(st.lists(st.sampled_from([b"\x80", b"\x00", b"a"]), max_size=300).map(b"".join))
def test_text_that_looks_like_padding_comes_back(plain: bytes) -> None:
    assert unpad(pad(plain)) == plain


@given(st.integers(min_value=0, max_value=9000), st.integers(min_value=0, max_value=9000))
def test_two_texts_of_one_bucket_have_one_length(one: int, other: int) -> None:
    if bucket(one) == bucket(other):
        assert len(pad(b"y" * one)) == len(pad(b"n" * other))


@pytest.mark.parametrize("wrong", [b"", b"\0" * 64, b"hello", b"hello\x80\0\0x"])
def test_what_was_not_padded_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match=r"not padded|not found"):
        unpad(wrong)
