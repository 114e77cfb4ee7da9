"""All content as it was read last, kept as Python keeps byte code: beside the code, by the same switches.

Reading thousands of texts and phrases takes more than a second and leaves 30 MB behind that the service has no use for.
So a process of its own reads them, writes down what became of them, and ends. The file is named for a hash of all that
went in: content, translations, the code that reads it, the libraries. Whoever may write there may write the code too;
that is why it may be a pickle (decision 0006).
"""

from __future__ import annotations

import gc
import hashlib
import importlib.util
import os
import pickle
import secrets
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from flows.engine.programme import Programme

SHIPPED = Path(__file__).parents[1]
MOST_KEPT = 4  # states of the content: a programme's own folder and what ships alone, each before and after a change
DIGEST_BYTES = 32
PATIENCE = 120.0  # seconds for the process that reads; without it this one reads


def kept_programme(folders: Sequence[Path], locales: Path) -> Programme:
    """What `load_programme` gives for these folders. Raises AuthorError as it does."""
    path = _path(folders, locales)
    programme = _opened(path)
    if programme is None and not sys.dont_write_bytecode:
        _read_apart(folders, locales)
        programme = _opened(path)
    return _loaded(folders, locales) if programme is None else programme


def keep(folders: Sequence[Path], locales: Path) -> None:
    """Read the content and write it down. Raises AuthorError, and OSError where that folder cannot be written."""
    path = _path(folders, locales)
    content = pickle.dumps(_loaded(folders, locales), pickle.HIGHEST_PROTOCOL)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_bytes(hashlib.sha256(content).digest() + content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    for older in sorted(path.parent.glob("content.*.pickle"), key=_changed, reverse=True)[MOST_KEPT:]:
        older.unlink(missing_ok=True)


def _opened(path: Path) -> Programme | None:
    """What was kept, None where nothing is or where the disk lost some of it."""
    try:
        kept = path.read_bytes()
    except OSError:
        return None
    content = memoryview(kept)[DIGEST_BYTES:]
    if hashlib.sha256(content).digest() != kept[:DIGEST_BYTES]:
        return None
    collecting = gc.isenabled()
    gc.disable()  # it would look again and again at what is only growing
    try:
        programme: Programme = pickle.loads(content)  # noqa: S301 - as trusted as the byte code beside it
    finally:
        if collecting:
            gc.enable()
    return programme


def _read_apart(folders: Sequence[Path], locales: Path) -> None:
    """In a process of its own, whose memory goes with it. When it fails, this one will read, and say why."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("ROWAN_")}
    settings["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SHIPPED.parent), settings.get("PYTHONPATH", "")]))
    command = [sys.executable, "-P", "-m", "flows.authoring.kept", str(locales.resolve())]
    whole = [*command, *(str(folder.resolve()) for folder in folders)]
    nowhere = subprocess.DEVNULL
    try:
        subprocess.run(
            whole, env=settings, stdin=nowhere, stdout=nowhere, stderr=nowhere, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return


def _loaded(folders: Sequence[Path], locales: Path) -> Programme:
    from flows.authoring.load import load_programme  # and with it all that reading files needs

    return load_programme(folders, locales)


def _path(folders: Sequence[Path], locales: Path) -> Path:
    beside = Path(importlib.util.cache_from_source(str(SHIPPED / "content.py")))
    return beside.with_name(f"content.{sys.implementation.cache_tag}.{_fingerprint(folders, locales)}.pickle")


def _fingerprint(folders: Sequence[Path], locales: Path) -> str:
    whole = hashlib.sha256(sys.version.encode())
    libraries = Path(sysconfig.get_paths()["purelib"]).glob("*.dist-info")
    whole.update("\n".join(sorted(each.name for each in libraries)).encode())
    for folder in (SHIPPED, locales, *folders):
        for path in _files(folder):
            content = path.read_bytes()
            whole.update(f"\n{path.relative_to(folder)} {len(content)}\n".encode())
            whole.update(content)
    return whole.hexdigest()[:DIGEST_BYTES]


def _files(folder: Path) -> Iterator[Path]:
    """In an order that is the same everywhere; not what is hidden or made by Python."""
    for parent, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith((".", "__")))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process has taken it away
        return 0.0


def main() -> None:
    """`python -m flows.authoring.kept LOCALES FOLDER…`: `make setup`, the image and a first start call it."""
    locales, *folders = map(Path, sys.argv[1:])
    keep(folders, locales)


if __name__ == "__main__":
    main()
