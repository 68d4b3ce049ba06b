"""How the pages are served: where they listen, who may ask, and how much a request may cost."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from twocurves.errors import BadInputError

#: Names by which a machine calls itself; anything else is an address that others may reach.
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost.

    Attributes
    ----------
    job_draws
        Most draws of a run that is started from a page.
    body_bytes
        Most bytes of a request's body.
    query_bytes
        Most bytes of a URL's query.
    request_seconds
        After which a request is answered with what is known of the delay.
    at_once
        Requests answered side by side; others wait.
    waiting
        Requests that may wait; the rest are told to come again.
    batches_waiting
        Micro-batches that may wait for the engine.
    jobs_waiting
        Runs and fits that may wait.
    """

    job_draws: int = 4096
    body_bytes: int = 2_000_000
    query_bytes: int = 16_000
    request_seconds: float = 30.0
    at_once: int = 16
    waiting: int = 256
    batches_waiting: int = 192
    jobs_waiting: int = 8


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """What ``twocurves serve`` was asked for.

    Attributes
    ----------
    host, port
        Where the server listens.
    token
        What a visitor must show; empty on this machine alone.
    run
        A stored run to show; the central run of today's code and data when empty.
    draws, seed
        Of the central run, where one has to be made.
    beliefs_from
        ``"prior"``, or empty for the usual source.
    limits
        What one request may cost.
    engine_processes
        Whether sliders are answered by processes of their own, with a kernel that takes longer to compile and
        half the time to run; else by threads of this process, with the kernel of stored runs.
    names
        Other names under which a proxy may ask for this server.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    token: str = ""
    run: str = ""
    draws: int = 1024
    seed: int = 7
    beliefs_from: str = ""
    limits: Limits = field(default_factory=Limits)
    engine_processes: bool = True
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise BadInputError(
                f"--port must be between 1 and 65535; you gave {self.port}.",
                field="--port",
                given=self.port,
                allowed="1 to 65535",
            )
        if self.host not in LOOPBACK and len(self.token) < 16:
            raise BadInputError(
                f"At {self.host} others can reach the pages, so a token of at least 16 characters is needed; "
                f"for example --token {secrets.token_urlsafe(18)}",
                field="--token",
                given="none" if not self.token else f"{len(self.token)} characters",
                allowed="16 characters or more",
            )

    @property
    def hosts(self) -> frozenset[str]:
        """Host names that a request may ask for, without port."""
        return LOOPBACK | {self.host, *self.names}

    @property
    def address(self) -> str:
        """The address to open."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


def static_folder() -> Path:
    """Return the folder of scripts and styles."""
    return Path(__file__).parent / "static"


def templates_folder() -> Path:
    """Return the folder of page templates."""
    return Path(__file__).parent / "templates"
