"""What a feed holds becomes services; what may not be here is refused at its line, and nothing is guessed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.authoring.directory import directory_files, read_directory, read_file, write_directory
from flows.authoring.findings import AuthorError
from flows.authoring.hsds import Read, read_services
from flows.authoring.load import SHIPPED
from flows.authoring.placed import read_json
from flows.directory.place import Place
from flows.directory.service import Hours, Number, Service
from tests.directory.feeds import OWN, TABLE, TABLES, UK_PAGE, service

TODAY = date(2026, 3, 2)
WORKDAYS = (0, 1, 2, 3, 4)


def read(feed: Any) -> Read:
    return read_services("feed.json", read_json("feed.json", json.dumps(feed, indent=1).encode()), TODAY)


def refused(feed: Any) -> list[str]:
    return [str(finding) for finding in read(feed).refused]


def only(feed: Any) -> Service:
    found = read(feed)
    assert [str(finding) for finding in found.refused] == []
    assert len(found.services) == 1
    return found.services[0]


def test_a_service_of_hsds_3() -> None:
    assert only([service()]) == Service(
        id="ac148810-d857-441c-9679-408f346de14b",
        name="Harbour Line",
        organization="Harbour",
        categories=("helpline",),
        numbers=(Number("0808 157 0000", "freephone", "GB"), Number("60001", "text", "GB")),
        places=(Place("GB", "WLS"),),
        languages=("cy", "en"),
        hours=(Hours(WORKDAYS, 540, 1020),),
        zone="Europe/London",
        silent=("text", "chat"),
        bill="no",
        for_whom=frozenset({"women"}),
        free="yes",
        verified_on=date(2026, 2, 1),
        turned_away="Nobody with a pet",
        source="https://example.org/harbour",
        description="Somebody to talk to.",
    )


@pytest.mark.parametrize(
    "feed",
    [
        service(),
        [service()],
        {"contents": [service()]},
        {"content": [service()]},
        {"services": [service()]},
        {"organizations": [{"id": "o1", "name": "Harbour", "services": [service(organization=None)]}]},
        {"id": "o1", "name": "Harbour", "services": [service(organization=None)]},
    ],
)
def test_the_shapes_in_which_it_comes(feed: Any) -> None:
    found = only(feed)
    assert (found.name, found.organization) == ("Harbour Line", "Harbour")


def test_the_uk_profile() -> None:
    found = read(UK_PAGE)
    assert found.refused == ()
    money = found.services[0]
    assert (money.name, money.categories) == ("Lantern Money", ("money",))
    assert money.numbers == (Number("0808 157 0001", "freephone", "GB"),)
    assert money.places == (Place("GB", "ENG", "portsmouth"),)
    assert money.hours == (Hours((5,), 1320, 120),)
    assert (money.free, money.verified_on) == ("yes", date(2026, 1, 15))
    assert [finding.problem.split(": ", 1)[1] for finding in found.left_out] == [
        "its address (`addresses`).", "a contact who is a person, with all their numbers.",
    ]  # fmt: skip


def test_tables_that_are_joined_by_ids() -> None:
    found = only(TABLES)
    assert (found.name, found.organization, found.categories) == ("Harbour Home", "Harbour", ("housing",))
    assert found.numbers == (Number("+44 808 157 0002", "freephone", "GB"),)
    assert (found.places, found.hours) == ((Place("GB", "SCT"),), (Hours((0,), 600, 720),))


def test_nothing_by_which_a_person_or_a_house_is_found_is_kept(tmp_path: Path) -> None:
    write_directory(tmp_path / "d.json", (*read(UK_PAGE).services, *read(TABLES).services))
    kept = (tmp_path / "d.json").read_text()
    assert not [trace for trace in ("Persona", "496 0002", "High Street", "PO1", "Low Road", "EH1") if trace in kept]


REFUGE = [{"taxonomy_term": {"code": "refuge_line"}}]


@pytest.mark.parametrize(
    "part",
    [
        {"service_at_locations": [{"location": {"addresses": [{"address_1": "1 High Street"}]}}]},
        {"service_at_locations": [{"location": {"latitude": 50.8, "longitude": -1.1}}]},
        {"organization": {"name": "H", "locations": [{"physical_addresses": [{"city": "Hull"}]}]}},
        {"description": "Come to PO1 2AB after six"},
        {"description": "We are at 14 Chapel Street, the green door"},
        {"description": "Write to us: Hartford, CT 06103"},
        {"eligibility_description": "Near D02 AF30"},
        {"service_areas": [{"extent": "GB-WLS", "description": "Rooms at 3 Mill Lane"}]},
    ],
)
def test_an_address_of_a_refuge_refuses_all_of_it(part: dict[str, Any]) -> None:
    found = read([service(attributes=REFUGE, **part), service(id="other")])
    assert [each.id for each in found.services] == ["other"]
    assert all("Harbour Line: a service of this kind may not have" in str(each) for each in found.refused)
    assert found.refused


def test_a_refuge_line_without_one_is_kept() -> None:
    assert only([service(attributes=REFUGE, description="Places for women and 3 children, day and night.")])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": None}, "it has no id"),
        ({"status": "defunct"}, "it is defunct"),
        ({"name": "A name that is much too long for a text"}, "no name of at most 34 letters"),
        ({"name": "See www.example.org"}, "its name holds a page"),
        ({"attributes": None}, "no category that is known here. Known: helpline, idva"),
        ({"attributes": [{"taxonomy_term": {"name": "Swimming"}}]}, "no category that is known here: swimming"),
        ({"phones": None}, "it has no number that can be given"),
        ({"phones": [{"number": "07700 900123"}]}, "the number '07700 900123' is no number of GB"),
        ({"phones": [{"number": "call me"}]}, "the number 'call me' cannot be dialled"),
        ({"phones": [{"number": ""}]}, "the number '' is empty"),
        ({"phones": [{"number": "0808 157 0000", "extension": 100}]}, "has an extension"),
        ({"phones": [{"number": "0808 157 0000 or 0808 157 0001"}]}, "has more than 20 letters"),
        ({"service_areas": None}, "it does not say where it works"),
        ({"service_areas": [{"name": "Everybody who lives near one of our two offices"}]}, "is no place that is known"),
        ({"rowan": OWN | {"appears_on_bill": "perhaps"}}, "`appears_on_bill` is 'perhaps'"),
        ({"rowan": OWN | {"silent_contact": ["txt"]}}, "`silent_contact` has 'txt', which is not known here. Did you"),
        ({"rowan": OWN | {"for_whom": "women, dogs"}}, "`for_whom` has 'dogs'"),
        ({"rowan": OWN | {"bill": "no"}}, "`bill` is no key that is known here"),
        ({"rowan": OWN | {"verified_on": "soon"}}, "`verified_on` is 'soon', which is no date"),
        ({"rowan": OWN | {"verified_on": "2026-03-03"}}, "it was verified on 2026-03-03, which has not come yet"),
        ({"rowan": OWN | {"time_zone": "Europe/Cardiff"}}, "there is no time zone 'Europe/Cardiff'"),
        ({"rowan": OWN | {"source": None}, "url": None}, "it does not say from which page it was taken"),
        ({"phones": [{"number": "0808 157 0000"}]}, "it can be reached by text, but no number is one for texts"),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_with_a_way_to_mend_it(changes: dict[str, Any], said: str) -> None:
    found = read([service(**changes), service(id="other")])
    assert [each.id for each in found.services] == ["other"]
    assert any(said in str(finding) for finding in found.refused), [str(finding) for finding in found.refused]
    assert all(finding.hint for finding in found.refused)


def test_a_bad_number_does_not_take_the_good_one_with_it() -> None:
    found = read([service(phones=[{"number": "60001", "type": "text"}, {"number": "12", "type": "voice"}])])
    assert [number.printed for number in found.services[0].numbers] == ["60001"]
    assert "'12' is no number of GB" in str(found.refused[0])


def test_it_is_told_at_its_line() -> None:
    lines = json.dumps([service(), service(id="b", name="Lantern", phones=[{"number": "1"}])], indent=1).splitlines()
    line = next(number for number, text in enumerate(lines, start=1) if '"number": "1"' in text) - 1
    assert any(said.startswith(f"feed.json:{line}:1: Lantern: the number '1'") for said in refused(
        [service(), service(id="b", name="Lantern", phones=[{"number": "1"}])]
    ))  # fmt: skip


def test_an_id_stands_once(tmp_path: Path) -> None:
    assert "is here a second time" in refused([service(), service()])[0]
    for name in ("one", "two"):
        write_directory(tmp_path / "directory" / f"{name}.json", read([service()]).services)
    directory, findings = read_directory([tmp_path])
    assert "is in another file too" in str(findings[0])
    assert len(directory.services) == 1


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ({"freq": "MONTHLY", "byday": "2MO"}, False),
        ({"interval": 2}, False),
        ({"valid_to": "2026-12-31"}, False),
        ({"byday": ""}, False),
        ({"opens_at": "nine"}, False),
        ({"opens_at": "09:00+01:00"}, True),
        ({"byday": "MO, TU"}, True),
    ],
)
def test_hours_that_cannot_be_told_are_not_known(written: dict[str, Any], known: bool) -> None:
    row = {"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "17:00"} | written
    found = read([service(schedules=[row])])
    assert bool(found.services[0].hours) is known
    assert bool(found.left_out and "all its hours" in str(found.left_out[-1])) is not known


def test_single_days_on_which_it_is_shut() -> None:
    shut = [{"closed": True, "start_date": "2026-12-24", "end_date": "2026-12-26"}]
    found = only([service(holiday_schedules=shut, rowan=OWN | {"closed_on": ["2027-01-02"]})])
    assert sorted(found.closed_on) == [date(2026, 12, day) for day in (24, 25, 26)] + [date(2027, 1, 2)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"services": [\n  {"id": }]}', "feed.json:2:10: This is no JSON"),
        (b"\xff\xfe", "This is no JSON in UTF-8"),
        (b'[{"id": NaN}]', "This is no JSON"),
        (b"[" * 5000, "This is no JSON"),
        (b'{"hello": 1}', "There is no list of services in this file"),
        (b'"services"', "There is no list of services in this file"),
    ],
)
def test_what_is_no_directory(data: bytes, said: str) -> None:
    with pytest.raises(AuthorError) as error:
        read_services("feed.json", read_json("feed.json", data))
    assert said in str(error.value)


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, {"name": ["a"]}, {"id": {}, "name": 3, "phones": "0800"}])
def test_an_entry_of_any_shape_is_refused_and_not_stumbled_over(odd: Any) -> None:
    found = read([odd, service()])
    assert [each.name for each in found.services] == ["Harbour Line"]
    assert found.refused


# tables


def test_a_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8-sig")
    found = read_file(tmp_path / "t.csv", TODAY, as_csv=True)
    assert [str(finding) for finding in found.refused] == []
    line, money = found.services
    assert line.numbers == (Number("0808 157 0000", "freephone", "GB"), Number("60001", "text", "GB"))
    assert line.places == (Place("GB", "WLS"), Place("GB", "SCT"))
    assert line.hours == (Hours(WORKDAYS, 540, 1020), Hours((5,), 600, 720))
    assert (line.holidays, line.silent, line.verified_on) == ("closed", ("text", "chat"), date(2026, 2, 1))
    assert (money.name, money.turned_away, money.verified_on) == ("Lantern Money", "Nobody, really", None)
    assert money.hours == (Hours(tuple(range(7)), 0, 0),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id,organization", "id,organisation", "t.csv:1:1: There is no column 'organisation'. Did you mean"),
        (",source\n", ",free\n", "t.csv:1:1: The column source is missing"),
        (",unknown,", ",", "t.csv:3:1: This row has 19 cells, and the head has 20"),
        ("60001", "12", "t.csv:2:1: Harbour Line: the number '12' is no number of GB"),
        ("money,0161", "monee,0161", "t.csv:3:1: The Lantern Money and Debt Advice Service: `categories` has 'monee'"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_table_is_told_at_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TABLE
    (tmp_path / "t.csv").write_text(TABLE.replace(old, new))
    try:
        told = [str(finding) for finding in read_file(tmp_path / "t.csv", TODAY, as_csv=True).refused]
    except AuthorError as error:
        told = [str(finding) for finding in error.findings]
    assert any(said in each for each in told), told


# what ships, and what is laid over it


def test_what_ships_is_sound_and_nobody_has_verified_it() -> None:
    directory, findings = read_directory([SHIPPED])
    assert findings == []
    assert {each.verified_on for each in directory.services} == {None}
    assert all(each.source.startswith("https://") for each in directory.services)
    countries = {str(place) for each in directory.services for place in each.places}
    assert {"GB", "GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR", "IE", "US", "US-CT"} <= countries


def test_each_nation_has_a_helpline() -> None:
    helplines = [each for each in read_directory([SHIPPED])[0].services if "helpline" in each.categories]
    for place in ("GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR", "IE", "US", "US-CT"):
        assert any(place in map(str, each.places) for each in helplines), place


def test_a_file_of_the_programme_replaces_the_one_beneath(tmp_path: Path) -> None:
    write_directory(tmp_path / "directory" / "ireland.json", read([service()]).services)
    directory, _ = read_directory([SHIPPED, tmp_path])
    assert directory_files([SHIPPED, tmp_path])["ireland"].parent == tmp_path / "directory"
    assert "Harbour Line" in {each.name for each in directory.services}
    assert not [each for each in directory.services if each.source == "https://mabs.ie"]


def test_what_is_written_is_read_again_as_it_was(tmp_path: Path) -> None:
    services = read([service(), *UK_PAGE["contents"]]).services
    write_directory(tmp_path / "d.json", services)
    again = read_file(tmp_path / "d.json", TODAY)
    assert again.refused == ()
    assert sorted(again.services, key=lambda each: each.id) == sorted(services, key=lambda each: each.id)
