"""The shapes a setting may have. Each raises ValueError with a sentence that says what would be right."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import SecretStr

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # SEC 2, 2.4.2


def database(url: SecretStr) -> SecretStr:
    text = re.sub(r"^sqlite\+aiosqlite:", "sqlite:", url.get_secret_value())
    text = re.sub(r"^postgres(ql)?:", "postgresql+psycopg:", text)
    if re.match(r"^(sqlite:///[^:?].*|postgresql\+psycopg://.+)$", text):
        return SecretStr(text)
    raise ValueError("is neither sqlite:///path/to/file.db nor postgresql://user@host/name")


def web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://line.example.org, without ? or #")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise ValueError("must begin with https:// (plain http only on this machine or inside a private network)")
    return url.rstrip("/")


def _is_near(host: str) -> bool:
    """Loopback, a private address, or a bare name such as a compose service: no text crosses the open network."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host


def telegram_token(token: SecretStr) -> SecretStr:
    return _shaped(token, r"\d+:[\w-]+", "must be the whole token that BotFather gave, such as 123456:ABC-DEF")


def telegram_secret(secret: SecretStr) -> SecretStr:
    return _shaped(
        secret, r"[\w-]{16,256}", "must be 16 to 256 letters, digits, _ or - (openssl rand -hex 32 makes one)"
    )


def push_key(key: SecretStr) -> SecretStr:
    """A private key of the curve P-256, of which nearly every number of 256 bits is one (SEC 2)."""
    complaint = "must be 64 hexadecimal digits (openssl rand -hex 32 makes them)"
    _shaped(key, r"[0-9a-f]{64}", complaint)
    if 0 < int(key.get_secret_value(), 16) < P256_ORDER:
        return key
    raise ValueError(complaint)


def is_secure(url: str) -> bool:
    """Whether a browser trusts a page of there with what it keeps from plain http: TLS, or this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost")


def alarm_contact(contact: SecretStr) -> SecretStr:
    return _shaped(contact, r"sms:\+[1-9]\d{6,14}|telegram:\d+", "must be sms:+<number> or telegram:<chat id>")


def mail_address(address: str) -> str:
    if address and not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", address, re.ASCII):
        raise ValueError("must be one e-mail address without a name, such as desk@example.org")
    return address


def canaries(phones: SecretStr) -> SecretStr:
    """One phone a channel."""
    given = [each.strip() for each in phones.get_secret_value().split(",")]
    for each in given:
        alarm_contact(SecretStr(each))
    if len({each.partition(":")[0] for each in given}) < len(given):
        raise ValueError("must name one phone a channel")
    return phones


def secret_address(url: SecretStr) -> SecretStr:
    web_address(url.get_secret_value())
    return url


def _shaped(secret: SecretStr, pattern: str, complaint: str) -> SecretStr:
    if re.fullmatch(pattern, secret.get_secret_value(), re.ASCII):
        return secret
    raise ValueError(complaint)


def account_sid(sid: str) -> str:
    if re.fullmatch(r"AC[0-9a-f]{32}", sid):
        return sid
    raise ValueError("must be AC and 32 hexadecimal digits, from the Twilio console's first page")


def numbers(value: object) -> object:
    return tuple(re.split(r"[,\s]+", value.strip())) if isinstance(value, str) else value


def e164(numbers: tuple[str, ...]) -> tuple[str, ...]:
    if all(re.fullmatch(r"\+[1-9][0-9]{6,14}", number) for number in numbers):
        return numbers
    raise ValueError("must be numbers such as +441632960001, with + and country code, separated by commas")


def region(code: str) -> str:
    from phonenumbers import SUPPORTED_REGIONS

    if code in SUPPORTED_REGIONS:
        return code
    raise ValueError("must be a two-letter ISO 3166 country code such as GB (not UK), US or ES")
