"""SAFETY 12: only catalogued messages go out, each with its id, flow version, language and catalogue version."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given

from flows.engine.conversation import Conversation
from flows.engine.effects import Send
from storage.outbox import claim
from tests.journeys.house import House
from tests.properties.test_any_life import sends
from tests.properties.walks import LANGUAGES, LIVES, Act, beginnings, live, programme
from tests.walk.heard import LIMITS


def well_marked(send: Send, shipped: Any) -> bool:
    """A worker's own words are the only ones that come from no catalogue, and they have a name of their own."""
    if send.message == "worker/words":
        return bool(send.words)
    flow = shipped.flows.get(send.message.split("/")[0])
    return (
        send.message in LIMITS
        and LIMITS[send.message].english == send.english
        and not send.words
        and send.language in LANGUAGES
        and send.catalogue == shipped.catalogues.version(send.language) != ""
        and (flow is None or (send.flow, send.revision) == (flow.name, flow.revision))
    )


@given(beginnings(), LIVES)
def test_whatever_happens_nothing_goes_out_that_no_catalogue_has(begin: Conversation, acts: list[Act]) -> None:
    for _, _, turn in live(begin, acts):
        for send in sends(turn.effects):
            assert well_marked(send, programme()), send


async def test_each_row_of_the_outbox_says_which_version_of_which_words_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the sender claims them: sealed by the turn, opened by the line that sends."""
    went: list[Send] = []

    def noting(conn: sa.Connection, *given: Any) -> Any:
        claimed = claim(conn, *given)
        went.extend(sending.send for sending in claimed if sending.send)
        return claimed

    monkeypatch.setattr("bot.delivery.outbox.claim", noting)
    await house.recipient(language="es")
    await house.she_texts("hola", "sunflower", "1", "x")
    assert [send.message.split("/")[0] for send in went] == ["cover.recipes", "checkin", "checkin", "cover.recipes"]
    assert all(well_marked(send, house.service.programme) for send in went)
    assert {send.language for send in went} == {"es"}
