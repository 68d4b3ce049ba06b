"""What waits for the engine: each micro-batch once, the most urgent first, dropped when nobody wants it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from twocurves.beliefs import Settings

if TYPE_CHECKING:
    from twocurves.serve.simulator import MicroBatch

#: How urgent: a slider waits; what follows a slider; what a page will want; what may be wanted next.
NOW, SOON, LATER, AHEAD = 0, 1, 2, 3

#: A setting, in words, and the number of a micro-batch.
Key = tuple[tuple[str, ...], int]


@dataclass(eq=False)
class Ticket:
    """One micro-batch and those who wait for it.

    Attributes
    ----------
    key, settings
        What is to be computed.
    priority
        The most urgent with which it was asked for.
    future
        Where the result will be.
    waiters
        How many wait; work asked for ahead of time has none.
    """

    key: Key
    settings: Settings
    priority: int
    number: int
    future: Future[MicroBatch] = field(default_factory=Future)
    waiters: int = 0
    begun: bool = False


class Waiting:
    """Work that waits, shared by the threads that ask and the threads that work."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tickets: dict[Key, Ticket] = {}
        self._numbers = itertools.count()

    def __len__(self) -> int:
        """Return how many micro-batches somebody waits for, begun ones included."""
        with self._changed:
            return sum(ticket.waiters > 0 for ticket in self._tickets.values())

    def ask(self, key: Key, settings: Settings, priority: int) -> Ticket:
        """Ask for a micro-batch; if it waits already it is done once, at the more urgent priority."""
        with self._changed:
            ticket = self._tickets.get(key)
            if ticket is None:
                ticket = self._tickets[key] = Ticket(key, settings, priority, next(self._numbers))
            ticket.priority = min(ticket.priority, priority)
            ticket.waiters += priority != AHEAD
            self._changed.notify_all()
            return ticket

    def leave(self, ticket: Ticket) -> None:
        """Wait no longer; work that nobody waits for any more and that has not begun is dropped."""
        with self._changed:
            ticket.waiters = max(0, ticket.waiters - 1)
            if ticket.waiters == 0 and not ticket.begun and ticket.priority != AHEAD:
                self._drop(ticket)

    def drop_ahead(self, keep: Callable[[Key], bool] = lambda _: False) -> None:
        """Drop what was asked for ahead of time and has not begun, except what is to be kept."""
        with self._changed:
            for ticket in list(self._tickets.values()):
                if ticket.priority == AHEAD and not ticket.begun and not keep(ticket.key):
                    self._drop(ticket)

    def take(self) -> Ticket:
        """Wait for work and return the most urgent, the oldest of those."""
        with self._changed:
            while True:
                open_ones = [one for one in self._tickets.values() if not one.begun]
                if open_ones:
                    found = min(open_ones, key=lambda one: (one.priority, one.number))
                    found.begun = True
                    return found
                self._changed.wait()

    def done(self, ticket: Ticket) -> None:
        """Forget a ticket whose future has its result."""
        with self._changed:
            self._tickets.pop(ticket.key, None)

    def _drop(self, ticket: Ticket) -> None:
        self._tickets.pop(ticket.key, None)
        ticket.future.cancel()
