"""The file of a run: one JSON line per question and arm, which a later run goes on with."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from assistant.bench.schema import Arm, Identity, Result
from assistant.errors import RequestError


class Record:
    """The lines so far, and the place for the next ones. One run at a time writes it."""

    def __init__(self, file: BinaryIO, results: list[Result]) -> None:
        self._file = file
        self.results = results

    def done(self, n: int, arm: Arm) -> bool:
        """Whether the file has the line of this question and arm."""
        return any((result.n, result.arm) == (n, arm) for result in self.results)

    def add(self, result: Result) -> None:
        """Write the line; it is on the disk when this returns."""
        self._file.write(result.model_dump_json().encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.results.append(result)


@contextmanager
def open_record(path: Path, run: Identity) -> Iterator[Record]:
    """The file, created where it is missing. A last line that was torn by a crash is dropped.

    RequestError where it holds something else, lines of another run, or is written by another process just now.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise RequestError(f"{str(path)!r} cannot be written ({error.strerror}); give --out another file") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RequestError(f"{str(path)!r} is being written by another run; give --out another file") from error
        file.seek(0)
        content = file.read()
        whole = content.rfind(b"\n") + 1
        results = [_read(line, run, path, n) for n, line in enumerate(content[:whole].splitlines(), 1) if line.strip()]
        file.truncate(whole)
        yield Record(file, results)


def _read(line: bytes, run: Identity, path: Path, n: int) -> Result:
    try:
        result = Result.model_validate_json(line)
    except ValidationError as error:
        raise RequestError(f"{path.name}:{n} is no line of a benchmark; give --out another file") from error
    for name, theirs in result.run:
        if theirs != (ours := getattr(run, name)):
            raise RequestError(
                f"{str(path)!r} holds lines with {name} {theirs!r}, and this run has {ours!r}; give --out another file"
            )
    return result
