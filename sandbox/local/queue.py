"""Whose turn it is: runs start in the order they were asked for, as far as cores and memory go."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.errors import SandboxError
from sandbox.local.capacity import Capacity

_LOOK_S = 0.02


@dataclass(eq=False)
class _Ticket:
    memory_mb: int
    called: threading.Event = field(default_factory=threading.Event)
    admitted: bool = False


class Queue:
    """First come, first served. A run that is larger than all there is runs alone.

    No small run overtakes a large one that waits: memory may lie idle for a while, and nobody waits for ever.
    """

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._running: set[_Ticket] = set()
        self._closed = False

    @contextmanager
    def turn(self, memory_mb: int, cancel: threading.Event | None = None) -> Iterator[bool]:
        """Wait for a turn and have it until the end of the `with` block. False where `cancel` came first.

        Raises SandboxError where the queue is closed, also to those who wait.
        """
        ticket = _Ticket(memory_mb)
        try:
            yield self._wait(ticket, cancel)
        finally:
            self._leave(ticket)

    def close(self) -> None:
        """Let nobody in any more. Who has a turn keeps it."""
        with self._lock:
            self._closed = True
            for ticket in self._waiting:
                ticket.called.set()

    def _wait(self, ticket: _Ticket, cancel: threading.Event | None) -> bool:
        """An Event cannot be waited for together with another: only who may be cancelled looks up now and then."""
        with self._lock:
            self._waiting.append(ticket)
            self._call_next()
        while not ticket.called.wait(None if cancel is None else _LOOK_S):
            if cancel is not None and cancel.is_set():
                return False
        if not ticket.admitted:
            raise SandboxError("the sandbox has been closed; open another one")
        return cancel is None or not cancel.is_set()

    def _leave(self, ticket: _Ticket) -> None:
        with self._lock:
            self._running.discard(ticket)
            if not ticket.admitted:
                self._waiting.remove(ticket)
            self._call_next()

    def _call_next(self) -> None:
        if self._closed:
            for ticket in self._waiting:
                ticket.called.set()
        while not self._closed and self._waiting and self._has_room_for(self._waiting[0]):
            ticket = self._waiting.popleft()
            ticket.admitted = True
            self._running.add(ticket)
            ticket.called.set()

    def _has_room_for(self, ticket: _Ticket) -> bool:
        used = sum(other.memory_mb for other in self._running)
        fits = len(self._running) < self._capacity.cores and used + ticket.memory_mb <= self._capacity.memory_mb
        return fits or not self._running
