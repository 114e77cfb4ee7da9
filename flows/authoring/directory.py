"""The directory of a programme: its files, what lies over what, the holidays that its hours need."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from flows.authoring.directory_csv import read_csv
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.hsds import Read, read_services, write_service
from flows.authoring.placed import read_json
from flows.directory.search import Directory
from flows.directory.service import Service

FOLDER = "directory"
MOST_BYTES = 40 * 1024 * 1024  # 20,000 services with everything that HSDS may say of them
MOST_NATIONS = 5
YEARS = range(2026, 2037)  # whose holidays are known; computed once a region, at the start


def read_directory(folders: Sequence[Path]) -> tuple[Directory, list[Finding]]:
    """All services of `folders`, a later file over one of the same name, and every fault in them.

    What ships is in `directory/data` beside the code of the room; a programme's own is in `directory`.
    """
    services: dict[str, Service] = {}
    findings: list[Finding] = []
    for path in directory_files(folders).values():
        try:
            read = read_file(path)
        except AuthorError as error:
            findings += error.findings
            continue
        findings += read.refused
        for service in read.services:
            if service.id in services:
                problem = f"{service.name}: its id {service.id[:40]} is in another file too."
                findings.append(Finding(str(path), 1, 1, problem, "Give one of them another id."))
            services[service.id] = service
    return Directory(tuple(services.values()), _holidays(services.values())), findings


def directory_files(folders: Sequence[Path]) -> dict[str, Path]:
    """The files by their names without the ending; the last folder that has one wins."""
    kept = (folder / FOLDER / part for folder in folders for part in ("data", ""))
    return {path.stem: path for folder in kept for path in sorted(folder.glob("*.json"))}


def read_file(path: Path, today: date | None = None, *, as_csv: bool = False) -> Read:
    """One file, HSDS JSON or a CSV. Raises AuthorError when nothing in it can be read, OSError when it is not there."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise AuthorError(
            [Finding(str(path), 1, 1, f"It has {size} bytes, and {MOST_BYTES} is the most.", "Split it.")]
        )
    data = path.read_bytes()
    read = read_csv(str(path), data) if as_csv else read_json(str(path), data)
    return read_services(str(path), read, today)


def write_directory(path: Path, services: Iterable[Service]) -> None:
    """Whole or not at all. Equal services give equal files."""
    listed = {"services": [write_service(each) for each in sorted(services, key=lambda each: each.id)]}
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as file:
        json.dump(listed, file, ensure_ascii=False, indent=1)
        file.write("\n")
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def still_verified(services: Iterable[Service], before: Iterable[Service]) -> tuple[Service, ...]:
    """An import does not forget what the programme's own people checked, as long as the numbers are the same."""
    from dataclasses import replace

    known = {service.id: service for service in before}

    def kept(service: Service) -> Service:
        old = known.get(service.id)
        if old is None or old.verified_on is None or old.numbers != service.numbers:
            return service
        return replace(service, verified_on=max(old.verified_on, service.verified_on or date.min))

    return tuple(kept(service) for service in services)


def _holidays(services: Iterable[Service]) -> dict[str, frozenset[date]]:
    """By region, for all that are not open on holidays anyway."""
    regions = {
        (place.country, place.part)
        for service in services
        if service.hours and service.holidays != "open"
        for place in service.places
    }
    found: dict[str, frozenset[date]] = {}
    for country, part in regions:
        region = f"{country}-{part}" if part else country
        found[region] = _of_region(country, part)
        if not part:
            found[f"{region}?"] = _of_some(country) - found[region]
    return found


@lru_cache(maxsize=64)
def _of_region(country: str, part: str) -> frozenset[date]:
    """Public holidays; none for a region that the library does not know."""
    import holidays  # only where hours need it: it takes a tenth of a second to load

    try:
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=YEARS))
    except NotImplementedError:
        return frozenset()


@lru_cache(maxsize=16)
def _of_some(country: str) -> frozenset[date]:
    """Holidays of any of a country's nations. Where parts are many they are states, whose days few lines keep."""
    import holidays

    parts = holidays.list_supported_countries().get(country, [])
    return frozenset().union(*(_of_region(country, part) for part in parts if len(parts) <= MOST_NATIONS))
