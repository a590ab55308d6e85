"""Where patterns are kept: a folder of files, and beside it the records of their runs."""

import os
import threading
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ingest.candidates import Candidate
from knowledge.files import locked, replacing
from knowledge.patterns import read_patterns, wrong_file
from knowledge.schema import Pattern, Vetting
from knowledge.vetting import append_record, read_records, write_records


class Shelf:
    """One such folder. Records are on disk as soon as they are added, and none of another process is ever lost.

    Safe to use from several threads.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._path = root.parent / "vetting.jsonl"
        self._records = read_records(self._path)
        self._adding = threading.Lock()
        self._changed = False

    def holds(self, file: Path | None) -> bool:
        """Whether this file already lies on the shelf."""
        return file is not None and file.resolve().is_relative_to(self.root.resolve())

    @cached_property
    def patterns(self) -> dict[str, Pattern]:
        """What lay here when this was first asked, by id; a malformed file is passed over, with a warning."""
        return {pattern.id: pattern for pattern in read_patterns(self.root, pass_over=True)}

    def record(self, pattern: Pattern) -> Vetting | None:
        """The latest record of this pattern; that of the same program under another header counts as well.

        None, too, for one that failed and does not say at what, as older ones do: it is run once more.
        """
        record, earlier = self._records.get(pattern.id), self.patterns.get(pattern.id)
        if record and record.failed and record.failed_about is None:
            return None
        if record and earlier and record.sha256 == earlier.sha256 != pattern.sha256 and _same_run(pattern, earlier):
            return record.model_copy(update={"sha256": pattern.sha256})
        return record

    def keep(self, candidate: Candidate, vetting: Vetting) -> None:
        """Record a run. What holds is copied here, unless it lies here; what failed is not kept."""
        if not self.holds(candidate.file):
            if vetting.failed:
                self.remove([candidate.pattern.id])
            else:
                self._put(candidate)
        self._add(candidate.pattern.id, vetting)

    def remove(self, pattern_ids: Iterable[str]) -> None:
        """Take copies away; their records stay, so that nothing is run again for nothing."""
        for pattern_id in pattern_ids:
            if (earlier := self.patterns.get(pattern_id)) is not None:
                path = self.root / earlier.path
                path.unlink(missing_ok=True)
                wrong_file(path).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Leave one sorted line per pattern, if anything was added."""
        if self._changed:
            with locked(self._path.parent):
                write_records(self._path, read_records(self._path))

    def _put(self, candidate: Candidate) -> None:
        pattern = candidate.pattern
        _, area, name = pattern.id.split(".")
        target = self.root / pattern.framework / area / f"{name.replace('-', '_')}.py"
        for path, text in ((target, candidate.text), (wrong_file(target), pattern.wrong)):
            if text is None:
                path.unlink(missing_ok=True)
            else:
                with replacing(path) as draft:
                    draft.write_text(text, encoding="utf-8")

    def _add(self, pattern_id: str, vetting: Vetting) -> None:
        with self._adding, locked(self._path.parent):
            _drop_torn_line(self._path)
            append_record(self._path, pattern_id, vetting)
            self._changed = True
            self._records[pattern_id] = vetting


class Shelves(NamedTuple):
    """Where the patterns lie that come with gradproof, and where those that were ingested here are copied to."""

    repository: Shelf
    own: Shelf

    def for_file(self, file: Path | None) -> Shelf:
        """The one that a candidate from this file belongs on."""
        return self.repository if self.repository.holds(file) else self.own


def _same_run(one: Pattern, other: Pattern) -> bool:
    """Whether vetting would run the same programs and look at the same things."""
    decides = {"code", "wrong", "wrong_outcome", "checks", "applies", "device"}
    return one.model_dump(include=decides) == other.model_dump(include=decides)


def _drop_torn_line(path: Path) -> None:
    """What a crash cut short must not swallow the next line. To be called by the one who has the lock."""
    if not path.is_file():
        return
    with path.open("rb+") as file:
        content = file.read()
        if content and not content.endswith(b"\n"):
            file.truncate(content.rfind(b"\n") + 1)
            file.flush()
            os.fsync(file.fileno())
