"""Pages by e-mail, handed to a real mail server: in secret or not at all, and no word of a failure names anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.base import Broken, Outgoing, SendFailed, TryLater, Unreachable
from bot.channels.email import EmailChannel, Mailbox
from tests.fakes.smtp import PASSWORD, USER, FakeMail

LINK = "https://line.example.org/console/queue"
PAGE = Outgoing("0001", "email", "ana@example.org", "P0 K2A waits. Open the console:", subject="A page")


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[FakeMail]:
    with FakeMail(tmp_path) as fake:
        yield fake


def channel(mail: FakeMail, **changes: str) -> EmailChannel:
    mailbox = Mailbox("127.0.0.1", mail.port, "desk@example.org", USER, PASSWORD)
    return EmailChannel(replace(mailbox, **changes), LINK, mail.trust)  # type: ignore[arg-type]


async def test_a_page_is_one_sentence_and_the_way_to_the_console(mail: FakeMail) -> None:
    receipt = await channel(mail).send(PAGE)
    (taken,) = mail.mails
    assert (receipt.provider_id, receipt.status) == ("0001", "sent")
    assert (taken["To"], taken["From"], taken["Subject"]) == ("ana@example.org", "desk@example.org", "A page")
    assert str(taken.get_payload()).split() == [*PAGE.text.split(), LINK]
    assert taken["Auto-Submitted"] == "auto-generated"
    assert mail.in_secret == [True]


async def test_what_is_said_in_another_script_arrives(mail: FakeMail) -> None:
    await channel(mail).send(replace(PAGE, text="Mae P0 K2A yn aros: tŷ"))
    payload = mail.mails[0].get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert "tŷ" in payload.decode()


async def test_a_server_that_cannot_keep_a_secret_gets_nothing(tmp_path: Path) -> None:
    with FakeMail(tmp_path, starttls=False) as mail:
        with pytest.raises(Broken) as caught:
            await channel(mail, user="").send(PAGE)
        assert caught.value.code == "starttls"
        assert mail.mails == []


async def test_a_server_that_nobody_vouches_for_gets_nothing(mail: FakeMail, tmp_path: Path) -> None:
    stranger = EmailChannel(Mailbox("127.0.0.1", mail.port, "desk@example.org"), LINK)
    with pytest.raises(SendFailed):
        await stranger.send(PAGE)
    assert mail.mails == []


@pytest.mark.parametrize(
    ("answer", "kind"), [("550 5.1.1 <ana@example.org> no such user", Unreachable), ("451 4.7.1 later", TryLater)]
)
async def test_a_refusal_says_who_must_act_and_names_nobody(
    mail: FakeMail, answer: str, kind: type[SendFailed]
) -> None:
    mail.refuse = answer
    with pytest.raises(kind) as caught:
        await channel(mail).send(PAGE)
    assert caught.value.code == answer[:3]
    assert "ana" not in str(caught.value)
    assert caught.value.__context__ is None, "the original holds the address"
    assert mail.mails == []


async def test_a_wrong_password_is_the_operators(mail: FakeMail) -> None:
    with pytest.raises(Broken) as caught:
        await channel(mail, password="another").send(PAGE)
    assert caught.value.code == "535"


async def test_a_server_that_is_away_has_certainly_not_taken_it(mail: FakeMail) -> None:
    away = channel(mail)
    mail.stop()
    with pytest.raises(TryLater):
        await away.send(PAGE)


async def test_a_mail_remembers_nothing_and_cannot_be_taken_back(mail: FakeMail) -> None:
    sending = channel(mail)
    assert await sending.wipe("ana@example.org", ["1"]) == ("1",)
    assert not sending.remembers
    await sending.close()
