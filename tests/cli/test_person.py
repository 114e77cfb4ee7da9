"""An operator erases somebody whom no worker can: by the reference, typed twice, with a reason."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from flows.engine.conversation import Contact
from storage import audit
from storage.cases import ref_of
from storage.crypto.ring import Ring
from storage.crypto.ring_source import RingFile
from storage.database import Database
from storage.enrolment import enrol
from storage.keeping import state
from storage.vault import open_vault
from tests.warm import Rowan


def test_the_operator_erases_by_the_reference_typed_twice(rowan: Rowan, tmp_path: Path) -> None:
    assert rowan("init", "var").returncode == 0
    key_ring, url = str(tmp_path / "var" / "keyring.json"), f"sqlite:///{tmp_path}/var/rowan.db"
    settings = {"ROWAN_KEY_RING_FILE": key_ring, "ROWAN_DATABASE_URL": url}
    assert rowan("db", "upgrade", **settings).returncode == 0
    database = Database(url)
    vault = database.write_now(open_vault, Ring.read(RingFile(Path(key_ring))))
    contact = Contact(channel="sms", consent="worker")
    _, her = database.write_now(enrol, vault, "+447700900123", contact, "worker", datetime.now(UTC))
    ref = database.read_now(ref_of, her.person)
    database.close()

    asked = ("person", "erase", ref.lower(), "--by", "in_writing", "--reason", "Her letter of May.")
    other = rowan(*asked, says="ZZZZZZ\n", **settings)
    assert (other.returncode, "nothing was erased" in other.stderr) == (1, True)
    done = rowan(*asked, says=f"{ref}\n", **settings)
    assert done.returncode == 0, done.stderr
    receipt = re.search(r"Receipt ([0-9a-f]{16})\.", done.stdout)
    assert receipt, done.stdout
    again = rowan(*asked, "--confirm", ref, **settings)
    assert (again.returncode, "no such person" in again.stderr) == (1, True)
    assert receipt[1] in rowan("db", "erased", **settings).stdout

    looked = tmp_path / "looked_for.txt"
    looked.write_text("+447700900123\n07700 900123\n")
    verified = rowan("db", "verify", "--look-for", str(looked), **settings)
    assert (verified.returncode, verified.stderr) == (0, "")
    looked.write_text("+447700900123\nSQLite format 3\n")
    verified = rowan("db", "verify", "--look-for", str(looked), **settings)
    assert (verified.returncode, verified.stderr.split("\n")) == (1, ["rowan.db: line 2", ""])

    database = Database(url)
    lately = database.read_now(audit.lately, vault, "", receipt[1], datetime.fromtimestamp(0, UTC))
    kept = database.read_now(state, vault, datetime.now(UTC))
    database.close()
    assert kept.verified_at is not None, "for the administrator's page"
    assert lately == {("recipient.erase", "in_writing: Her letter of May.")}
