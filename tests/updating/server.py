"""A server on this machine that misbehaves on demand, for a bounded time, and closes itself."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: No behaviour lasts longer than this, so that a failing test cannot hang.
LONGEST_SECONDS = 2.0

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = LONGEST_SECONDS

    def do_GET(self) -> None:
        self.close_connection = True
        self.server.site.asked.append(self.path)
        with suppress(OSError):
            self.server.site.behaviour(self)

    def log_message(self, *args: object) -> None:
        pass

    def wait(self, seconds: float) -> bool:
        """Wait, or less when the server closes; return whether it does."""
        return self.server.site.closing.wait(seconds)

    def head(self, status: int = 200, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()

    def body(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()

    def cut(self) -> None:
        """End the connection with a reset instead of a goodbye."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@dataclass
class Site:
    url: str
    behaviour: Behaviour
    asked: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Site]:
    server = _Server(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_address[1]}/data", behaviour)
    server.site = site
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(LONGEST_SECONDS)


def good(content: bytes, kind: str = "application/json") -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.head(Content_Type=kind, Content_Length=len(content))
        handler.body(content)

    return behave


def good_gzip(content: bytes) -> Behaviour:
    packed = gzip.compress(content)

    def behave(handler: Handler) -> None:
        handler.head(Content_Encoding="gzip", Content_Length=len(packed))
        handler.body(packed)

    return behave


def good_chunked(content: bytes) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.head(Transfer_Encoding="chunked")
        handler.body(b"%x\r\n" % len(content) + content + b"\r\n0\r\n\r\n")

    return behave


def until_close(content: bytes) -> Behaviour:
    """Answer without saying where the end is."""

    def behave(handler: Handler) -> None:
        handler.head()
        handler.body(content)

    return behave


def hangs(handler: Handler) -> None:
    handler.wait(LONGEST_SECONDS)


def drips_head(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(round(LONGEST_SECONDS / 0.05)):
        handler.body(b"x")
        if handler.wait(0.05):
            return


def drips_body(handler: Handler) -> None:
    handler.head(Content_Length=1_000)
    for _ in range(round(LONGEST_SECONDS / 0.05)):
        handler.body(b" ")
        if handler.wait(0.05):
            return


def status(code: int, content: bytes = b"{}") -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.head(code, Content_Length=len(content))
        handler.body(content)

    return behave


def truncated(content: bytes) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.head(Content_Length=len(content) + 1_000)
        handler.body(content)

    return behave


def truncated_chunks(content: bytes) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.head(Transfer_Encoding="chunked")
        handler.body(b"%x\r\n" % len(content) + content + b"\r\n")

    return behave


def truncated_gzip(content: bytes) -> Behaviour:
    packed = gzip.compress(content)[:-9]

    def behave(handler: Handler) -> None:
        handler.head(Content_Encoding="gzip", Content_Length=len(packed))
        handler.body(packed)

    return behave


def says_gzip(content: bytes) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.head(Content_Encoding="gzip", Content_Length=len(content))
        handler.body(content)

    return behave


def says_brotli(content: bytes) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.head(Content_Encoding="br", Content_Length=len(content))
        handler.body(content)

    return behave


def resets_at_once(handler: Handler) -> None:
    handler.cut()


def resets_midway(handler: Handler) -> None:
    handler.head(Content_Length=1_000)
    handler.body(b"{")
    handler.cut()


def no_http(handler: Handler) -> None:
    handler.body(b"220 mail.example ESMTP\r\n")


def redirects_to(target: str) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.head(302, Location=target, Content_Length=0)

    return behave


def redirects_on_and_on(handler: Handler) -> None:
    handler.head(302, Location=f"{handler.path}x", Content_Length=0)


def redirects_once(content: bytes) -> Behaviour:
    def behave(handler: Handler) -> None:
        if handler.path == "/data":
            handler.head(301, Location="/moved", Content_Length=0)
        else:
            good(content)(handler)

    return behave


def announces(length: int) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.head(Content_Length=length)
        handler.body(b"{")

    return behave


def endless(handler: Handler) -> None:
    handler.head()
    for _ in range(10_000):
        handler.body(b"[" * 65_536)
        if handler.wait(0):
            return
