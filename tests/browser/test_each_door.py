"""Whatever address the console has, for whoever may open it: nothing that axe finds, nothing too wide.

The addresses are the console's own list, so that a new page is looked at from its first day. How pages look when
they are at work is in test_look.
"""

from __future__ import annotations

from escalation.console.app import PAGES
from escalation.console.doors import EVERYBODY, Door
from escalation.ports import Role
from storage.samples import StoredSamples
from tests.browser.conftest import PASSWORD, Opener, hashed
from tests.journeys.house import House

BENS_PHONE, CARAS_PHONE, DORAS_PHONE = "+447700900124", "+447700900125", "+447700900126"
EYES: tuple[Role, ...] = ("worker", "supervisor", "administrator", "auditor", "editor")
EYES = (*EYES, *sorted(EVERYBODY - set(EYES)))
DIFFER = {"home", "paged"}  # what is there differs by role


def first_seen_by(role: Role) -> list[Door]:
    """The pages at which this role is the first of all that may open them."""
    pages = [door for door in PAGES if (door.method, door.kind) == ("GET", "page") and not door.path.endswith(".ics")]
    before = set(EYES[: EYES.index(role)])
    roles = [(door, door.roles if door.roles is not None else EVERYBODY) for door in pages]
    return [door for door, may in roles if role in may and (door.name in DIFFER or not before & may)]


async def furnished(house: House) -> dict[str, str]:
    """Every role has somebody; one alert was closed by the supervisor, its case is the worker's now. Names in paths."""
    staff = {role: (await house.worker(role, "off", password=hashed(), role=role)).id for role in EYES}
    desk, now = house.service.desk, house.clock.now()
    hers = await house.recipient(may_read="my brother", verify_question="The colour of the first bicycle")
    await house.she_texts("sunflower", "1", "afraid 9")
    closed = await desk.claim((await house.only_alert()).ref, staff["supervisor"], now)
    await desk.resolve(closed.ref, closed.holder, closed.claim, "spoke_safe", "At her sister's until Monday.", now)
    await house.she_texts("worker")
    for alert in await house.queue():
        if alert.state == "open":
            await desk.claim(alert.ref, staff["worker"], now)
    gone = await house.recipient(address=BENS_PHONE)
    receipt = await house.service.people.erase(gone, staff["worker"], "in_person", "She asked at the centre.", now)
    return {
        "person": hers,
        "other": await house.recipient(address=CARAS_PHONE, language="es"),
        "ref": closed.ref,
        "receipt": receipt,
        "staff": staff["worker"],
        "instrument": "baseline",
        "sample": await sampled(house, staff),
    }


async def sampled(house: House, staff: dict[str, str]) -> str:
    """A conversation that the worker has closed, drawn by the supervisor."""
    service, now = house.service, house.clock.now()
    await house.recipient(address=DORAS_PHONE)
    await house.she_texts("sunflower", "worker", phone=DORAS_PHONE)
    (alert,) = [one for one in await house.queue() if one.state == "open"]
    held = await service.desk.claim(alert.ref, staff["worker"], now)
    await service.desk.resolve(held.ref, held.holder, held.claim, "", "", now)
    return await StoredSamples(service.database, service.vault, service.programme).draw(staff["supervisor"], now)


async def test_each_page_for_whoever_may_open_it(house: House, opened: Opener) -> None:
    names = await furnished(house)
    faults: list[str] = []
    for role in EYES:
        window = await opened(house.url)
        await window.sign_in(role, PASSWORD)
        for door in first_seen_by(role):
            path = door.path.replace("{ref}", "{receipt}") if door.name == "receipt" else door.path
            answer = await window.page.goto("/console" + path.format_map(names))
            assert answer is not None
            assert answer.ok, f"{path} for {role}: {answer.status}"
            faults += await window.faults()
    assert faults == []


async def test_pages_that_let_nobody_in(house: House, opened: Opener) -> None:
    """The question why another's case is opened; a page that is not there; one of another role."""
    names = await furnished(house)
    window = await opened(house.url)
    await window.sign_in("worker", PASSWORD)
    for path, status in (("/cases/{other}", 403), ("/cases/NOBODY", 404), ("/ladder", 403)):
        window.expect_status(status)
        answer = await window.page.goto("/console" + path.format_map(names))
        assert answer is not None
        assert answer.status == status
        assert await window.faults() == []
