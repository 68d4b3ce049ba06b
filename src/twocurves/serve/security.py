"""What stands before every request: names, tokens, sizes, time, and how many are answered at once."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Iterable
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from twocurves.serve.settings import ServeSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "twocurves_token"
_TOKEN_KEY = "token"  # noqa: S105  (the name of a field, not a secret)

#: Nothing from elsewhere and no script inside a page. Attributes may carry style: drawings are sized by them.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)

#: Bytes of a body over the limit that are still read, so that a client hears the answer.
_DRAINED = 64_000_000
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def _with_own_policy(given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer; one that lets in no script keeps its stricter policy."""
    policy = next((value for name, value in given if name.lower() == b"content-security-policy"), b"")
    strict = policy.startswith(b"default-src 'none'") and b"script-src" not in policy
    return [(b"content-security-policy", policy), *HEADERS[1:]] if strict else list(HEADERS)


class Refused(Exception):
    """A request is turned away with a status and one sentence."""

    def __init__(self, status: int, sentence: str, *, field: str, retry_after: int = 0) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.field = field
        self.retry_after = retry_after


class Gate:
    """ASGI middleware: checks a request, bounds it, and adds the security headers to every answer."""

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self.app = app
        self.settings = settings
        self._slots = asyncio.Semaphore(settings.limits.at_once)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                own = {name for name, _ in HEADERS}
                given = message.get("headers", [])
                kept = [pair for pair in given if pair[0].lower() not in own]
                message = {**message, "headers": [*kept, *_with_own_policy(given)]}
            await send(message)

        try:
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
            }
            self._check(scope, headers)
            if await self._let_in(scope, headers, sending):
                return
            body = _Bounded(receive, self.settings.limits.body_bytes)
            if scope["method"] not in _SAFE:
                async with asyncio.timeout(self.settings.limits.request_seconds):
                    await body.read()
            await self._answer(scope, body, sending)
        except Refused as refusal:
            if not started:
                await _refuse(scope, sending, refusal)
        except TimeoutError:
            if not started:
                seconds = self.settings.limits.request_seconds
                late = Refused(
                    503,
                    f"This took longer than {seconds:g} seconds and goes on in the background; ask again.",
                    field="time",
                    retry_after=5,
                )
                await _refuse(scope, sending, late)

    async def _answer(self, scope: Scope, body: _Bounded, send: Send) -> None:
        if scope["path"].startswith("/static/"):
            await self.app(scope, body, send)
            return
        limits = self.settings.limits
        if self._waiting >= limits.waiting:
            raise Refused(
                503, "Too many people ask at once; try again in a moment.", field="load", retry_after=2
            )
        self._waiting += 1
        try:
            async with asyncio.timeout(limits.request_seconds), self._slots:
                await self.app(scope, body, send)
        finally:
            self._waiting -= 1

    def _check(self, scope: Scope, headers: dict[str, str]) -> None:
        host = _host_name(headers.get("host", ""))
        if host not in self.settings.hosts:
            raise Refused(421, "This server answers under its own address only.", field="Host")
        if len(scope.get("query_string", b"")) > self.settings.limits.query_bytes:
            raise Refused(
                414,
                f"A link holds at most {self.settings.limits.query_bytes:,} characters; save the scenario as "
                "a file instead.",
                field="link",
            )
        origin = headers.get("origin")
        if scope["method"] not in _SAFE and origin is not None:
            asked = urlsplit(origin)
            if origin == "null" or asked.netloc != headers.get("host", ""):
                raise Refused(403, "A change may only be asked for from these pages.", field="Origin")
        crosses = headers.get("sec-fetch-site") in {"cross-site", "same-site"}
        if crosses and (scope["method"] not in _SAFE or scope["path"].startswith("/api/")):
            raise Refused(403, "Another site may not ask this server for work.", field="Sec-Fetch-Site")

    async def _let_in(self, scope: Scope, headers: dict[str, str], send: Send) -> bool:
        """Check the token; a link that carries it is answered with a cookie and the link without it."""
        token = self.settings.token
        if not token or (scope["path"].startswith("/static/")):
            return False
        if _same(headers.get("authorization", "").removeprefix("Bearer "), token):
            return False
        if _same(_cookie(headers.get("cookie", "")), token):
            return False
        pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        if any(name == _TOKEN_KEY and _same(value, token) for name, value in pairs):
            rest = urlencode([pair for pair in pairs if pair[0] != _TOKEN_KEY], safe=".")
            path = "/" + scope["path"].lstrip("/\\")
            where = path + (f"?{rest}" if rest else "")
            cookie = f"{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/"
            await send(
                {
                    "type": "http.response.start",
                    "status": 303,
                    "headers": [
                        (b"location", where.encode("latin-1", "ignore")),
                        (b"set-cookie", cookie.encode()),
                    ],
                }
            )
            await send({"type": "http.response.body", "body": b""})
            return True
        raise Refused(401, "Open the pages with the link that carries the token.", field="token")


class _Bounded:
    """Receives a body whole, up to a size; reads on past it so that the client hears why it was refused."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._held: Message | None = None

    async def read(self) -> None:
        """Read the body before anybody answers.

        Raises
        ------
        Refused
            It is over the limit.
        """
        parts: list[bytes] = []
        seen = 0
        while seen < _DRAINED:
            message = await self._receive()
            if message["type"] != "http.request":
                self._held = message
                return
            part = message.get("body", b"")
            seen += len(part)
            if seen <= self._most:
                parts.append(part)
            if not message.get("more_body"):
                break
        if seen > self._most:
            raise Refused(
                413,
                f"The file is larger than {self._most / 1e6:g} MB, which is what these pages read; export "
                "fewer months or fewer columns.",
                field="file",
            )
        self._held = {"type": "http.request", "body": b"".join(parts), "more_body": False}

    async def __call__(self) -> Message:
        if self._held is not None:
            held, self._held = self._held, None
            return held
        return await self._receive()


async def _refuse(scope: Scope, send: Send, refusal: Refused) -> None:
    wants_page = not scope["path"].startswith("/api/")
    error = {
        "field": refusal.field,
        "given": None,
        "allowed": None,
        "suggestion": None,
        "message": refusal.sentence,
    }
    if wants_page:
        sentence = escape(refusal.sentence)
        body = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Twocurves</title>'
            '<meta name="viewport" content="width=device-width">'
            '<link rel="stylesheet" href="/static/theme.css"><link rel="stylesheet" href="/static/pages.css">'
            f'</head><body><main class="page"><h1>{sentence}</h1><p><a href="/">Overview</a></p></main>'
            "</body></html>"
        ).encode()
        kind = b"text/html; charset=utf-8"
    else:
        body, kind = json.dumps({"error": error}).encode(), b"application/json"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if refusal.retry_after:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets."""
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[").lower()
    return host.partition(":")[0].lower()


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""
