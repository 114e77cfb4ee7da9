"""The strict headers, on every response of whatever status. No inline script or style exists, so none is allowed.

`require-trusted-types-for` with no policy allowed means that no script can turn a string into HTML at all: the pages
swap in documents that the browser itself has parsed.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
# The one page that starts the worker of notices may give its address, by this one policy of static/paged.js; an iPhone
# shows notices of what stands on its home screen, by a manifest.
NOTICES = "/paged"
POLICY_OF_NOTICES = POLICY.replace("trusted-types 'none'", "trusted-types notices; manifest-src 'self'")
NOTHING = ("camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")

STRICT = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in NOTHING),
    "X-Robots-Tag": "noindex, nofollow",
}
HSTS = "max-age=63072000; includeSubDomains"


def harden(headers: MutableHeaders, secure: bool, static: bool = False, notices: bool = False) -> None:
    """`static`: style and script hold nobody's data and may be kept, but are asked for again; all else is forgotten.

    `notices`: the page may start the worker that shows them.
    """
    headers.update(STRICT)
    if notices:
        headers["Content-Security-Policy"] = POLICY_OF_NOTICES
    headers["Cache-Control"] = "no-cache" if static else "no-store"
    if secure:
        headers["Strict-Transport-Security"] = HSTS


def hardened(response: Response, secure: bool) -> Response:
    """For the one response that is made outside of the middleware: that of an unforeseen error."""
    harden(response.headers, secure)
    return response


class StrictHeaders:
    def __init__(self, app: ASGIApp, secure: bool, static: str = "") -> None:
        self._app, self._secure, self._static = app, secure, static

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        static = bool(self._static) and path.startswith(self._static)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = static and message["status"] in (200, 304)
                harden(MutableHeaders(scope=message), self._secure, kept, path.startswith(NOTICES))
            await send(message)

        return await self._app(scope, receive, with_headers)
