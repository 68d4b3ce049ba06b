"""One answer from one public address, whole or not at all, within a time and a size."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import urllib.request
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from types import TracebackType
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin

from twocurves.observed.updating.faults import Cause, SourceFault
from twocurves.observed.updating.sources import Source, allowed_address

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES = 65_536
_GZIP_WINDOW = 31  # zlib's code for "a gzip member"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer.

    Attributes
    ----------
    body
        The content, unpacked.
    content_type
        What the server calls it, in lower case without parameters; empty when it does not say.
    length_known
        Whether the protocol said where the answer ends. Without it a cut answer looks like a whole one.
    """

    body: bytes
    content_type: str = ""
    length_known: bool = True


#: What ``update`` fetches with; :func:`fetch`, or a test's own.
Opener = Callable[[Source], Fetched]


def fetch(source: Source) -> Fetched:
    """Fetch a source's answer.

    The work is done in a thread of its own, because some waits (finding the host's address above all) obey
    no timeout: when the time is over the thread is left behind and its connections are shut.

    Raises
    ------
    SourceFault
        Anything but a whole answer of allowed size in the allowed time; the message is the reason.
    """
    attempt = _Attempt(source)
    worker = threading.Thread(target=attempt.run, name=f"fetch {source.id}", daemon=True)
    worker.start()
    worker.join(source.timeout_seconds)
    if worker.is_alive():
        attempt.abandon()
        raise _too_slow(source)
    failure = attempt.carried.failure
    if isinstance(failure, SourceFault):
        raise failure
    if isinstance(failure, OSError | http.client.HTTPException | ValueError):
        raise _explained(source, failure) from failure
    if failure is not None:
        raise failure
    assert attempt.result is not None  # noqa: S101 - a thread that ended without failure has a result
    return attempt.result


class _Carried:
    """Takes whatever a thread raises, to be raised again in the thread that waits for it."""

    failure: BaseException | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.failure = failure
        return True


class _Attempt:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.deadline = time.monotonic() + source.timeout_seconds
        self.connections: list[http.client.HTTPConnection] = []
        self.responses: list[http.client.HTTPResponse] = []
        self.carried = _Carried()
        self.result: Fetched | None = None

    def run(self) -> None:
        with self.carried:
            try:
                self.result = self._get()
            finally:
                for response in self.responses:
                    response.close()

    def abandon(self) -> None:
        for connection in self.connections:
            with suppress(OSError):
                if connection.sock is not None:
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def connect(self, kind: type[http.client.HTTPConnection]) -> Callable[..., http.client.HTTPConnection]:
        """Return a maker of connections that remembers each, so that it can be shut from outside."""

        def made(host: str, **settings: Any) -> http.client.HTTPConnection:
            connection = kind(host, **settings)
            self.connections.append(connection)
            return connection

        return made

    def _get(self) -> Fetched:
        source = self.source
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked when the source was read
            source.url,
            headers={
                "User-Agent": f"twocurves/{version('twocurves')}",
                "Accept-Encoding": "gzip",
                "Accept": "application/json, text/csv;q=0.9, */*;q=0.1",
            },
        )
        with _director(self).open(request, timeout=source.timeout_seconds) as response:
            declared = response.headers.get("Content-Length")
            chunked = "chunked" in (response.headers.get("Transfer-Encoding") or "").lower()
            body = self._read(response, declared)
            packing = (response.headers.get("Content-Encoding") or "identity").strip().lower()
            kind = (response.headers.get("Content-Type") or "").split(";")[0].strip().lower()
        if packing in {"gzip", "x-gzip"}:
            body = _unpacked(body, source)
        elif packing != "identity":
            raise SourceFault(
                Cause.ENCODING,
                f"The answer is packed as {packing!r}, which was not asked for.",
                field=source.id,
                given=packing,
                allowed=["gzip", "identity"],
            )
        return Fetched(body, kind, declared is not None or chunked)

    def _read(self, response: http.client.HTTPResponse, declared: str | None) -> bytes:
        source = self.source
        if declared is not None and declared.isdecimal() and int(declared) > source.max_bytes:
            raise _too_large(source, f"The answer announces {int(declared):,} bytes")
        parts: list[bytes] = []
        received = 0
        # read1 returns after one read of the socket, so that a server that drips cannot outlive the deadline.
        while part := response.read1(_CHUNK_BYTES):
            parts.append(part)
            received += len(part)
            if received > source.max_bytes:
                raise _too_large(source, f"The answer has more than {source.max_bytes:,} bytes")
            if time.monotonic() > self.deadline:
                raise _too_slow(source)
        if declared is not None and declared.isdecimal() and received < int(declared):
            raise SourceFault(
                Cause.TRUNCATED,
                f"The answer was cut: {received:,} of {int(declared):,} bytes came.",
                field=source.id,
                given=received,
                allowed=int(declared),
            )
        return b"".join(parts)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, attempt: _Attempt) -> None:
        super().__init__()
        self.attempt = attempt

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        response = self.do_open(self.attempt.connect(http.client.HTTPConnection), req)
        self.attempt.responses.append(response)
        return response


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, attempt: _Attempt) -> None:
        super().__init__()
        self.attempt = attempt

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        connect = self.attempt.connect(http.client.HTTPSConnection)
        response = self.do_open(connect, req, context=ssl.create_default_context())
        self.attempt.responses.append(response)
        return response


