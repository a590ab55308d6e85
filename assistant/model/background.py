"""An event loop in a thread of its own, so that a caller can wait for a request, and stop it, from anywhere.

The caller may be a plain thread or inside an event loop of its own, as in a notebook. Stopping cancels the task on the
loop, which closes its connection even while the server is silent.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from assistant.errors import Stopped

R = TypeVar("R")
Tell = Callable[[str], None]

STOPPED = "Stopped while the model was being asked."
LOOK_S = 0.05
"""Seconds between two looks at whether the caller was stopped."""
CLOSE_S = 1.0
"""Longest wait for a cancelled request to have closed its connection."""


class Background:
    """Runs coroutines. The thread starts with the first of them and ends with close()."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None

    def run(
        self,
        work: Callable[[Tell], Coroutine[Any, Any, R]],
        *,
        on_text: Callable[[str], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> R:
        """Wait for `work`; what it tells reaches `on_text` in the calling thread.

        Raises Stopped once `cancel` is set, or close() was called. However the wait ends, nothing of the work is left
        running.
        """
        told: SimpleQueue[str | None] = SimpleQueue()
        closed = threading.Event()

        async def watched() -> R:
            try:
                return await work(told.put)
            finally:
                closed.set()

        # An empty context: what traces or records a surrounding graph must not hear of the request.
        future = contextvars.Context().run(asyncio.run_coroutine_threadsafe, watched(), self._started())
        future.add_done_callback(lambda _: told.put(None))
        try:
            while (piece := _next(told, cancel)) is not None:
                if on_text:
                    on_text(piece)
            return future.result()
        except CancelledError:
            raise Stopped(STOPPED) from None
        finally:
            if not future.done():
                future.cancel()
                closed.wait(CLOSE_S)

    def close(self) -> None:
        """Cancel what still runs, and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread and self._loop and self._end:
            self._loop.call_soon_threadsafe(self._end.set)
            thread.join()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._thread is None:
                ready = threading.Event()
                self._thread = threading.Thread(
                    target=lambda: asyncio.run(self._serve(ready)), name="gradproof-model", daemon=True
                )
                self._thread.start()
                ready.wait()
            assert self._loop is not None
            return self._loop

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        ready.set()
        await self._end.wait()


@contextmanager
def held(lock: threading.Lock, cancel: threading.Event | None) -> Iterator[None]:
    """Hold the lock. Raises Stopped where `cancel` is set before the lock is free."""
    while not lock.acquire(timeout=LOOK_S):
        _check(cancel)
    try:
        yield
    finally:
        lock.release()


def _check(cancel: threading.Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Stopped(STOPPED)


def _next(told: SimpleQueue[str | None], cancel: threading.Event | None) -> str | None:
    """The next piece; None at the end."""
    while True:
        _check(cancel)
        try:
            return told.get(timeout=LOOK_S)
        except Empty:
            continue
