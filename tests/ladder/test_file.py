"""ladder.yaml: what ships holds, a programme's own lies over it, and what ends in silence is refused at its line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from escalation.ladder.file import TIERS, check_ladder, read_ladder, shipped
from escalation.ladder.policy import EVERYBODY
from flows.authoring.findings import AuthorError

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def programme(folder: Path, text: str) -> Path:
    (folder / "ladder.yaml").write_text(text, encoding="utf-8")
    return folder


def test_what_ships_holds_and_has_no_quiet_hours() -> None:
    assert check_ladder(None) == ()
    assert all(shipped().awake(tier, NIGHT) == NIGHT for tier in TIERS)
    assert [shipped().policy(tier, NOON).within for tier in TIERS] == [
        timedelta(minutes=2),
        timedelta(minutes=5),
        timedelta(hours=4),
        timedelta(hours=24),
    ]


def test_a_folder_without_one_has_what_ships(tmp_path: Path) -> None:
    assert read_ladder(tmp_path) == shipped()
    assert check_ladder(tmp_path) == ()


def test_one_key_of_a_tier_leaves_the_others_as_they_ship(tmp_path: Path) -> None:
    ladder = read_ladder(programme(tmp_path, "tiers:\n  P2: {repeat: 1h}\n"))
    changed, before = ladder.policy("P2", NOON), shipped().policy("P2", NOON)
    assert changed.repeat == timedelta(hours=1)
    assert (changed.steps, changed.within, changed.lease) == (before.steps, before.within, before.lease)
    assert ladder.tiers["P0"] == shipped().tiers["P0"]


NIGHTS = """\
zone: America/New_York
tiers:
  P2:
    quiet: 22:00-07:00
    hours:
      - between: 07:00-09:00
        lease: 2h
      - between: 18:00-22:00
        steps:
          - {after: 30m, who: [backup], methods: [telegram, sms]}
          - {after: 1h, who: [on_call, supervisor]}
        repeat: 45m
"""


def test_hours_of_the_day_have_steps_of_their_own(tmp_path: Path) -> None:
    ladder = read_ladder(programme(tmp_path, NIGHTS))
    evening = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # half past six there
    assert ladder.step("P2", 0, evening).methods == ("telegram", "sms")
    assert ladder.step("P2", 9, evening).who == ("on_call", "supervisor")
    assert ladder.first("P2", evening) == evening + timedelta(minutes=30)
    assert ladder.after("P2", 1, evening) == evening + timedelta(minutes=45)
    assert ladder.step("P2", 9, NOON).who == EVERYBODY
    assert ladder.lease("P2", NOON) == timedelta(hours=2), "seven in the morning there"
    assert ladder.lease("P2", evening) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tiers:\n  P0: {quiet: 22:00-07:00}\nzone: Europe/London\n", "2:15: P0 has quiet hours."),
        ("tiers:\n  P1:\n    quiet: 22:00-07:00\nzone: Europe/London\n", "3:12: P1 has quiet hours."),
        ("tiers:\n  P0:\n    steps: []\n", "3:5: `steps` has 0 entries."),
        (
            "tiers:\n  P2:\n    repeat: never\n",
            "3:13: `never` is no length of time. Write 90s, 10m, 2h",
        ),
        ("tiers:\n  P2:\n    repeat: 0m\n", "3:13: `repeat` is 0m."),
        ("tiers:\n  P2:\n    repeat: 9d\n", "3:13: `repeat` is 216h. For a P2 from 10s to 24h"),
        ("tiers:\n  P0:\n    repeat: 2h\n", "3:13: `repeat` is 2h. For a P0 from 10s to 30m"),
        (
            "tiers:\n  P1:\n    steps:\n      - {after: 1m, who: [on_call, backup, supervisor]}\n",
            "4:17: The first step of P1 comes after 1m. The first page of a P0 or P1 goes out at once: `after: 0m`.",
        ),
        (
            (
                "tiers:\n  P0:\n    hours:\n      - between: 22:00-06:00\n        steps:\n"
                "          - {after: 20s, who: [on_call, backup, supervisor]}\nzone: Europe/London\n"
            ),
            "6:21: The first step of P0 comes after 20s.",
        ),
        (
            "tiers:\n  P0:\n    steps:\n      - {after: 0m, who: [on_call]}\n",
            "4:21: This ladder ends with people",
        ),
        ("tiers:\n  P3:\n    within: 2h\n", "3:5: The first step comes after 20h."),
        (
            "tiers:\n  P2:\n    steps:\n      - {after: 1h, who: [on_call]}\n      - {after: 1h, who: [backup]}\n",
            "5:17: This step comes no later than the one before.",
        ),
        ("tiers:\n  P3:\n    steps:\n      - {after: 1h, who: [nurse]}\n", "4:27: `nurse` is not one of"),
        ("tiers:\n  P3:\n    steps:\n      - {after: 1h, who: []}\n", "4:21: `who` has 0 entries."),
        ("tiers:\n  P3:\n    steps:\n      - {after: 9d, who: [backup]}\n", "4:17: "),
        ("tiers:\n  P2:\n    lease: 25h\n", "3:12: `lease` is 25h."),
        ("tiers:\n  P2:\n    quiet: 22:00-07:00\n", "2:3: This has hours, and no zone for them."),
        ("zone: Europe/Atlantis\n", "1:7: There is no time zone `Europe/Atlantis`."),
        ("zone: Europe/London\ntiers:\n  P2:\n    quiet: 22:00-22:00\n", "4:12: `22:00-22:00` begins where it ends."),
        ("zone: Europe/London\ntiers:\n  P2:\n    quiet: 22:00-24:00\n", "4:12: `22:00-24:00` are no hours."),
        (
            (
                "zone: Europe/London\ntiers:\n  P2:\n    hours:\n      - {between: 20:00-02:00, repeat: 1h}\n"
                "      - {between: 01:00-03:00, repeat: 3h}\n"
            ),
            "6:19: These hours are also in an entry above.",
        ),
        ("tiers:\n  P4: {repeat: 1h}\n", "2:3: "),
        ("tiers:\n  P2: {reapeat: 1h}\n", "2:8: `reapeat` is no key that is known here. Did you mean `repeat`?"),
        ("tiers: {\n", ""),
    ],
)
def test_it_is_refused_at_its_place_with_a_hint(tmp_path: Path, text: str, said: str) -> None:
    folder = programme(tmp_path, text)
    with pytest.raises(AuthorError) as refused:
        read_ladder(folder)
    found = [str(finding) for finding in refused.value.findings]
    assert any(f"{folder / 'ladder.yaml'}:{said}" in each for each in found), found
    assert all(finding.hint for finding in refused.value.findings)
    assert check_ladder(folder) == refused.value.findings


def test_the_example_of_the_page_for_programmes_is_a_ladder(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "programme.md").read_text(encoding="utf-8")
    (example,) = (block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "tiers:" in block)
    ladder = read_ladder(programme(tmp_path, example))
    assert ladder.awake("P2", NIGHT) == datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
    assert ladder.policy("P1", NIGHT).repeat == timedelta(minutes=5)
