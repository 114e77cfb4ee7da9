"""Who is in the demo: made-up people, on numbers that Ofcom keeps free for drama and ids no account has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bot.demo.stage import HER_ADDRESS, WORDS, ChannelName
from escalation.ports import Duty, Role

PASSWORD = "rowan-berries"  # noqa: S105 - printed, shown on the page, and good for made-up data on this machine only
LINES = {"sms": "+44 7700 900000", "telegram": "@home_recipes_bot"}  # what she writes to

PhoneKind = Literal["recipient", "stranger", "worker"]


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff, and the phones that pages go to."""

    username: str
    name: str
    role: Role
    duty: Duty
    phones: Mapping[ChannelName, str] = field(default_factory=dict)


STAFF = (
    Member("ana", "Ana Reyes", "worker", "on_call", {"telegram": "900801", "sms": "+447700900801"}),
    Member("ben", "Ben Okoro", "worker", "backup", {"sms": "+447700900802"}),
    Member("ruth", "Ruth Hale", "supervisor", "supervisor", {"sms": "+447700900803"}),
    Member("pia", "Pia Lund", "partner_support", "off"),
    Member("pat", "Pat Quinn", "administrator", "off"),
    Member("ann", "Ann Voss", "auditor", "off"),
    Member("kit", "Kit Lowe", "editor", "off"),
)


@dataclass(frozen=True, slots=True)
class Speech:
    """A language of the demo: the words a recipient chose in it, an answer worth trying, what her phone itself says."""

    name: str
    signal: str
    duress: str
    afraid: str
    cover: str
    write: str
    direction: Literal["ltr", "rtl"] = "ltr"

    @property
    def words(self) -> Mapping[str, str]:
        return {"signal": self.signal, "duress": self.duress, "exit": WORDS["exit"]}


SPEECH: Mapping[str, Speech] = {
    "en": Speech("English", WORDS["signal"], WORDS["duress"], "afraid 9", "Home recipes", "Message"),
    "es": Speech("Español", "girasol", "clavel", "miedo 9", "Recetas de casa", "Mensaje"),
    "pt": Speech("Português", "girassol", "cravo", "medo 9", "Receitas de casa", "Mensagem"),
    "fr": Speech("Français", "tournesol", "jonquille", "peur 9", "Recettes maison", "Message"),
    "pl": Speech("Polski", "słonecznik", "nagietek", "strach 9", "Domowe przepisy", "Napisz"),
    "ar": Speech("العربية", "ياسمين", "زنبق", "خوف 9", "وصفات البيت", "رسالة", "rtl"),
    "ur": Speech("اردو", "چنبیلی", "گیندا", "ڈر 9", "گھریلو ترکیبیں", "پیغام", "rtl"),
    "cy": Speech("Cymraeg", "heulwen", "briallu", "ofn 9", "Ryseitiau cartref", "Neges"),
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of the demo. `key` stands for it in forms; `code` is the joining code of a stranger."""

    key: str
    kind: PhoneKind
    channel: ChannelName
    address: str
    language: str = "en"
    owner: str = ""
    code: str = ""

    @property
    def speech(self) -> Speech:
        return SPEECH[self.language]

    @property
    def provider(self) -> str:
        return {"sms": "SMS", "telegram": "Telegram"}[self.channel]

    @property
    def label(self) -> str:
        """On its own place, where the kind of phone is plain: 'English', 'A stranger', 'Ana · SMS'."""
        if self.kind == "worker":
            return f"{self.owner.split()[0]} · {self.provider}"
        return "A stranger" if self.kind == "stranger" else self.speech.name

    @property
    def name(self) -> str:
        """Anywhere: 'SMS · English', 'Telegram · a stranger', 'Ana · SMS'."""
        if self.kind == "worker":
            return self.label
        return f"{self.provider} · {'a stranger' if self.kind == 'stranger' else self.label}"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One who is enrolled when the demo opens, `joined` before now; her first check-in comes `rhythm_days` later."""

    phone: Phone
    joined: timedelta
    missed_rule: str
    missed_after_hours: int
    verify_question: str


# `joined` decides when the next check-in is due: in an hour on the first phone, tomorrow on the second.
RECIPIENTS: Mapping[str, Recipient] = {
    one.phone.key: one
    for one in (
        Recipient(
            Phone("english", "recipient", "sms", HER_ADDRESS["sms"]),
            timedelta(days=42) - timedelta(hours=1),
            "worker",
            2,
            "The colour of the first bicycle",
        ),
        Recipient(
            Phone("spanish", "recipient", "telegram", "900345", "es"),
            timedelta(days=28) - timedelta(hours=22),
            "retry_then_worker",
            24,
            "El nombre de su escuela",
        ),
        Recipient(
            Phone("arabic", "recipient", "sms", "+447700900161", "ar"),
            timedelta(days=40, hours=3),
            "retry_then_worker",
            12,
            "اسم أول معلمة",
        ),
        Recipient(
            Phone("welsh", "recipient", "sms", "+447700900178", "cy"),
            timedelta(days=9, hours=5),
            "worker",
            24,
            "Enw'r gath gyntaf",
        ),
    )
}
