"""Where patterns are kept: a folder of files, and beside it the records of their runs."""

import threading
from functools import cached_property
from pathlib import Path

from ingest.sources import Candidate
from knowledge.patterns import pattern_files, read_pattern, wrong_file
from knowledge.schema import Vetting
from knowledge.vetting import append_record, read_records, replacing, write_records


class Shelf:
    """One such folder. Records are on disk as soon as they are added; safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._path = root.parent / "vetting.jsonl"
        self._records = read_records(self._path)
        self._adding = threading.Lock()
        self._changed = False

    def holds(self, file: Path) -> bool:
        """Whether this file already lies on the shelf."""
        return file.resolve().is_relative_to(self.root.resolve())

    @cached_property
    def ids(self) -> set[str]:
        """Of the patterns that lay here when this was first asked. Raises PatternError for a malformed file."""
        return {read_pattern(path, root=self.root).id for path in pattern_files(self.root)}

    def record(self, pattern_id: str) -> Vetting | None:
        """The latest record of this pattern."""
        return self._records.get(pattern_id)

    def put(self, candidate: Candidate) -> None:
        """Copy the candidate here, unless it is here."""
        if self.holds(candidate.file):
            return
        pattern = candidate.pattern
        _, area, name = pattern.id.split(".")
        target = self.root / pattern.framework / area / f"{name.replace('-', '_')}.py"
        for path, text in ((target, candidate.text), (wrong_file(target), pattern.wrong)):
            if text is None:
                path.unlink(missing_ok=True)
            else:
                with replacing(path) as draft:
                    draft.write_text(text, encoding="utf-8")

    def add(self, pattern_id: str, vetting: Vetting) -> None:
        """Record a run."""
        with self._adding:
            if not self._changed and self._path.is_file():
                write_records(self._path, self._records)  # a line cut short by a crash must not swallow the next one
            self._changed = True
            append_record(self._path, pattern_id, vetting)
            self._records[pattern_id] = vetting

    def tidy(self) -> None:
        """Leave one sorted line per pattern, if anything was added."""
        if self._changed:
            write_records(self._path, self._records)
