"""`rowan demo` as a process: what it prints, and that nothing is left when it ends. And the service without it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bot.clock import Clock
from bot.demo.stage import Stage
from bot.serving import Serving
from bot.settings import Settings
from escalation.console.settings import ConsoleSettings
from flows.engine.programme import Programme

HOUSE = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


def started(port: int, folder: Path, as_json: bool = True) -> subprocess.Popen[str]:
    command = f"from bot.demo.showing import run_demo; run_demo({port}, {as_json})"
    return subprocess.Popen(
        [sys.executable, "-c", command],
        cwd=HOUSE,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_one_line_of_json_and_then_nothing_is_left(tmp_path: Path) -> None:
    with started(0, tmp_path) as demo:
        try:
            assert demo.stdout is not None
            told = json.loads(demo.stdout.readline())
            assert httpx.get(told["url"], timeout=PATIENCE).status_code == 200
            assert httpx.get(told["console"], timeout=PATIENCE, follow_redirects=True).status_code == 200
            bearer = {"Authorization": f"Bearer {told['token']}"}
            alerts = httpx.get(f"{told['api']}/alerts", headers=bearer, timeout=PATIENCE).json()
            assert [alert["tier"] for alert in alerts["alerts"]] == ["P2"]
            assert {"ana", "ben", "ruth", "pia", "pat", "ann", "kit"} == {one["username"] for one in told["sign_ins"]}
            english = next(one for one in told["phones"] if one["key"] == "english")
            assert english["words"] == {"signal": "sunflower", "duress": "marigold", "exit": "x"}
            assert any(tmp_path.iterdir()), "its data lies there while it runs"
            demo.send_signal(signal.SIGTERM)
            assert demo.wait(PATIENCE) == 0
        finally:
            demo.kill()
    assert list(tmp_path.iterdir()) == []


def test_a_page_left_open_is_no_fault_when_it_stops(tmp_path: Path) -> None:
    with started(0, tmp_path) as demo:
        try:
            assert demo.stdout is not None
            told = json.loads(demo.stdout.readline())
            with httpx.stream("GET", f"{told['url']}/demo/live", timeout=PATIENCE) as page:
                next(page.iter_raw())
                demo.send_signal(signal.SIGTERM)
                _, complaint = demo.communicate(timeout=PATIENCE)
        finally:
            demo.kill()
    assert (demo.returncode, complaint) == (0, "")


def test_a_port_that_is_taken_is_said_so_at_once(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with started(port, tmp_path) as demo:
            out, complaint = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 1
    assert out == ""
    assert f"Port {port} cannot be used" in complaint
    assert "--port" in complaint


@pytest.fixture
async def plain(programme: Programme) -> Starlette:
    """The service as `rowan serve` makes it."""
    async with Stage(Clock(), None, programme) as stage:
        settings = Settings.model_construct(public_url="http://127.0.0.1")
        return Serving(stage.service, settings, ConsoleSettings("http://127.0.0.1")).app()


async def test_the_demos_doors_are_not_in_the_service(plain: Starlette) -> None:
    transport = httpx.ASGITransport(plain)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        for path in ("/demo/parts", "/demo/live", "/demo/static/demo.js"):
            assert (await http.get(path)).status_code == 404
        for path in ("/demo/say", "/demo/press", "/demo/delete", "/demo/phone", "/demo/clock"):
            assert (await http.post(path, data={"slot": "one"})).status_code == 404
        assert (await http.get("/")).headers["location"] == "/console/"
