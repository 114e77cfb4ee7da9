"""Words that belong to somebody: without a permission reference, or after its end, they are not asked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.authoring.load import SHIPPED, check, load_programme
from flows.engine.effects import Assessed
from tests.instruments.asking import NO, YES, Phone
from tests.instruments.conftest import LOCALES
from tests.warm import Rowan

FORM = """\
instrument: pond
version: "1"
source: Invented for tests
licence: {licence}
opening: "May we ask two questions?"
closing: "Thank you. X hides this chat."
items:
  - {{id: deep, ask: "Invented: was the pond deep?", tier: P1}}
  - {{id: wide, ask: "Invented: was the pond wide?"}}
"""
NO_REFERENCE = "{holder: The Invented Institute}"
BLANK = '{holder: The Invented Institute, permission: " "}'
GOOD = "{holder: The Invented Institute, permission: INV-7, until: 2999-12-31}"
ENDED = "{holder: The Invented Institute, permission: INV-7, until: 2026-11-19}"
CALLER = """\
flow: errand
about: For tests.
start: ask
steps:
  ask: {call: pond, next: done}
  done: {end: All done here.}
"""


def folder(tmp_path: Path, licence: str, schedule: str = "") -> Path:
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / "pond.yaml").write_text(FORM.format(licence=licence) + schedule)
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "errand.yaml").write_text(CALLER)
    return tmp_path


def told(where: Path, today: date) -> list[str]:
    found = check([SHIPPED, where], LOCALES, today)
    return [f"{f.line}:{f.column}: {f.problem} {f.hint}" for f in found if f.file.endswith("pond.yaml")]


@pytest.mark.parametrize(
    ("licence", "said"),
    [
        (NO_REFERENCE, "4:19: `pond` does not run: it has no permission reference of The Invented Institute. Ask The"),
        (BLANK, "4:55: `pond` does not run: it has no permission reference of The Invented Institute. Ask The"),
        (ENDED, "4:69: `pond` does not run: its permission ended on 2026-11-19. Ask The Invented Institute and write"),
    ],
)
def test_the_check_says_where_and_why(tmp_path: Path, licence: str, said: str) -> None:
    (found,) = told(folder(tmp_path, licence), date(2026, 11, 20))
    assert found.startswith(said)


def test_the_last_day_is_a_day_of_it(tmp_path: Path) -> None:
    where = folder(tmp_path, ENDED)
    assert told(where, date(2026, 11, 19)) == []
    assert len(told(where, date(2026, 11, 20))) == 1


@pytest.mark.parametrize("licence", [NO_REFERENCE, BLANK, ENDED])
def test_the_service_loads_and_runs_without_it(tmp_path: Path, licence: str) -> None:
    programme = load_programme([SHIPPED, folder(tmp_path, licence)], LOCALES)
    assert list(programme.refused(date(2026, 11, 20))) == ["pond"]
    alone, called = Phone(programme, "pond"), Phone(programme, "errand")
    assert alone.read_by_her().startswith("What would you like?"), "the menu comes in its place"
    assert called.read_by_her().startswith("All done here.")
    assert not [effect for phone in (alone, called) for effect in phone.effects if isinstance(effect, Assessed)]


def test_with_a_reference_it_is_asked(tmp_path: Path) -> None:
    programme = load_programme([SHIPPED, folder(tmp_path, GOOD)], LOCALES)
    assert programme.refused(date(2026, 11, 20)) == {}
    phone = Phone(programme, "errand")
    assert phone.says(YES, YES, NO)[-2:] == ["pond/closing", "errand/done"]
    assert phone.raised() == [("P1", ("pond.deep",))]


def test_one_that_ends_while_the_service_runs_is_not_begun_any_more(tmp_path: Path) -> None:
    programme = load_programme([SHIPPED, folder(tmp_path, ENDED)], LOCALES)
    last_minute = Phone(programme, "pond", datetime(2026, 11, 19, 23, 59, 30, tzinfo=UTC))
    assert last_minute.says(YES, YES) == ["pond/deep", "pond/wide"]
    assert last_minute.says(NO) == ["pond/closing"], "who has begun may finish"
    later = Phone(programme, "pond", datetime(2026, 11, 20, 0, 0, 30, tzinfo=UTC))
    assert "pond" not in later.read_by_her()


def test_a_licence_may_not_hang_over_the_check_in(tmp_path: Path) -> None:
    (tmp_path / "instruments").mkdir()
    text = 'instrument: checkin\nversion: "1"\nflow: checkin\nlicence: {holder: Somebody, permission: P-1}\nrules:\n'
    rule = "  - {id: afraid, tier: P1, when: 'fear >= 8', says: Afraid}\n"
    (tmp_path / "instruments" / "checkin.yaml").write_text(text + rule)
    found = check([SHIPPED, tmp_path], LOCALES, date(2026, 11, 20))
    said = [f"{each.line}:{each.column}: {each.problem}" for each in found if each.file.endswith("checkin.yaml")]
    assert said == ["4:1: `checkin` would stop with this licence, and the chat begins there."]


# as people run it


def test_rowan_check_names_it(rowan: Rowan, tmp_path: Path) -> None:
    done = rowan("check", "--programme", str(folder(tmp_path, NO_REFERENCE)))
    assert done.returncode == 1
    assert "pond.yaml:4:19: `pond` does not run: it has no permission reference" in done.stdout


def test_rowan_doctor_says_so(rowan: Rowan, tmp_path: Path) -> None:
    done = rowan("doctor", ROWAN_PROGRAMME=str(folder(tmp_path, ENDED)))
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if line.split()[1] == "instrument"]
    assert "pond does not run: its permission ended on 2026-11-19. All else does." in line
