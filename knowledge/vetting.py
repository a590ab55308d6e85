"""The records of the runs that proved patterns: one JSON line per pattern, and the status they give it."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import ValidationError

from knowledge.errors import PatternError
from knowledge.schema import Framework, Vetting, VettingStatus

DISTRIBUTIONS: dict[Framework, tuple[str, ...]] = {
    "pytorch": ("torch",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly"),
}


def installed_versions() -> dict[Framework, str | None]:
    """Each framework's version in this interpreter, without importing it; None where it is not installed."""
    return {framework: _installed(names) for framework, names in DISTRIBUTIONS.items()}


def _installed(names: tuple[str, ...]) -> str | None:
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            return version(name)
    return None


def status_of(sha256: str, vetting: Vetting | None, *, installed: str | None) -> VettingStatus:
    """What a record says about a pattern with this hash, where this version of its framework is installed."""
    if vetting is None or vetting.sha256 != sha256:
        return "unvetted"
    if installed is None or _minor(installed) != _minor(vetting.framework_version):
        return "stale"
    return "rejected" if vetting.failed else "vetted"


def _minor(text: str) -> tuple[str, ...]:
    return tuple(text.split(".")[:2])


def read_records(path: Path) -> dict[str, Vetting]:
    """Pattern id -> its latest record. A last line that was cut short by a crash is passed over."""
    if not path.is_file():
        return {}
    *lines, _torn = path.read_text(encoding="utf-8").split("\n")
    return dict(_read_line(line, where=f"{path}:{number}") for number, line in enumerate(lines, start=1))


def _read_line(line: str, *, where: str) -> tuple[str, Vetting]:
    try:
        fields = json.loads(line)
        return fields.pop("id"), Vetting.model_validate(fields)
    except (ValueError, KeyError, AttributeError, ValidationError):
        raise PatternError(
            f"{where}: not a vetting record; delete the line and run `gradproof ingest` on its pattern"
        ) from None


def append_record(path: Path, pattern_id: str, vetting: Vetting) -> None:
    """Add one record, on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(pattern_id, vetting))
        file.flush()
        os.fsync(file.fileno())


def write_records(path: Path, records: dict[str, Vetting]) -> None:
    """Replace the file by one sorted line per pattern, at once."""
    with replacing(path) as file:
        file.write_text("".join(_line(key, records[key]) for key in sorted(records)), encoding="utf-8")


def _line(pattern_id: str, vetting: Vetting) -> str:
    return json.dumps({"id": pattern_id} | vetting.model_dump(exclude_none=True), ensure_ascii=False) + "\n"


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write that takes the place of `path` when the block ends, and never if it raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        draft = Path(folder) / path.name
        yield draft
        draft.replace(path)
