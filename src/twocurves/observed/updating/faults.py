"""What can go wrong between a public address and our data folder, as values."""

from __future__ import annotations

from enum import StrEnum

from twocurves.errors import Fault


class Cause(StrEnum):
    """Why a source was not taken over."""

    UNREACHABLE = "unreachable"  #: no route or no such host: most likely no network
    REFUSED = "refused"  #: the host is there and takes no connection
    RESET = "reset"  #: the connection was cut before or during the answer
    TIMEOUT = "timeout"  #: not finished in the time allowed
    STATUS = "status"  #: an HTTP status other than success
    REDIRECTS = "redirects"  #: too many redirects, a loop, or one to an address that is not allowed
    CERTIFICATE = "certificate"  #: the server could not prove who it is
    PROTOCOL = "protocol"  #: the answer is no HTTP
    TRUNCATED = "truncated"  #: the answer ends before its end
    TOO_LARGE = "too_large"  #: more bytes than the source may have, as sent or unpacked
    EMPTY = "empty"  #: success, and nothing in it
    ENCODING = "encoding"  #: not the compression or the text encoding that it should be
    FORMAT = "format"  #: no JSON or CSV, a web page perhaps
    SCHEMA = "schema"  #: readable, with other fields or types than expected
    POISONED = "poisoned"  #: figures that cannot be: negative, infinite, out of range, a thousandfold jump
    FUTURE = "future"  #: dates that have not come
    VANISHED = "vanished"  #: too few rows, or too many of the held rows gone


class SourceFault(Fault):
    """A source could not be taken over; the old stays.

    Parameters
    ----------
    cause
        The kind of fault.
    message
        The reason, as one sentence without the name of the source in front.
    field
        The source, and the row in it where there is one.
    given, allowed
        As in :class:`twocurves.errors.Fault`.
    """

    def __init__(
        self,
        cause: Cause,
        message: str,
        *,
        field: str | None = None,
        given: object = None,
        allowed: object = None,
    ) -> None:
        super().__init__(message, field=field, given=given, allowed=allowed)
        self.cause = cause
