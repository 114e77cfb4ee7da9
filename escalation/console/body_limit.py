"""The longest body that is read. Refused as every refusal is: by our own page or problem, under the strict headers."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 64 * 1024  # bytes: 4000 characters of four bytes, each written as %XX in a form, take 48 000
LARGEST_WITH_FILE = 1024 * 1024  # bytes: as much of a file as stays in memory; none is ever written down on its way


class BodyLimit:
    """Raises 413 where the body is read: by what its length claims, and by what really comes.

    `with_file`: paths under the application's own, at which a form may have a file.
    """

    def __init__(self, app: ASGIApp, with_file: Collection[str] = ()) -> None:
        self._app, self._with_file = app, with_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        length = Headers(scope=scope).get("content-length", "")
        claimed = int(length) if length.isdecimal() else 0
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        most, come = LARGEST_WITH_FILE if path in self._with_file else LARGEST, 0

        async def limited() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if message["type"] == "http.request" and max(come, claimed) > most:
                raise HTTPException(413)
            return message

        return await self._app(scope, limited, send)
