"""Pages as notices of a browser, by a real push service over TLS: unread on the way, shown or not, and never inside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bot.channels.base import Broken, Outgoing, SendFailed, TryLater, Unknown, Unreachable
from bot.channels.push import PushChannel
from bot.channels.push_sealing import CURVE, Subscription, public_key, seal
from bot.outward import Door
from tests.fakes.push import FakeBrowser, FakePush, octets, text
from tests.fakes.server import Fault

KEY = "1f" * 32
HERE = Door(outside_only=False, seconds=5)
ORIGIN = "https://line.example.org"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def push(tmp_path: Path) -> Iterator[FakePush]:
    with FakePush(tmp_path) as fake:
        yield fake


@pytest.fixture
def browser(push: FakePush) -> FakeBrowser:
    return push.subscribe()


@pytest.fixture
async def channel(push: FakePush) -> AsyncIterator[PushChannel]:
    made = PushChannel(KEY, ORIGIN, now, HERE, push.trust)
    yield made
    await made.close()


def page(browser: FakeBrowser) -> Outgoing:
    return Outgoing("0001", "push", browser.address, "P0 K2A waits. Press to open it.", about="K2A")


# the format, by the example of its document (RFC 8291, 5)

SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
SECRET, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
SAID = b"When I grow up, I want to be a watermelon"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
    "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def of_example(key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(octets(key), "big"), CURVE)


def test_it_is_sealed_as_in_the_example_and_the_double_opens_that() -> None:
    browser = FakeBrowser("https://push.example.net/push/1", of_example(RECEIVER), octets(SECRET))
    to = Subscription.of(browser.address)
    assert text(seal(SAID, to, of_example(SENDER), octets(SALT), size=0)) == SEALED
    assert browser.opened(octets(SEALED)) == SAID


# one page


async def test_the_browser_reads_the_page_and_nobody_on_the_way_does(
    push: FakePush, browser: FakeBrowser, channel: PushChannel
) -> None:
    receipt = await channel.send(page(browser))
    (read,) = browser.read
    assert (read["say"], read["about"]) == ("P0 K2A waits. Press to open it.", "K2A")
    assert (receipt.provider_id, receipt.status) == (read["token"], "sent")
    assert push.signers == [public_key(KEY)]


async def test_the_length_of_what_is_carried_tells_nothing_and_its_token_comes_once(
    push: FakePush, browser: FakeBrowser, channel: PushChannel
) -> None:
    for words in ("P0 K2A", "Mae P0 K2A yn aros. " * 8):
        await channel.send(replace(page(browser), text=words))
    assert len(set(push.sizes)) == 1
    assert browser.read[0]["token"] != browser.read[1]["token"]


# what may go wrong


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, Unreachable),
        (410, Unreachable),
        (403, Broken),
        (413, Broken),
        (302, Broken),
        (429, TryLater),
        (503, TryLater),
    ],
)
async def test_a_refusal_says_who_must_act_and_tells_no_address(
    push: FakePush, browser: FakeBrowser, channel: PushChannel, status: int, kind: type[SendFailed]
) -> None:
    push.fail(Fault.status(status, retry_after=7))
    with pytest.raises(kind) as caught:
        await channel.send(page(browser))
    assert browser.endpoint not in str(caught.value)
    assert browser.read == []
    if isinstance(caught.value, TryLater):
        assert caught.value.retry_after == 7


async def test_an_answer_that_never_came_may_have_been_taken(
    push: FakePush, browser: FakeBrowser, channel: PushChannel
) -> None:
    push.fail(Fault.reset_after())
    with pytest.raises(Unknown):
        await channel.send(page(browser))


async def test_a_service_that_nobody_vouches_for_gets_nothing(push: FakePush, browser: FakeBrowser) -> None:
    stranger = PushChannel(KEY, ORIGIN, now, HERE)
    with pytest.raises(TryLater):
        await stranger.send(page(browser))
    assert browser.read == []
    await stranger.close()


@pytest.mark.parametrize("where", ["https://127.0.0.1:{port}/x", "https://[::1]:{port}/x", "https://me@push.example/x"])
async def test_an_address_inside_is_never_asked(push: FakePush, browser: FakeBrowser, where: str) -> None:
    outside = PushChannel(KEY, ORIGIN, now, trust=push.trust)
    browser.endpoint = where.format(port=push.port)
    with pytest.raises(Unreachable, match="unusable"):
        await outside.send(page(browser))
    await outside.close()
    assert push.history == []


async def test_a_name_that_leads_inside_is_never_asked(push: FakePush, browser: FakeBrowser) -> None:
    outside = PushChannel(KEY, ORIGIN, now, trust=push.trust)
    browser.endpoint = f"https://localhost:{push.port}/x"
    with pytest.raises(TryLater, match="connect"):
        await outside.send(page(browser))
    await outside.close()
    assert push.history == []


async def test_a_key_that_is_no_point_of_the_curve_is_of_no_use(browser: FakeBrowser, channel: PushChannel) -> None:
    to = replace(page(browser), address=f"{'A' * 22} B{'A' * 86} {browser.endpoint}")
    with pytest.raises(Unreachable, match="unusable"):
        await channel.send(to)
