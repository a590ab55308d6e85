"""Read documents in a process of its own: one that keeps a reader busy for ever, or breaks it, stops no other."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

from pydantic import BaseModel

from ingest.candidates import Candidate, Faulty, candidates_in
from ingest.decode import writable
from ingest.documents import Document
from ingest.errors import Unreadable
from ingest.reading import Reading, read

READING_S = 20.0
"""Wall clock for one document. Of a thousand real ones none took more than two; what takes longer was made to: with
1.6 MB that hold nothing but `<!--`, html.parser is busy for the square of that."""
LONGEST_REASON = 200


class Offer(BaseModel):
    """What one document offers."""

    reading: Reading
    candidates: list[Candidate]
    faulty: list[Faulty]


class _Task(BaseModel):
    document: Document
    trusted: bool


class _Answer(BaseModel):
    offer: Offer | None = None
    fault: str = ""
    about: str = ""


class ReadingProcess:
    """Started with the first document, and anew after one that it did not survive. To be closed, so use it `with`."""

    def __init__(self, *, limit: float = READING_S) -> None:
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def offer_of(self, document: Document, *, trusted: bool) -> Offer:
        """Raises Unreadable, with the reason, where the document cannot be read or takes longer than the limit."""
        task = _Task(document=document.model_copy(update={"file": None}), trusted=trusted)
        answer = _Answer.model_validate_json(self._answer(task.model_dump_json().encode()))
        if answer.offer is None:
            raise Unreadable(answer.fault, about=answer.about)
        reading = answer.offer.reading.model_copy(update={"document": document})
        own = {"reading": reading, "file": document.file}
        return answer.offer.model_copy(
            update={"reading": reading, "candidates": [one.model_copy(update=own) for one in answer.offer.candidates]}
        )

    def _answer(self, task: bytes) -> bytes:
        process = self._process = self._process or _started(self._limit)
        assert process.stdin is not None and process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.write(task + b"\n")
            process.stdin.flush()
        answer = process.stdout.readline()
        if answer.endswith(b"\n"):
            return answer
        if self._end() == -signal.SIGALRM:
            raise Unreadable(
                f"reading it took longer than {self._limit:g} s; split it, or keep only the part that teaches something"
            )
        raise Unreadable("it cannot be read: it ended the program that was reading it; split it into smaller documents")

    def _end(self) -> int | None:
        """The exit status; None where nothing had been started."""
        process, self._process = self._process, None
        if process is None:
            return None
        with suppress(BrokenPipeError), process:
            os.killpg(process.pid, signal.SIGKILL)
        return process.returncode


def _started(limit: float) -> subprocess.Popen[bytes]:
    modules = os.pathsep.join([str(Path(__file__).parent.parent), *filter(None, sys.path)])
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "ingest.reading_process", str(limit)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": modules},
        start_new_session=True,
    )


def _answered(line: bytes) -> bytes:
    """Text of strangers may break any reader in a way that nobody thought of; that is told, too."""
    try:
        task = _Task.model_validate_json(line)
        reading = read(task.document, trusted=task.trusted)
        candidates, faulty = candidates_in(reading)
        alone = [candidate.model_copy(update={"reading": None}) for candidate in candidates]
        bare = reading.model_copy(update={"document": task.document.model_copy(update={"data": b""})})
        return _Answer(offer=Offer(reading=bare, candidates=alone, faulty=faulty)).model_dump_json().encode()
    except Unreadable as fault:
        return _Answer(fault=writable(str(fault)), about=fault.about).model_dump_json().encode()
    except RecursionError:
        return _Answer(fault="it is nested too deep to be read").model_dump_json().encode()
    except Exception as fault:
        reason = f"it cannot be read: {type(fault).__name__}: {fault}"[:LONGEST_REASON]
        return _Answer(fault=writable(reason)).model_dump_json().encode()


def main(limit: float) -> None:
    """A task on each line of standard input, and its answer on one of standard output.

    The alarm ends the process wherever it is, also where the one that asked is gone.
    """
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_REAL, limit)
        answer = _answered(line)
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.buffer.write(answer + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]))
