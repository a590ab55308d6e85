"""Questions being worked on: each in a thread of its own, so that a reloaded page finds its question still running."""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from assistant.app import Assistant
from assistant.errors import EXPLAINED_ERRORS
from assistant.web.progress import Progress, advance

log = logging.getLogger(__name__)

REFRESH_S = 0.2
STOPPED = "Stopped. Nothing was kept of this attempt; ask again, or ask for something else."
FAULT = "gradproof failed on this question, and it is not your fault. The server's log says what went wrong."
BUSY = "This conversation is still working on its last question. Wait for it, or press Stop."


class Work:
    """One question being worked on."""

    def __init__(self, question: str) -> None:
        self.progress = Progress(question=question)
        self.cancel = threading.Event()

    def run(self, assistant: Assistant, *, thread_id: str, options: dict[str, Any]) -> None:
        """Work on it to its end. Every problem becomes a sentence; an unknown one is logged."""
        try:
            self._follow_stream(assistant, thread_id, options)
        except EXPLAINED_ERRORS as error:
            self._end(str(error))
        except Exception:
            log.exception("a question failed")
            self._end(FAULT)

    def _follow_stream(self, assistant: Assistant, thread_id: str, options: dict[str, Any]) -> None:
        if not self.cancel.is_set():
            events = assistant.stream(self.progress.question, thread_id=thread_id, cancel=self.cancel, **options)
            for event in events:
                if self.cancel.is_set():
                    events.close()
                    break
                self.progress = advance(self.progress, event)
        if not self.progress.ended:
            self._end(STOPPED)

    def _end(self, problem: str) -> None:
        self.progress = self.progress.model_copy(update={"problem": STOPPED if self.cancel.is_set() else problem})


class Desk:
    """The questions being worked on, by conversation; as many at once as there are cores."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self._running: dict[str, Work] = {}
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="question")

    def start(self, thread_id: str, question: str, **options: Any) -> Work | None:
        """Start to work on a question; None while the conversation's last one is still worked on."""
        with self._lock:
            if thread_id in self._running:
                return None
            work = self._running[thread_id] = Work(question)
        future = self._workers.submit(work.run, self.assistant, thread_id=thread_id, options=options)
        future.add_done_callback(lambda _: self._running.pop(thread_id, None))
        return work

    def running(self, thread_id: str) -> Work | None:
        """What the conversation is working on."""
        return self._running.get(thread_id)

    def stop(self, thread_id: str) -> None:
        """End what the conversation is working on, in the sandbox too."""
        if work := self.running(thread_id):
            work.cancel.set()

    def close(self) -> None:
        """End everything, and wait until it has ended."""
        for work in list(self._running.values()):
            work.cancel.set()
        self._workers.shutdown(cancel_futures=True)


async def follow(work: Work) -> AsyncIterator[Progress]:
    """What is known, each time more is known, until the question has ended."""
    seen = None
    while seen is None or not seen.ended:
        if work.progress is not seen:
            seen = work.progress
            yield seen
        await asyncio.sleep(REFRESH_S)
