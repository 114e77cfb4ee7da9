"""A push service on 127.0.0.1 with the browsers behind it: over TLS, and it opens what came as their browsers would.

It checks what the real ones check: who sends (RFC 8292), how long it is kept and how urgent it is (RFC 8030), and the
form of the body. What a browser reads is opened with its own keys (RFC 8291), by code that shares nothing with ours.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.fakes.certificate import certificate
from tests.fakes.server import FakeServer, Fault

LARGEST = 4096  # bytes; a real one refuses more
OLDEST = 24 * 60 * 60  # seconds that a signature may be good for


@dataclass
class FakeBrowser:
    """One that has allowed notices. `address` is what Rowan is told; `read` is what it was sent, opened."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    read: list[dict[str, Any]] = field(default_factory=list)
    gone: bool = False

    @property
    def keys(self) -> dict[str, str]:
        return {"auth": text(self.secret), "p256dh": text(point(self.key))}

    @property
    def address(self) -> str:
        return f"{self.keys['auth']} {self.keys['p256dh']} {self.endpoint}"

    def opened(self, body: bytes) -> bytes:
        """As RFC 8291, 3.4 has it, from the receiver's side."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size, "one record"
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        both = _mac(_mac(self.secret, shared), b"WebPush: info\0" + point(self.key) + theirs + b"\1")
        first = _mac(salt, both)
        key = _mac(first, b"Content-Encoding: aes128gcm\0\1")[:16]
        nonce = _mac(first, b"Content-Encoding: nonce\0\1")[:12]
        said, end, filling = AESGCM(key).decrypt(nonce, sealed, None).rpartition(b"\2")
        assert end, "the last record"
        assert not filling.strip(b"\0")
        return said


class FakePush(FakeServer):
    """`sizes`: of the bodies that were taken, in bytes; `signers`: the keys of who sent, in base64url."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        shown, key = certificate(folder)
        self.tls = {"ssl_certfile": str(shown), "ssl_keyfile": str(key)}
        self.trust = ssl.create_default_context(cafile=str(shown))
        self.browsers: dict[str, FakeBrowser] = {}
        self.sizes: list[int] = []
        self.signers: list[str] = []

    def subscribe(self) -> FakeBrowser:
        name = os.urandom(8).hex()
        self.browsers[name] = FakeBrowser(f"{self.url}/wpush/{name}")
        return self.browsers[name]

    def routes(self) -> list[Route]:
        return [Route("/wpush/{name}", self._pushed, methods=["POST"])]

    def refusal(self, fault: Fault) -> Response:
        after = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return PlainTextResponse("refused", fault.http, headers=after)

    async def _pushed(self, request: Request) -> Response:
        body, browser = await request.body(), self.browsers.get(request.path_params["name"])

        def accept() -> Response:
            if browser is None or browser.gone:
                return PlainTextResponse("gone", 410)
            why = _wrong(request, body) or self._unsigned(request.headers["authorization"])
            if why:
                return PlainTextResponse(why, 400)
            browser.read.append(json.loads(browser.opened(body)))
            self.sizes.append(len(body))
            self.record("pushed", name=request.path_params["name"])
            return Response(status_code=201)

        return await self.serve("send", request, accept)

    def _unsigned(self, authorization: str) -> str:
        """What is wrong with the token of RFC 8292."""
        token, _, key = authorization.removeprefix("vapid t=").partition(", k=")
        signed, _, signature = token.rpartition(".")
        header, claims = (json.loads(octets(part)) for part in signed.split("."))
        r, s = (int.from_bytes(octets(signature)[at : at + 32], "big") for at in (0, 32))
        signer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets(key))
        signer.verify(utils.encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
        self.signers.append(key)
        if header != {"typ": "JWT", "alg": "ES256"} or claims["aud"] != self.url or "://" not in claims["sub"]:
            return "claims"
        return "" if 0 < claims["exp"] - time.time() <= OLDEST else "expired"


def _wrong(request: Request, body: bytes) -> str:
    if request.headers.get("content-encoding") != "aes128gcm" or len(body) > LARGEST:
        return "body"
    return "" if request.headers.get("ttl", "").isdigit() and request.headers.get("urgency") == "high" else "headers"


def _mac(key: bytes, said: bytes) -> bytes:
    made = hmac.HMAC(key, hashes.SHA256())
    made.update(said)
    return made.finalize()


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def octets(given: str) -> bytes:
    return urlsafe_b64decode(given + "=" * (-len(given) % 4))


def text(given: bytes) -> str:
    return urlsafe_b64encode(given).rstrip(b"=").decode()
