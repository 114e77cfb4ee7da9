"""Keys and sound of the console: each worker's own choice, kept with the account."""

from __future__ import annotations

from tests.console.conftest import Browser, Visitor


async def test_keys_are_on_and_sound_is_off_until_somebody_chooses(
    sam: Visitor, ines: Visitor, browser: Browser
) -> None:
    page = (await sam.get("/queue")).text
    assert 'data-cues="keys"' in page
    assert '<dialog id="keys"' in page
    assert 'id="silent"' not in page

    switched = await sam.post("/cues", cue="sound", next="/queue")
    assert switched.headers["location"] == "/console/queue"
    await sam.post("/cues", cue="keys")
    page = (await (await browser("sam")).get("/queue")).text
    assert 'data-cues="sound"' in page, "on each browser of hers"
    assert '<dialog id="keys"' not in page
    assert 'id="silent"' in page
    assert 'data-cues="keys"' in (await ines.get("/queue")).text, "and nobody else's"

    await sam.post("/cues", cue="keys")
    assert 'data-cues="keys sound"' in (await sam.get("/queue")).text


async def test_there_are_no_other_cues(sam: Visitor) -> None:
    assert (await sam.post("/cues", cue="lights")).status_code == 422
