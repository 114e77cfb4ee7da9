"""What authors, translators and operators run."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from xml.etree import ElementTree

from escalation.console.passwords import is_password
from storage import accounts
from storage.crypto.ring import Ring
from storage.crypto.ring_source import RingFile
from storage.database import Database
from storage.vault import open_vault
from tests.warm import Rowan


def test_what_ships_fits_together(rowan_from_nothing: Rowan) -> None:
    done = rowan_from_nothing("check", NO_COLOR="1")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout
    assert "\x1b" not in done.stderr


def test_a_broken_flow_ladder_rota_and_receiver_are_named_by_place(rowan: Rowan, tmp_path: Path) -> None:
    library = tmp_path / "ours" / "library"
    library.mkdir(parents=True)
    flow = "flow: ours\nabout: Ours.\nstart: nowhere\nsteps:\n  one:\n    say: Hello.\n    next: two\n"
    (library / "ours.yaml").write_text(flow)
    (tmp_path / "ours" / "ladder.yaml").write_text("zone: UTC\ntiers:\n  P0: {quiet: 22:00-07:00}\n")
    (tmp_path / "ours" / "rota.yaml").write_text("people:\n  ana: [A]\n  ben: [A]\n")
    (tmp_path / "ours" / "receivers.yaml").write_text("police:\n  gives: [safe, notes]\n")
    done = rowan("check", "--programme", str(tmp_path / "ours"))
    assert done.returncode == 1
    places = re.findall(r"ours\.yaml:(\d+):(\d+): ", done.stdout)
    assert {line for line, _ in places} >= {"3", "7"}, done.stdout
    assert "ladder.yaml:3:15: P0 has quiet hours." in done.stdout
    assert "rota.yaml:3:9: `A` is also a name of `ana`." in done.stdout
    assert "receivers.yaml:2:17: There are no fields `notes`." in done.stdout
    listed = rowan("check", "--programme", str(tmp_path / "ours"), "--json")
    assert listed.returncode == 1
    found = json.loads(listed.stdout)
    assert all(set(one) == {"file", "line", "column", "problem", "hint"} for one in found)


def test_a_flow_is_drawn(rowan: Rowan) -> None:
    mermaid = rowan("graph", "checkin")
    assert mermaid.returncode == 0
    assert re.match(r"(flowchart|graph|stateDiagram)", mermaid.stdout)
    assert "safe_now" in mermaid.stdout
    svg = rowan("graph", "checkin", "--format", "svg")
    assert ElementTree.fromstring(svg.stdout).tag.endswith("svg")  # noqa: S314 - our own picture
    unknown = rowan("graph", "nothing_like_it")
    assert unknown.returncode in (1, 2)
    assert "Traceback" not in unknown.stderr


def test_danger_words_are_read_a_line_at_a_time(rowan: Rowan) -> None:
    done = rowan("signals", "--json", says="he has a gun\nthe cake was good\n\n")
    gun, cake, blank = [json.loads(line) for line in done.stdout.splitlines()]
    assert set(gun) == {"text", "tier", "matches"}
    assert gun["tier"] in ("P0", "P1")
    assert gun["matches"]
    assert (cake["tier"], cake["matches"]) == (None, [])
    assert (blank["text"], blank["tier"]) == ("", None)


def test_hints_are_learned_from_messages_of_ones_own(rowan: Rowan, tmp_path: Path) -> None:
    own = [f"the lantern is lit tonight {n},P1" for n in range(6)] + [
        f"the kettle is on tonight {n}," for n in range(6)
    ]
    (tmp_path / "messages.en.csv").write_text("\n".join(["text,tier", *own]), encoding="utf-8")
    done = rowan("signals", "--learn", str(tmp_path), "--keep", str(tmp_path))
    assert done.returncode == 0, done.stderr
    weights = dict(line.rsplit(",", 1) for line in (tmp_path / "hints.csv").read_text().splitlines()[1:])
    assert float(weights[" lantern "]) > 0 > float(weights[" kettle "])


def test_the_state_of_the_languages(rowan: Rowan) -> None:
    done = rowan("locales", "status", "--json")
    rows = {row["language"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 0
    assert {"es", "ar", "cy"} <= set(rows)
    assert all({"translated", "fuzzy", "missing", "status"} <= set(row) for row in rows.values())
    assert all(row["translated"] + row["fuzzy"] + row["missing"] > 100 for row in rows.values())


def test_what_a_conversation_costs(rowan: Rowan) -> None:
    done = rowan("locales", "cost", "--price", "0.5", "--json")
    rows = {(row["language"], row["talk"]): row for row in json.loads(done.stdout)}
    assert {"en", "ur", "cy"} <= {language for language, _ in rows}
    for row in rows.values():
        assert row["cost"] == (row["sent"] + row["received"]) / 2
        assert row["sent"] > 0
    shown = rowan("locales", "cost")
    assert re.search(r"^ *en +7 \+ 7 = 14 ", shown.stdout, re.MULTILINE), shown.stdout
    assert rowan("locales", "cost", "--price", "much").returncode == 2


def test_a_new_installation_is_made_once_and_looked_at(rowan: Rowan, tmp_path: Path) -> None:
    made = rowan("init", "var")
    assert made.returncode == 0, made.stderr
    ring = tmp_path / "var" / "keyring.json"
    assert ring.stat().st_mode & 0o077 == 0, "nobody else may read the keys"
    before = ring.read_bytes()
    again = rowan("init", "var")
    assert (again.returncode, ring.read_bytes()) == (1, before)

    settings = {"ROWAN_KEY_RING_FILE": str(ring), "ROWAN_DATABASE_URL": f"sqlite:///{tmp_path}/var/rowan.db"}
    looked = rowan("doctor", "--json", **settings)
    found = {one["what"]: one["grade"] for one in json.loads(looked.stdout)}
    assert looked.returncode == 1, "no channel and nobody on call keep it from its job"
    assert (found["keys"], found["database"], found["audit log"]) == ("good", "good", "good")
    assert (found["rota"], found["ladder"], found["channels"]) == ("bad", "bad", "bad")


def test_an_account_made_here_opens_the_console_whatever_keyboard_the_password_is_typed_on(
    rowan: Rowan, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/var/rowan.db"
    settings = {"ROWAN_KEY_RING_FILE": str(tmp_path / "var" / "keyring.json"), "ROWAN_DATABASE_URL": url}
    assert rowan("init", "var").returncode == 0
    words = "zwo\u0308lf grosse boxka\u0308mpfer"  # the accents apart, as some keyboards type them
    made = rowan("staff", "add", "Ana", "--name", "Ana Duarte", says=f"{words}\n", **settings)
    assert made.returncode == 0, made.stderr
    shown = re.search(r"or type ([A-Z2-7]{32})\.", made.stdout)
    assert shown, made.stdout

    database = Database(url)
    try:
        vault = database.write_now(open_vault, Ring.read(RingFile(Path(settings["ROWAN_KEY_RING_FILE"]))))
        account = database.read_now(accounts.account, vault, "ana")
    finally:
        database.close()
    assert account is not None
    assert account.totp == base64.b32decode(shown[1])
    assert is_password(account.password, "zw\u00f6lf grosse boxk\u00e4mpfer")
    assert not is_password(account.password, "zwolf grosse boxkampfer")


def test_who_has_left_is_taken_off_piece_by_piece_or_whole(rowan: Rowan, tmp_path: Path) -> None:
    settings = {
        "ROWAN_KEY_RING_FILE": str(tmp_path / "var" / "keyring.json"),
        "ROWAN_DATABASE_URL": f"sqlite:///{tmp_path}/var/rowan.db",
    }
    assert rowan("init", "var").returncode == 0

    def staff(*words: str, code: int = 0, says: str = "") -> str:
        done = rowan("staff", *words, says=says, **settings)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    staff("add", "ana", "--name", "Ana", says="a long enough password\n")
    for number in ("+447700900201", "+447700900202"):
        staff("phone", "ana", "sms", number)
    for label in ("case system", "old laptop"):
        staff("token", "ana", "--label", label)
    shown = staff("show", "ana")
    assert ("…201" in shown, "…202" in shown, "old laptop" in shown, "+4477" in shown) == (True, True, True, False)

    staff("remove-phone", "ana", "201")
    assert "0 phones of ana end so" in staff("remove-phone", "ana", "201", code=1)
    staff("revoke-token", "ana", "old laptop")
    assert "no such token" in staff("revoke-token", "ana", "old laptop", code=1)
    staff("sign-out", "ana")
    left = staff("show", "ana")
    assert ("…201" in left, "…202" in left, "old laptop" in left, "case system" in left) == (False, True, False, True)

    staff("deactivate", "ana")
    assert "deactivated" in staff("list")
    assert "off already" in staff("deactivate", "ana", code=1)
    assert staff("show", "ana").split() == ["signed", "in", "with", "0", "browsers"]
    staff("activate", "ana")
    assert "deactivated" not in staff("list")
    assert "audit" in rowan("audit", "verify", **settings).stdout.lower()


def test_an_unknown_command_is_wrong_use(rowan: Rowan) -> None:
    done = rowan("dance", NO_COLOR="1")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


def test_the_setting_names_the_programme_when_the_option_does_not(rowan: Rowan, tmp_path: Path) -> None:
    library = tmp_path / "ours" / "library"
    library.mkdir(parents=True)
    (library / "ours.yaml").write_text("flow: ours\nabout: Ours.\nstart: nowhere\nsteps:\n  one: {end: Hello.}\n")
    done = rowan("check", ROWAN_PROGRAMME="ours")
    assert done.returncode == 1
    assert "ours.yaml:3:" in done.stdout
