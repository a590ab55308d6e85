"""The records of the runs that proved patterns: one JSON line per pattern, and the status they give it."""

import contextlib
import json
import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.specifiers import SpecifierSet
from pydantic import ValidationError

from knowledge.errors import PatternError
from knowledge.files import replacing
from knowledge.schema import Framework, Pattern, Vetting, VettingStatus

DECISIVE: dict[Framework, tuple[tuple[str, ...], ...]] = {
    "pytorch": (("torch",),),
    "tensorflow": (("tensorflow", "tensorflow-cpu", "tf-nightly"), ("keras",)),
}
"""The distributions whose upgrade makes a record stale, the framework's own first; each under all its names."""


def decisive(framework: Framework, versions: Mapping[str, str]) -> dict[str, str]:
    """Those of `versions` (distribution -> version) that decide, by their first names; empty without the framework."""
    found = {
        names[0]: next((versions[name] for name in names if name in versions), None) for names in DECISIVE[framework]
    }
    return {name: text for name, text in found.items() if text} if next(iter(found.values())) else {}


def installed_versions() -> dict[Framework, dict[str, str]]:
    """What decides, in this interpreter, without importing it; empty for a framework that is not installed."""
    return {framework: decisive(framework, _installed(names)) for framework, names in DECISIVE.items()}


def _installed(distributions: tuple[tuple[str, ...], ...]) -> dict[str, str]:
    found = {}
    for name in (name for names in distributions for name in names):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def status_of(pattern: Pattern, vetting: Vetting | None, *, installed: Mapping[str, str]) -> VettingStatus:
    """What a record says about this pattern, where these versions of what decides are installed."""
    if vetting is None or vetting.sha256 != pattern.sha256:
        return "unvetted"
    name = DECISIVE[pattern.framework][0][0]
    proved = {name: vetting.framework_version} | vetting.versions
    if any(_minor(installed.get(name, "")) != _minor(proved[name]) for name in proved) or excluded(pattern, installed):
        return "stale"
    return "rejected" if vetting.failed else "vetted"


def excluded(pattern: Pattern, installed: Mapping[str, str]) -> str | None:
    """The first of the installed versions that the pattern does not apply to, as "keras 3.15.1"."""
    for name, text in installed.items():
        if not SpecifierSet(pattern.applies.get(name, "")).contains(text, prereleases=True):
            return f"{name} {text}"
    return None


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
