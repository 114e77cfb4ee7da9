"""What is installed is whole: each file of the four packages, content and pictures too, is in the wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.docs.pages import HOUSE, tracked, written

PACKAGES = ("flows", "escalation", "storage", "bot", "locales")


def packaged() -> list[Path]:
    return [path for path in tracked() if path.relative_to(HOUSE).parts[0] in PACKAGES and path.suffix != ".md"]


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    for path in (*packaged(), HOUSE / "pyproject.toml", HOUSE / "README.md", HOUSE / "LICENSE"):
        copy = tmp_path / "src" / path.relative_to(HOUSE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", build, str(tmp_path)],
        cwd=tmp_path / "src",
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert [written(path) for path in packaged() if written(path) not in held] == []
    assert {name.split("/")[0] for name in held if ".dist-info" not in name} <= set(PACKAGES)
