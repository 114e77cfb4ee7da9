"""`rowan chat --json` to the letter of the contract that programs rely on."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.demo.case_acts import CASE_ACTS
from tests.warm import Rowan

AT = "2026-11-20T18:00:00Z"
PAGED = "▸ the worker's phone: P2"
KEYS = ["at", "in", "mode", "flow", "step", "out", "alerts", "wiped"]


def objects(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def check_shape(said: dict[str, Any]) -> None:
    assert list(said) == KEYS
    assert said["at"].endswith("Z")
    assert datetime.fromisoformat(said["at"]).utcoffset() == timedelta(0)
    assert said["mode"] in ("closed", "open", "worker", "paused")
    assert isinstance(said["in"], str)
    assert isinstance(said["wiped"], int)
    assert all(said[name] is None or isinstance(said[name], str) for name in ("flow", "step"))
    for message in said["out"]:
        assert list(message) == ["text", "options", "kind", "segments", "encoding"]
        assert message["kind"] in ("cover", "session", "notice")
        assert message["segments"] >= 1
        assert message["encoding"] in ("GSM-7", "UCS-2")
        assert all(list(option) == ["token", "label"] for option in message["options"])
    for alert in said["alerts"]:
        assert list(alert) == ["ref", "tier", "rules"]
        assert alert["tier"] in ("P0", "P1", "P2", "P3")
        assert alert["rules"]


def test_a_whole_talk_gives_one_object_a_line(rowan: Rowan) -> None:
    lines = ["hi", "sunflower", "/photo", "1", "afraid 9", "/wait 2h", "marigold", "/blank", "sunflower", "/voice", "x"]
    done = rowan("chat", "--json", "--at", AT, says="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    said = objects(done.stdout)
    assert [one["in"] for one in said] == lines
    for one in said:
        check_shape(one)
    hi, opened, photo, fine, afraid, waited, duress, blank, again, _, left = said
    assert hi["at"] == "2026-11-20T18:00:00Z"
    assert (hi["mode"], hi["flow"], hi["out"][0]["kind"]) == ("closed", None, "cover")
    assert (opened["mode"], opened["flow"], opened["step"]) == ("open", "checkin", "safe_now")
    assert [option["token"] for option in opened["out"][-1]["options"]] == ["1", "2", "3", "4"]
    assert photo["step"] == "safe_now"
    assert fine["step"] == "fear"
    assert [(alert["tier"]) for alert in afraid["alerts"]] == ["P1"]
    assert (waited["at"], waited["mode"]) == ("2026-11-20T20:00:00Z", "closed")
    assert [alert["tier"] for alert in duress["alerts"]] == ["P0"]
    assert [message["kind"] for message in duress["out"]] == ["cover"]
    assert [message["kind"] for message in blank["out"]] == ["cover"]
    assert again["mode"] == "open"
    assert (left["mode"], [message["kind"] for message in left["out"]]) == ("closed", ["cover"])


def test_buttons_and_wiping_on_telegram(rowan: Rowan) -> None:
    talk = "sunflower\n/press 1\n/press 0\nx\n"
    done = rowan("chat", "--json", "--channel", "telegram", "--at", AT, says=talk)
    opened, pressed, fear, left = objects(done.stdout)
    assert opened["out"][0]["options"][0] == {"token": opened["out"][0]["options"][0]["token"], "label": "I am safe"}
    assert opened["out"][0]["text"] == "Hello. Are you safe right now?", "options are buttons, not lines"
    assert pressed["step"] == "fear"
    assert fear["flow"] == "checkin"
    assert left["wiped"] > 0


@pytest.mark.parametrize("language", ["es", "ar", "cy"])
def test_every_language_is_spoken(language: str, rowan: Rowan) -> None:
    done = rowan("chat", "--json", "--lang", language, "--flow", "crisis_plan", "--at", AT, says="sunflower\nx\n")
    opened, left = objects(done.stdout)
    assert (opened["mode"], opened["flow"]) == ("open", "crisis_plan")
    assert left["mode"] == "closed"
    english = (
        rowan("chat", "--json", "--flow", "crisis_plan", "--at", AT, says="sunflower\n") if language == "es" else None
    )
    if english is not None:
        assert objects(english.stdout)[0]["out"][0]["text"] != opened["out"][0]["text"]
    if language == "ar":
        assert opened["out"][0]["encoding"] == "UCS-2"


def test_a_strangers_phone_joins_with_the_keyword_only(rowan: Rowan) -> None:
    done = rowan("chat", "--json", "--new", "--at", AT, says="hello\nsunflower\nharvest\nx\n")
    hello, word, joined, left = objects(done.stdout)
    assert hello["out"] == word["out"] == []
    assert (joined["mode"], joined["flow"]) == ("open", "join")
    assert left["mode"] == "closed"


def test_a_kept_database_goes_on_where_it_stood(rowan: Rowan, tmp_path: Path) -> None:
    file = str(tmp_path / "kept.db")
    first = rowan("chat", "--json", "--db", file, "--at", AT, says="sunflower\n1\n")
    assert objects(first.stdout)[-1]["step"] == "fear"
    second = rowan("chat", "--json", "--db", file, "--at", "2026-11-20T18:01:00Z", says="2\n")
    (said,) = objects(second.stdout)
    assert (said["mode"], said["step"]) == ("open", "changed")
    assert b"sunflower" not in Path(file).read_bytes()


def test_wrong_use_ends_with_two_and_says_what_there_is(rowan: Rowan) -> None:
    unknown = rowan("chat", "--json", "--lang", "xx", says="hi\n")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "languages" in unknown.stderr
    wrong = rowan("chat", "--json", "--at", AT, says="hi\n/dance\nhi\n")
    assert wrong.returncode == 2
    assert len(objects(wrong.stdout)) == 1
    assert "/wait" in wrong.stderr
    assert "Traceback" not in unknown.stderr + wrong.stderr
    assert rowan("chat", "--at", "yesterday").returncode == 2


def test_the_worker_takes_it_writes_with_her_hands_back_and_resolves(rowan: Rowan, tmp_path: Path) -> None:
    kept = ("chat", "--db", str(tmp_path / "kept.db"))
    first = rowan(*kept, "--json", says="sunflower\n1\nafraid 9\n")
    ref = json.loads(first.stdout.splitlines()[-1])["alerts"][0]["ref"]
    acts = f"/worker A {ref}\n/worker joins\n/worker says I am here.\nthank you\n/worker leaves\n"
    shown = rowan(*kept, says=f"{acts}/worker resolves spoke_safe Spoke, safe tonight.\n/worker leaves\n", NO_COLOR="1")
    assert f"the worker's phone: {ref} is yours (P1)" in shown.stdout
    assert "I am here." in shown.stdout
    signed = rowan(*kept, says="/worker signed\n/worker signed\n", NO_COLOR="1")
    assert f"{ref} is signed by a colleague, and resolved." in signed.stdout
    assert "Nothing of hers waits for a second person." in signed.stderr
    assert "Claim one of this person's alerts first." in shown.stderr, "resolved: there is no claim any more"
    assert rowan(*kept, "--json", says="/worker joins\n").returncode == 2


def test_the_worker_puts_on_record_what_the_case_page_can_and_reads_it_again(rowan: Rowan, tmp_path: Path) -> None:
    kept = ("chat", "--db", str(tmp_path / "kept.db"))
    says = "sunflower\n1\na job of my own\n3\n2\nmenu\n2\n1\nmy sister\nx\n"
    assert rowan(*kept, "--json", "--flow", "goals", says=says).returncode == 0
    acts = (
        "stages one contemplation",
        "stages one action",
        "records negotiated_exit agreed",
        "records no_contact_order stands",
        "notes Meets on Tuesday",
        "fills baseline hurt no seen",
        "fills baseline humiliated yes",
        "finishes baseline",
        "looks",
    )
    shown = rowan(*kept, says="".join(f"/worker {act}\n" for act in acts), NO_COLOR="1")
    assert shown.stderr == ""
    told = [line.removeprefix("▸ the console: ") for line in shown.stdout.splitlines() if "the console" in line]
    assert told[0] == "Stage of change at goal one: contemplation. Nothing was sent."
    assert "Finished: baseline gives P3. It stands on her record." in told
    looked = told[told.index("goal one: a job of my own [3] action") - 1 :]
    assert looked[0].startswith("plan ")
    assert "my sister" in looked[0]
    assert "on record: no_contact_order stands" in looked
    assert "note: Meets on Tuesday" in looked
    assert not any("negotiated_exit" in line for line in looked), "the order took it back"
    assert "cover ·" not in shown.stdout, "nothing of it goes to her phone"


def test_what_the_console_refuses_is_refused_with_its_sentence(rowan: Rowan) -> None:
    refusals = {
        "records programme_news left": "She has not agreed to hear news",
        "records negotiated_exit maybe": "'maybe' is none of: agreed.",
        "withdraws no_contact_order": "there is nothing to take back",
        "stages one action": "She has no goal of that name now.",
        "fills baseline hurt blue": "There is no such item or answer.",
        "fills nothing hurt yes": "There is no such instrument.",
        "finishes danger_screen": "Begin it first",
        "judges checkin P9": "'P9' is none of: P0, P1, P2, P3.",
        "plans collect done": "There is no such item in her plan.",
        "verifies": "Claim one of this person's alerts first.",
        "notes": "An empty note says nothing.",
    }
    shown = rowan("chat", says="".join(f"/worker {act}\n" for act in refusals))
    assert shown.returncode == 0
    refused = shown.stderr.splitlines()
    assert len(refused) == len(refusals)
    for said, (act, why) in zip(refused, refusals.items(), strict=True):
        assert why in said, act


def test_help_names_every_act_of_the_worker(rowan: Rowan) -> None:
    shown = rowan("chat", says="/worker help\n", NO_COLOR="1").stdout
    for verb in ("A CODE", "joins", "says", "leaves", "resolves", *CASE_ACTS):
        assert f"console: /worker {verb}" in shown


def test_after_the_duress_word_the_worker_is_asked_before_the_phone_shows_anybody(rowan: Rowan, tmp_path: Path) -> None:
    kept = ("chat", "--db", str(tmp_path / "kept.db"))
    first = rowan(*kept, "--json", says="sunflower\nmarigold\n")
    ref = json.loads(first.stdout.splitlines()[-1])["alerts"][0]["ref"]
    shown = rowan(*kept, says=f"/worker A {ref}\n/worker joins\nmenu\n", NO_COLOR="1")
    assert "somebody else may be reading her phone" in shown.stderr
    assert "A worker is here" not in shown.stdout
    assert "What would you like?" in shown.stdout
    acts = (
        "/worker joins!\n/worker says Hello.\n/worker says! Good evening.\n/worker verifies\n/worker says I am here.\n"
    )
    there = rowan(*kept, says=acts, NO_COLOR="1")
    assert "A worker is here" in there.stdout
    assert "Good evening." in there.stdout
    assert "I am here." in there.stdout
    assert "Hello." not in there.stdout


def test_a_time_that_she_sets_is_looked_after_while_the_clock_is_moved(rowan: Rowan) -> None:
    lines = ["sunflower", "menu", "9", "21:30", "at the blue cafe", "x"]
    lines += ["/wait 3h", "/wait 30m", "/wait 30m", "sunflower", "1"]
    done = rowan("chat", "--json", "--at", AT, says="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    *_, where, left, early, pinged, told, opened, back = objects(done.stdout)
    assert where["step"] is None
    assert left["mode"] == "closed"
    assert (early["out"], early["alerts"]) == ([], [])
    assert [message["kind"] for message in pinged["out"]] == ["cover"]
    assert [(alert["tier"], alert["rules"]) for alert in told["alerts"]] == [("P1", ["watch.not_back"])]
    assert told["out"] == []
    assert (opened["flow"], opened["step"]) == ("check_on_me", "back")
    assert "Nobody waits for you now" in back["out"][-1]["text"]


def test_a_programmes_own_ladder_says_whom_the_worker_of_the_chat_hears_from(rowan: Rowan, tmp_path: Path) -> None:
    talk = "sunflower\nmenu\n3\n1\n"  # she asks for a worker: a P2
    (tmp_path / "ladder.yaml").write_text('zone: UTC\ntiers:\n  P2: {quiet: "17:00-19:00"}\n')
    shipped = rowan("chat", "--at", AT, says=talk, NO_COLOR="1").stdout
    assert shipped.index(PAGED) < shipped.index("18:00 · worker"), "at once"
    own = rowan("chat", "--at", AT, says=f"{talk}/wait 61m\n", NO_COLOR="1", ROWAN_PROGRAMME=str(tmp_path)).stdout
    *_, paged, closed = own.strip().splitlines()
    assert own.count(PAGED) == 1
    assert (paged[: len(PAGED)], closed) == (PAGED, "19:01 · closed"), "when the quiet hours are over"
