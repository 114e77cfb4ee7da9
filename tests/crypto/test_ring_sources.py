"""The ring comes from a file, a secret or a command, and is refused where others could read it too."""

from __future__ import annotations

import base64
import os
import stat
import sys
from pathlib import Path

import pytest

from storage.crypto.errors import BadRing, MissingRing, UnsafeRing
from storage.crypto.ring import Ring
from storage.crypto.ring_source import LARGEST, RingCommand, RingFile, RingSecret, _refuse_unsafe
from storage.crypto.ring_text import written


@pytest.fixture
def ring_file(ring: Ring, tmp_path: Path) -> Path:
    path = tmp_path / "keyring.json"
    path.write_text(written(ring.epochs))
    path.chmod(0o400)
    return path


def printing(what: str) -> RingCommand:
    return RingCommand((sys.executable, "-c", f"import sys; {what}"))


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_private_file_is_read(ring: Ring, ring_file: Path, mode: int) -> None:
    ring_file.chmod(mode)
    assert Ring.read(RingFile(ring_file)) == ring


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o644, 0o620, 0o602, 0o601, 0o777])
def test_a_file_that_others_can_reach_is_refused(ring_file: Path, mode: int) -> None:
    ring_file.chmod(mode)
    with pytest.raises(UnsafeRing, match=f"mode {mode:04o}.*chmod 0400"):
        Ring.read(RingFile(ring_file))


def test_a_link_to_a_private_file_is_read_as_mounted_secrets_are_links(ring: Ring, ring_file: Path) -> None:
    link = ring_file.with_name("current")
    link.symlink_to(ring_file)
    assert Ring.read(RingFile(link)) == ring


def test_a_link_to_a_file_that_others_can_reach_is_refused(ring_file: Path) -> None:
    ring_file.chmod(0o644)
    link = ring_file.with_name("current")
    link.symlink_to(ring_file)
    with pytest.raises(UnsafeRing):
        Ring.read(RingFile(link))


def status(mode: int, owner: int) -> os.stat_result:
    return os.stat_result((mode, 0, 0, 1, owner, owner, 0, 0, 0, 0))


@pytest.mark.parametrize("owner", [0, 1000])
def test_the_service_and_root_may_own_the_file(owner: int) -> None:
    _refuse_unsafe(Path("keyring.json"), status(stat.S_IFREG | 0o400, owner), me=1000)


def test_nobody_else_may_own_the_file() -> None:
    with pytest.raises(UnsafeRing, match="belongs to another user"):
        _refuse_unsafe(Path("keyring.json"), status(stat.S_IFREG | 0o400, 1001), me=1000)


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(MissingRing, match=r"no key ring at .*nowhere\.json.*rowan init"):
        Ring.read(RingFile(tmp_path / "nowhere.json"))


def test_a_file_below_a_file_cannot_be_opened(ring_file: Path) -> None:
    with pytest.raises(MissingRing, match="cannot be opened: Not a directory"):
        Ring.read(RingFile(ring_file / "keyring.json"))


def test_a_folder_is_not_a_ring(tmp_path: Path) -> None:
    with pytest.raises(BadRing, match="is not a file"):
        Ring.read(RingFile(tmp_path))


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(BadRing, match="is not a file"):
        Ring.read(RingFile(pipe))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfe", "is not text"), (b"x" * (LARGEST + 1), "far larger")],
)
def test_a_file_that_is_no_ring_at_all_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "keyring.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadRing, match=sentence):
        Ring.read(RingFile(path))


def test_a_secret_may_be_json_or_base64_with_line_breaks(ring: Ring) -> None:
    text = written(ring.epochs)
    wrapped = base64.encodebytes(text.encode()).decode()

    assert "\n" in wrapped
    assert Ring.read(RingSecret(text)) == Ring.read(RingSecret(wrapped)) == ring


def test_a_secret_cut_short_or_with_stray_signs_is_refused(ring: Ring) -> None:
    whole = base64.b64encode(written(ring.epochs).encode()).decode()
    for wrong in (whole[:-3], f"'{whole}'", "ключ"):
        with pytest.raises(BadRing, match="MY_RING is neither JSON nor whole base64"):
            Ring.read(RingSecret(wrong, called="MY_RING"))


def test_a_command_prints_the_ring(ring: Ring) -> None:
    assert Ring.read(printing(f"print({written(ring.epochs)!r})")) == ring


def test_a_command_is_not_given_to_a_shell(ring_file: Path) -> None:
    with pytest.raises(MissingRing, match="cannot be run"):
        Ring.read(RingCommand((f"cat {ring_file}",)))


def test_a_command_that_fails_says_so_without_its_output() -> None:
    with pytest.raises(MissingRing, match="ended with exit code 3") as refused:
        Ring.read(printing("print('half a key'); sys.exit(3)"))
    assert "half a key" not in str(refused.value)


def test_a_command_that_hangs_is_given_up() -> None:
    waiting = RingCommand((sys.executable, "-c", "input() if False else __import__('signal').pause()"), seconds=0.2)
    with pytest.raises(MissingRing, match=r"gave no answer within 0\.2 seconds") as refused:
        Ring.read(waiting)
    assert refused.value.again


def test_a_command_that_prints_nothing_is_refused() -> None:
    with pytest.raises(BadRing, match=r"from the key command .* is empty"):
        Ring.read(printing("pass"))


def test_no_command_at_all_is_refused() -> None:
    with pytest.raises(MissingRing, match="The key command is empty"):
        Ring.read(RingCommand(()))
