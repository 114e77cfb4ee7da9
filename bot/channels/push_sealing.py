"""What a push service carries and cannot read (RFC 8291), and who we are to it (RFC 8292)."""

from __future__ import annotations

import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
RECORD = 4096  # bytes: all is one record (RFC 8188); a push service need not take a larger one (RFC 8030, 7.2)
SIZE = 1024  # bytes of what is said, filled up: its length tells nothing
SALT_BYTES = 16
GOOD_FOR = timedelta(hours=12)  # RFC 8292, 2: 24 hours at most; clocks differ


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser's: where messages for it go, its public key (a point of P-256, 65 bytes) and its secret (16 bytes)."""

    endpoint: str
    key: bytes
    secret: bytes

    @classmethod
    def of(cls, address: str) -> Subscription:
        """From the address of the method (`storage.crypto.address`)."""
        secret, key, endpoint = address.split(" ")
        return cls(endpoint, _bytes(key), _bytes(secret))


def private_key(digits: str) -> ec.EllipticCurvePrivateKey:
    """Of ROWAN_PUSH_KEY."""
    return ec.derive_private_key(int(digits, 16), CURVE)


def public_key(digits: str) -> str:
    """What a browser subscribes with, so that messages of nobody else reach it: base64url."""
    return _text(_point(private_key(digits)))


def seal(said: bytes, to: Subscription, own: ec.EllipticCurvePrivateKey, salt: bytes, size: int = SIZE) -> bytes:
    """The body of a push message. `own` and `salt` are of this message alone.

    Raises ValueError where the browser's key is none.
    """
    ours, theirs = _point(own), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, to.key)
    shared = own.exchange(ec.ECDH(), theirs)
    both = _derived(shared, to.secret, b"WebPush: info\0" + to.key + ours, 32)
    key = _derived(both, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(both, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + struct.pack("!IB", RECORD, len(ours)) + ours
    return head + AESGCM(key).encrypt(nonce, (said + b"\2").ljust(size, b"\0"), None)


def authorization(key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, now: datetime) -> str:
    """The header by which a push service knows us. `contact`: an https or mailto address."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now + GOOD_FOR).timestamp()), "sub": contact}
    signed = ".".join(_text(json.dumps(each).encode()) for each in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = _text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={signed}.{signature}, k={_text(_point(key))}"


def _derived(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(key)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(given: bytes) -> str:
    return urlsafe_b64encode(given).rstrip(b"=").decode()
