"""A worker's words that would leave a link or a number on her phone are known in any script; plain talk is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.safety.traces import leaves_traces


@pytest.mark.parametrize(
    "text",
    [
        "Look at https://example.org/help",
        "look at www.example",
        "It is on Example.ORG",
        "bit.ly/abc",
        "example.xyz/abc",
        "write to ana@example",
        "find me as @ana_works",
        "ring 0808 2000 247",
        "ring 0808-2000-247",
        "ring (020) 7946 0999",
        "ring +44 7700 900123",
        "79 46 09",
        "call 999",
        "call 9 9 9",
        "call 9\u200b9\u200b9",
        "call ９９９",
        "اتصلي ٩٩٩",
        "ring 112.",
        "come on 20.11.2026",
        "116 123",
    ],
)
def test_what_would_betray_is_seen(text: str) -> None:
    assert leaves_traces(text)


@pytest.mark.parametrize(
    "text",
    [
        "I am Ana. Can you write now?",
        "I am Ana.Can you write now?",
        "in 5-10 minutes, at 18:30 or 18.30",
        "1, 2 or 3",
        "He is 42 and you are 39",
        "¿Puedes escribir <ahora>?",
        "10. That is all",
        "",
    ],
)
def test_plain_talk_is_not(text: str) -> None:
    assert not leaves_traces(text)


@given(st.text(), st.text())
def test_wherever_it_stands(before: str, after: str) -> None:
    assert leaves_traces(f"{before} https://example.org {after}")
