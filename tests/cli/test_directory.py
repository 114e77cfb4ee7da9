"""`rowan directory import`, as staff type it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.directory.feeds import TABLE, UK_PAGE, service
from tests.warm import Rowan


def written(folder: Path, name: str, feed: object) -> Path:
    path = folder / name
    path.write_text(feed if isinstance(feed, str) else json.dumps(feed, indent=1), encoding="utf-8")
    return path


def test_a_sound_feed_is_kept_and_checked_with_the_rest(rowan: Rowan, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    done = rowan("directory", "import", str(written(tmp_path, "county.json", UK_PAGE)), "--programme", "own")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 services kept in own/directory/county.json. 0 refused." in done.stderr
    assert "left out" in done.stderr
    assert rowan("check", "--programme", "own").stdout.count("own/") == 0


def test_what_is_refused_is_told_line_by_line_and_the_rest_is_kept(rowan: Rowan, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    feed = [service(), service(id="b", name="Lantern", status="inactive")]
    done = rowan("directory", "import", str(written(tmp_path, "f.json", feed)), "--programme", "own", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert (told["services"], told["kept"]) == (1, "own/directory/f.json")
    assert [each["problem"] for each in told["refused"]] == ["Lantern: it is inactive."]
    kept = json.loads((tmp_path / "own/directory/f.json").read_text())
    assert [each["name"] for each in kept["services"]] == ["Harbour Line"]


def test_a_table_is_only_checked_without_a_folder(rowan: Rowan, tmp_path: Path) -> None:
    done = rowan("directory", "import", str(written(tmp_path, "t.csv", TABLE)), "--csv")
    assert done.returncode == 0
    assert "2 services sound; nothing is kept without --programme FOLDER" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.csv"]


def test_an_import_does_not_forget_what_was_verified(rowan: Rowan, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    own = {key: value for key, value in service()["rowan"].items() if key != "verified_on"}
    for feed in ([service()], [service(rowan=own)]):
        path = str(written(tmp_path, "f.json", feed))
        assert rowan("directory", "import", path, "--programme", "own").returncode == 0
        kept = json.loads((tmp_path / "own/directory/f.json").read_text())["services"]
        assert [each["rowan"]["verified_on"] for each in kept] == ["2026-02-01"]
    other = written(tmp_path, "f.json", [service(rowan=own, phones=[{"number": "60002", "type": "text"}])])
    assert rowan("directory", "import", str(other), "--programme", "own").returncode == 0
    kept = json.loads((tmp_path / "own/directory/f.json").read_text())["services"]
    assert [each["rowan"]["verified_on"] for each in kept] == [None]


def test_what_cannot_be_read_at_all_leaves_what_was_there(rowan: Rowan, tmp_path: Path) -> None:
    (tmp_path / "own" / "directory").mkdir(parents=True)
    (tmp_path / "own/directory/f.json").write_text('{"services": []}')
    done = rowan("directory", "import", str(written(tmp_path, "f.json", "{")), "--programme", "own")
    assert done.returncode == 1
    assert "f.json:1:2: This is no JSON" in done.stdout
    assert (tmp_path / "own/directory/f.json").read_text() == '{"services": []}'


def test_wrong_use(rowan: Rowan, tmp_path: Path) -> None:
    sound = str(written(tmp_path, "f.json", [service()]))
    assert rowan("directory", "import", str(tmp_path / "nowhere.json")).returncode == 2
    assert rowan("directory", "import", sound, "--programme", "nowhere").returncode == 2
    assert rowan("directory", "import").returncode == 2
