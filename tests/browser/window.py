"""A browser window that keeps count of whatever its browser complained about."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
# Every impact, WCAG 2.2 AA and what axe holds for good practice; targets of 24 px (2.5.8) it leaves out unless asked.
ALL = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}  # what night changes
FOUND = """
(rules) => axe.run(document, {resultTypes: ['violations'], ...rules}).then(({violations}) => violations
  .flatMap(({id, nodes}) => nodes.map(({target, failureSummary}) => `${id} at ${target}: ${failureSummary}`)))
"""
WIDE, PHONE = 1280, 360  # pixels: a desk's screen and the narrowest phone that LOOK.md names
HEIGHT = 780
LOOKS = tuple((width, dark) for width in (WIDE, PHONE) for dark in (False, True))
PATIENCE = 8_000  # ms that a page may take; waits end the moment it is so


@dataclass
class Window:
    """One window with cookies of its own. `complaints` are errors, refusals of the policy and calls to elsewhere."""

    context: BrowserContext
    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)

    @classmethod
    async def open(
        cls, browser: Browser, origin: str, *, width: int = WIDE, scripts: bool = True, dark: bool = False, **more: Any
    ) -> Self:
        context = await browser.new_context(
            base_url=origin,
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            has_touch=width == PHONE,
            **more,
        )
        context.set_default_timeout(PATIENCE)
        window = cls(context, await context.new_page(), origin)
        window._listen()
        return window

    def _listen(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:")):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} from {response.url}")

    def expect_status(self, status: int) -> None:
        """A page of this status is what the test is about: the browser reports it as an error."""
        self.expected.add(f"status of {status}")

    def unexpected(self) -> list[str]:
        return [line for line in self.complaints if not any(words in line for words in self.expected)]

    async def sign_in(self, username: str, password: str) -> None:
        """By the form, as a person does; over once the page that answers is drawn."""
        await self.page.goto("/console/sign-in")
        await self.page.get_by_label("Name").fill(username)
        await self.page.get_by_label("Password").fill(password)
        async with self.page.expect_navigation():
            await self.page.get_by_role("button", name="Sign in").click()

    async def axe(self, rules: Mapping[str, object] = ALL) -> list[str]:
        """What axe finds, one line for each place."""
        await self.page.wait_for_load_state()
        if not await self.page.evaluate("() => 'axe' in window"):
            await self.page.evaluate(f"() => {{ {AXE} }}")
        return list(await self.page.evaluate(FOUND, rules))

    async def look(self, width: int, dark: bool) -> None:
        """The same page on another screen, by day or by night."""
        await self.page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        await self.page.set_viewport_size({"width": width, "height": HEIGHT})

    async def faults(self, name: str = "") -> list[str]:
        """Whatever is wrong with the page on any screen: what axe finds, and what makes it scroll sideways.

        It ends as it began, on a desk by day. With ROWAN_TEST_PICTURES=folder each look is left there as `name`.
        """
        found = []
        for width, dark in reversed(LOOKS):
            await self.look(width, dark)
            look = f"{name or self.page.url} {width} {'dark' if dark else 'light'}"
            if folder := os.environ.get("ROWAN_TEST_PICTURES") if name else None:
                await self.page.screenshot(path=Path(folder) / f"{look.replace(' ', '-')}.png", full_page=True)
            found += [f"{look}: {line}" for line in (*await self.too_wide(), *await self.axe(COLOURS if dark else ALL))]
        return found

    async def too_wide(self) -> list[str]:
        """Elements that make the page scroll sideways; nothing where it does not."""
        await self.page.wait_for_load_state()
        return list(await self.page.evaluate(TOO_WIDE))

    async def mark(self) -> None:
        """So that a reload would be seen."""
        await self.page.evaluate("() => { window.neverReloaded = true; }")

    async def was_never_reloaded(self) -> bool:
        return bool(await self.page.evaluate("() => window.neverReloaded === true"))


TOO_WIDE = """
() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > wide + 1)
    .map((element) => `${element.tagName} ${element.id} ${element.className}`);
}
"""
