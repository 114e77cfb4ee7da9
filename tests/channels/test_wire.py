"""The wire itself: what the two providers' doubles cannot show."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.channels.base import Broken, TryLater
from bot.channels.wire import Wire
from tests.fakes.server import Fault
from tests.fakes.twilio import FakeTwilio


@pytest.fixture
def untrusted(tmp_path: Path) -> ssl.SSLContext:
    """A server's certificate that nobody vouches for, expired last year."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime(2025, 1, 1, tzinfo=UTC)
    unsigned = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    dated = unsigned.not_valid_before(start).not_valid_after(start + timedelta(days=30))
    certificate = dated.sign(key, hashes.SHA256())
    pem = tmp_path / "server.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(key.private_bytes(*plain) + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def test_a_server_that_cannot_prove_who_it_is_gets_nothing(untrusted: ssl.SSLContext) -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=untrusted)
    port = server.sockets[0].getsockname()[1]
    wire = Wire()
    with pytest.raises(TryLater, match="tls"):
        await wire.call("POST", f"https://127.0.0.1:{port}/", data={"Body": "secret"})
    await wire.close()
    server.close()
    await server.wait_closed()
    assert b"".join(heard) == b""


async def test_a_redirection_is_not_followed_with_our_credentials() -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n"))
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    wire = Wire()
    answer = await wire.call("POST", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/here", auth=("a", "b"))
    await wire.close()
    server.close()
    await server.wait_closed()
    assert answer.status == 302
    assert heard == [b"POST /here HTTP/1.1\r\n"]


async def test_a_name_that_does_not_resolve_is_tried_later() -> None:
    wire = Wire()
    with pytest.raises(TryLater, match="connect"):
        await wire.call("POST", "http://nowhere.invalid/")
    await wire.close()


@pytest.mark.parametrize("url", ["", "nowhere", "ftp://127.0.0.1/", "http://", "http://[::1", "http://127.0.0.1:x/"])
async def test_what_is_no_address_is_ours_to_mend(url: str) -> None:
    wire = Wire()
    with pytest.raises(Broken, match="url"):
        await wire.call("GET", url)
    await wire.close()


async def test_more_calls_than_connections_wait_their_turn(twilio: FakeTwilio) -> None:
    wire = Wire(connections=2)
    url = f"{twilio.url}/2010-04-01/Accounts/{twilio.account}/Messages.json"
    answers = await asyncio.gather(*[wire.call("GET", url, auth=(twilio.account, twilio.token)) for _ in range(20)])
    assert {answer.status for answer in answers} == {200}
    assert len(twilio.open_connections) <= 2
    await wire.close()


async def test_a_pool_that_hangs_leaves_the_waiting_certainly_unsent(twilio: FakeTwilio) -> None:
    """Only the one call that had the connection may have been acted on."""
    wire = Wire(deadline=1, connections=1)
    url = f"{twilio.url}/2010-04-01/Accounts/{twilio.account}/Messages.json"
    twilio.fail(Fault.hang_before(), on="list")
    calls = [wire.call("GET", url, auth=(twilio.account, twilio.token)) for _ in range(3)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["TryLater", "TryLater", "Unknown"]
    await wire.close()


async def test_a_cancelled_call_leaves_the_wire_usable(twilio: FakeTwilio) -> None:
    wire = Wire(connections=1)
    url = f"{twilio.url}/2010-04-01/Accounts/{twilio.account}/Messages.json"
    twilio.fail(Fault.hang_before(), on="list")
    calling = asyncio.create_task(wire.call("GET", url, auth=(twilio.account, twilio.token)))
    await asyncio.to_thread(twilio.until, lambda: twilio.facts("fault"))
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    answer = await wire.call("GET", url, auth=(twilio.account, twilio.token))
    assert answer.status == 200
    await wire.close()


async def test_a_wire_that_was_never_used_can_be_closed() -> None:
    await Wire().close()