class _Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, source: Source) -> None:
        self.source = source
        self.followed = 0

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: Any,
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        self.followed += 1
        if self.followed > self.source.max_redirects:
            raise SourceFault(
                Cause.REDIRECTS,
                f"The server redirects more than {self.source.max_redirects} times.",
                field=self.source.id,
                given=newurl,
                allowed=self.source.max_redirects,
            )
        target = urljoin(req.full_url, newurl)
        leaves_tls = req.full_url.startswith("https:") and not target.startswith("https:")
        if leaves_tls or not allowed_address(target):
            raise SourceFault(
                Cause.REDIRECTS,
                f"The server redirects to {target!r}, which is not an https address.",
                field=self.source.id,
                given=target,
                allowed="https",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _director(attempt: _Attempt) -> urllib.request.OpenerDirector:
    """Return an opener that knows HTTP and nothing else: no local files, no FTP."""
    director = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        _Http(attempt),
        _Https(attempt),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(attempt.source),
        urllib.request.HTTPErrorProcessor(),
    ):
        director.add_handler(handler)
    return director


def _unpacked(packed: bytes, source: Source) -> bytes:
    """Unpack gzip, never further than the size allowed: a small bomb must not fill the memory."""
    parts: list[bytes] = []
    room = source.max_bytes
    rest = packed
    try:
        while rest:
            member = zlib.decompressobj(_GZIP_WINDOW)
            part = member.decompress(rest, room + 1)
            room -= len(part)
            if room < 0:
                raise _too_large(source, f"The answer unpacks to more than {source.max_bytes:,} bytes")
            if not member.eof:
                raise SourceFault(
                    Cause.TRUNCATED, "The answer was cut: its gzip stream has no end.", field=source.id
                )
            parts.append(part)
            rest = member.unused_data
    except zlib.error as error:
        raise SourceFault(
            Cause.ENCODING, "The answer says it is gzip and is not.", field=source.id, given=str(error)
        ) from error
    return b"".join(parts)


def _too_slow(source: Source) -> SourceFault:
    return SourceFault(
        Cause.TIMEOUT,
        f"The server did not finish its answer within {source.timeout_seconds:g} s.",
        field=source.id,
        allowed=source.timeout_seconds,
    )


def _too_large(source: Source, found: str) -> SourceFault:
    return SourceFault(
        Cause.TOO_LARGE,
        f"{found}; at most {source.max_bytes:,} are taken.",
        field=source.id,
        allowed=source.max_bytes,
    )


def _explained(source: Source, error: OSError | http.client.HTTPException | ValueError) -> SourceFault:
    if isinstance(error, HTTPError):
        error.close()
        return _status(source, error.code)
    inner = error.reason if isinstance(error, URLError) else error
    cause, reason = _named(inner, source)
    return SourceFault(cause, reason, field=source.id, given=str(inner))


def _status(source: Source, code: int) -> SourceFault:
    phrase = HTTPStatus(code).phrase if code in set(HTTPStatus) else "not a known status"
    if code in _REDIRECTS:
        return SourceFault(
            Cause.REDIRECTS,
            "The server redirects to no address that may be followed.",
            field=source.id,
            given=code,
            allowed="https",
        )
    return SourceFault(
        Cause.STATUS, f"The server answered {code} ({phrase}).", field=source.id, given=code, allowed=200
    )


def _named(error: object, source: Source) -> tuple[Cause, str]:
    match error:
        case TimeoutError():
            return Cause.TIMEOUT, _too_slow(source).message
        case socket.gaierror():
            return Cause.UNREACHABLE, "The host's address could not be found; there may be no network."
        case ssl.SSLError():
            return Cause.CERTIFICATE, "No safe connection could be made with the server."
        case ConnectionRefusedError():
            return Cause.REFUSED, "The server refused the connection."
        case ConnectionError():
            return Cause.RESET, "The server cut the connection before the answer was whole."
        case http.client.IncompleteRead():
            return Cause.TRUNCATED, "The answer was cut: its last chunk is missing."
        case http.client.HTTPException() | ValueError():
            return Cause.PROTOCOL, "The server's answer is not HTTP."
        case _:
            return Cause.UNREACHABLE, "The server could not be reached; there may be no network."
