"""What Twilio posts: signed by it, in the exact shape, each parameter once; and what anybody else might post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.channels.base import TryLater, Unreachable
from bot.channels.sms_form import Refused, read_form, read_inbound, read_status, signature_ok

URL = "https://line.example.org/channels/twilio/inbound"
ACCOUNT = "AC" + "0" * 32
TOKEN = "a secret of Twilio's and ours"
SID = "SM" + "0123456789abcdef" * 2
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
POSTED = {
    "AccountSid": ACCOUNT,
    "ApiVersion": "2010-04-01",
    "Body": "afraid 9",
    "From": "+15557654321",
    "FromCountry": "US",
    "MessageSid": SID,
    "NumMedia": "0",
    "NumSegments": "1",
    "SmsSid": SID,
    "To": "+15550001111",
}
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
forms = st.dictionaries(texts, texts, max_size=25)


def pairs(**changes: str) -> list[tuple[str, str]]:
    return list((POSTED | changes).items())


def signed(url: str, form: dict[str, str]) -> str:
    return str(RequestValidator(TOKEN).compute_signature(url, form))


class TestForm:
    @given(body=st.lists(st.sampled_from([*"ab=&+%;é", "%41", "%C3%A9", "%E2", "%ff", "%zz", "\x00"])).map("".join))
    def test_a_form_is_read_as_the_standard_library_reads_it(self, body: str) -> None:
        def read(how: Callable[[], list[tuple[str, str]]]) -> object:
            try:
                return how()
            except ValueError:
                return ValueError

        theirs = read(lambda: parse_qsl(body, keep_blank_values=True, errors="strict"))
        assert read(lambda: read_form(body.encode())) == theirs

    @pytest.mark.parametrize("body", [b"a=\xff", b"&".join([b"a=1"] * 201)])
    def test_what_is_no_text_or_has_no_end_is_refused(self, body: bytes) -> None:
        with pytest.raises(ValueError, match=r"invalid start byte|too many"):
            read_form(body)


class TestSignature:
    @given(form=forms)
    def test_what_twilio_s_own_library_signs_is_accepted(self, form: dict[str, str]) -> None:
        assert signature_ok(URL, list(form.items()), signed(URL, form), TOKEN)

    @given(form=forms, header=st.text(max_size=40) | st.binary(max_size=20).map(lambda raw: raw.decode("latin-1")))
    def test_what_it_would_refuse_is_refused(self, form: dict[str, str], header: str) -> None:
        assert signature_ok(URL, list(form.items()), header, TOKEN) == RequestValidator(TOKEN).validate(
            URL, form, header
        )

    @pytest.mark.parametrize(
        "url",
        [
            "https://line.example.org/in?from=twilio",
            "https://line.example.org:8443/in",
            "http://line.example.org/in",
            "https://line.example.org:443/in",
        ],
    )
    def test_the_port_may_be_signed_or_not_as_the_library_allows(self, url: str) -> None:
        with_port = url if url.count(":") == 2 else url.replace("org/", "org:443/" if "https" in url else "org:80/")
        without_port = url.replace(":8443", "").replace(":443", "")
        for signed_url in (url, with_port, without_port):
            header = signed(signed_url, POSTED)
            assert RequestValidator(TOKEN).validate(url, POSTED, header)
            assert signature_ok(url, pairs(), header, TOKEN)

    @pytest.mark.parametrize("signed_url", [URL, f"{URL}#rc=5&rp=all"])
    def test_the_connection_overrides_may_be_signed_or_not(self, signed_url: str) -> None:
        assert signature_ok(f"{URL}#rc=5&rp=all", pairs(), signed(signed_url, POSTED), TOKEN)

    @pytest.mark.parametrize("url", ["https://elsewhere.example.org/in", URL + "/", URL.replace("https", "http")])
    def test_another_address_is_another_signature(self, url: str) -> None:
        assert not signature_ok(url, pairs(), signed(URL, POSTED), TOKEN)

    def test_one_changed_letter_is_seen(self) -> None:
        assert not signature_ok(URL, pairs(Body="afraid 8"), signed(URL, POSTED), TOKEN)

    def test_a_parameter_given_twice_is_refused_even_where_the_library_takes_it(self) -> None:
        twice = [*pairs(), ("Body", "afraid 9")]
        assert RequestValidator(TOKEN).validate(URL, dict(twice), signed(URL, POSTED))
        assert not signature_ok(URL, twice, signed(URL, POSTED), TOKEN)

    @pytest.mark.parametrize("header", [None, "", "é", "\udc80", "=" * 28])
    def test_no_signature_or_nonsense_is_no_signature(self, header: str | None) -> None:
        assert not signature_ok(URL, pairs(), header, TOKEN)

    @pytest.mark.parametrize("length", [1, 10, 27])
    def test_part_of_a_signature_is_none(self, length: int) -> None:
        assert not signature_ok(URL, pairs(), signed(URL, POSTED)[:length], TOKEN)

    def test_without_a_token_nothing_is_signed(self) -> None:
        assert not signature_ok(URL, pairs(), str(RequestValidator("").compute_signature(URL, POSTED)), "")

    def test_half_a_character_is_no_signed_form(self) -> None:
        assert not signature_ok(URL, pairs(Body="\ud800"), signed(URL, POSTED), TOKEN)


class TestInbound:
    def test_a_text_is_read_as_it_came(self) -> None:
        inbound = read_inbound(pairs(Body="  Sí, 9\u200f \n"), ACCOUNT, NOW)
        assert inbound.text == "  Sí, 9\u200f \n"
        assert (inbound.channel, inbound.provider_id, inbound.at) == ("sms", SID, NOW)
        assert (inbound.address, inbound.to) == ("+15557654321", "+15550001111")
        assert inbound.phone_message is None

    @pytest.mark.parametrize("body", ["", " ", "\n\t "])
    def test_a_blank_text_is_a_text(self, body: str) -> None:
        assert read_inbound(pairs(Body=body), ACCOUNT, NOW).text == ""

    def test_only_the_kinds_of_media_are_kept(self) -> None:
        kinds = ["image/jpeg", "audio/amr", "video/3gpp", "text/x-vcard; charset=utf-8", "application/pdf", "a", ""]
        form = pairs(
            NumMedia="7", **{f"MediaContentType{n}": kind for n, kind in enumerate(kinds)}, MediaUrl0="https://x"
        )
        media = read_inbound(form, ACCOUNT, NOW).media
        assert media == ("photo", "voice", "video", "contact", "document", "other", "other")

    def test_parameters_twilio_adds_later_are_accepted(self) -> None:
        assert read_inbound(pairs(SomethingNew="1", Language2="cy"), ACCOUNT, NOW).text == "afraid 9"

    def test_our_own_end_may_be_a_short_code(self) -> None:
        assert read_inbound(pairs(To="741741"), ACCOUNT, NOW).to == "741741"

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"AccountSid": "AC" + "f" * 32}, "AccountSid"),
            ({"AccountSid": ""}, "AccountSid"),
            ({"MessageSid": SID + "\n"}, "MessageSid"),
            ({"MessageSid": SID.upper()}, "MessageSid"),
            ({"MessageSid": "XX" + "0" * 32}, "MessageSid"),
            ({"MessageSid": "SM" + "0" * 31}, "MessageSid"),
            ({"From": "15557654321"}, "From"),
            ({"From": "+0557654321"}, "From"),
            ({"From": "whatsapp:+15557654321"}, "From"),
            ({"From": "+1555765432１"}, "From"),
            ({"To": "+1555"}, "To"),
            ({"Body": "a" * 1601}, "Body"),
            ({"NumMedia": "11"}, "NumMedia"),
            ({"NumMedia": "-1"}, "NumMedia"),
            ({"NumMedia": "¹"}, "NumMedia"),
            ({"a b": "1"}, "a parameter's name"),
            ({"é": "1"}, "a parameter's name"),
        ],
    )
    def test_another_shape_is_refused(self, changes: dict[str, str], reason: str) -> None:
        with pytest.raises(Refused, match=f"^{reason}$"):
            read_inbound(list((POSTED | changes).items()), ACCOUNT, NOW)

    @pytest.mark.parametrize("name", ["AccountSid", "MessageSid", "From", "To", "Body"])
    def test_a_missing_parameter_is_refused(self, name: str) -> None:
        with pytest.raises(Refused, match=name):
            read_inbound([pair for pair in pairs() if pair[0] != name], ACCOUNT, NOW)

    def test_without_an_account_of_ours_nothing_is_ours(self) -> None:
        with pytest.raises(Refused, match="AccountSid"):
            read_inbound(pairs(AccountSid=""), "", NOW)

    def test_a_parameter_twice_is_refused(self) -> None:
        with pytest.raises(Refused, match="twice"):
            read_inbound([*pairs(), ("From", "+15550009999")], ACCOUNT, NOW)

    @pytest.mark.parametrize(
        "cut",
        [
            {"Bodya": "fraid 9"},  # the same letters, cut one later
            {"Body": "afraid 9From+15557654321FromCountryUSMessageSid" + SID},
        ],
    )
    def test_parameters_cut_elsewhere_under_the_same_signature_are_refused(self, cut: dict[str, str]) -> None:
        """The signature holds for both, which is why it is not enough."""
        dropped = {"Body"} if "Bodya" in cut else {"Body", "From", "FromCountry", "MessageSid"}
        form = {name: value for name, value in POSTED.items() if name not in dropped} | cut
        assert signature_ok(URL, list(form.items()), signed(URL, POSTED), TOKEN)
        with pytest.raises(Refused):
            read_inbound(list(form.items()), ACCOUNT, NOW)

    @given(
        st.lists(st.tuples(st.sampled_from([*POSTED, "x"]) | st.text(max_size=8), st.text(max_size=40)), max_size=14)
    )
    def test_any_form_is_a_message_or_refused(self, form: list[tuple[str, str]]) -> None:
        reason = None
        try:
            assert read_inbound(form, ACCOUNT, NOW).provider_id == dict(form)["MessageSid"]
        except Refused as refused:
            reason = refused.reason
        assert reason in {None, *POSTED, "a parameter twice", "a parameter's name"}

    @given(changed=st.dictionaries(st.sampled_from(sorted(POSTED)), st.text(max_size=1700), max_size=3))
    def test_nothing_of_a_wrong_shape_gets_in(self, changed: dict[str, str]) -> None:
        try:
            inbound = read_inbound(pairs(**changed), ACCOUNT, NOW)
        except Refused:
            return
        assert inbound.address.startswith("+")
        assert inbound.address[1:].isdecimal()
        assert len(inbound.text) <= 1600


class TestCarrier:
    """With Advanced Opt-Out an account has words of its own: Twilio marks the text that it acted on."""

    @pytest.mark.parametrize(
        ("marked", "carrier"),
        [("STOP", "stop"), ("START", "start"), ("HELP", ""), ("", ""), ("stop", "stop"), ("1", "")],
    )
    def test_what_twilio_took_it_for_is_noted(self, marked: str, carrier: str) -> None:
        assert read_inbound(pairs(Body="arrêt", OptOutType=marked), ACCOUNT, NOW).carrier == carrier

    def test_most_texts_come_unmarked(self) -> None:
        assert read_inbound(pairs(Body="STOP"), ACCOUNT, NOW).carrier == ""


class TestStatus:
    def test_a_report_is_read(self) -> None:
        report = read_status([("AccountSid", ACCOUNT), ("MessageSid", SID), ("MessageStatus", "delivered")], ACCOUNT)
        assert (report.provider_id, report.status, report.code, report.failure) == (SID, "delivered", None, None)

    @pytest.mark.parametrize(("code", "kind"), [("30003", Unreachable), ("30008", TryLater), ("21610", Unreachable)])
    def test_a_failure_says_whether_trying_again_helps(self, code: str, kind: type) -> None:
        form = [("AccountSid", ACCOUNT), ("MessageSid", SID), ("MessageStatus", "undelivered"), ("ErrorCode", code)]
        assert type(read_status(form, ACCOUNT).failure) is kind

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("MessageStatus", "<b>"),
            ("MessageStatus", ""),
            ("ErrorCode", "0x1"),
            ("ErrorCode", "٣"),
            ("ErrorCode", "1" * 7),
            ("MessageSid", "1"),
            ("AccountSid", "AC1"),
        ],
    )
    def test_another_shape_is_refused(self, name: str, value: str) -> None:
        form = {"AccountSid": ACCOUNT, "MessageSid": SID, "MessageStatus": "sent", "ErrorCode": "30001"} | {name: value}
        with pytest.raises(Refused, match=name):
            read_status(list(form.items()), ACCOUNT)

    def test_a_status_nobody_knows_yet_is_taken(self) -> None:
        form = [("AccountSid", ACCOUNT), ("MessageSid", SID), ("MessageStatus", "partially_delivered")]
        assert read_status(form, ACCOUNT).status == "partially_delivered"
