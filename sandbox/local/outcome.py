"""From the supervisor's facts to an ExecResult."""

import re
import signal
from typing import Any, TypeGuard

from sandbox.local.facts import Ended, Facts
from sandbox.local.request import cpu_seconds
from sandbox.schema import Artifact, ExecResult, Job, LimitHit, Limits, Status, Tier

_ENDED_BY: dict[str, Status] = {"wall": "timeout", "memory": "out_of_memory", "gpu_memory": "out_of_memory"}
_LIMIT_SIGNALS = {24: "cpu", 25: "disk"}
_OUT_OF_MEMORY = re.compile(
    r"^(MemoryError|numpy.*ArrayMemoryError|.*can't allocate memory|.*OutOfMemoryError|.*ResourceExhaustedError"
    r"|.*std::bad_alloc|OSError: \[Errno 12\])",
    re.MULTILINE,
)
_COMPLAINTS = {
    "memory": _OUT_OF_MEMORY,
    "descriptors": re.compile(r"^OSError: \[Errno 24\]", re.MULTILINE),
    "disk": re.compile(r"^OSError: \[Errno 2[78]\]", re.MULTILINE),
}
"""How Python tells that the kernel refused more. It can be made up, and makes one kind of failure into another one."""
_LIMITS = {
    "wall": "its limit of {:g} seconds",
    "cpu": "its limit of {:g} CPU seconds",
    "memory": "its limit of {:g} MB of memory",
    "gpu_memory": "its limit of {:g} MB of the GPU's memory",
    "processes": "its limit of {:g} processes and threads",
    "descriptors": "its limit of {:g} open files",
    "disk": "its limit of {:g} MB of disk",
    "inodes": "its limit of {:g} files and folders",
    "output": "its limit of {:g} bytes of output",
    "evidence": "its limit of {:g} bytes of evidence",
    "artifacts": "its limit of {:g} artifacts",
    "artifact_size": "its limit of {:g} MB of artifacts",
}
_LAST_WORDS = 4000
_MEGABYTE = 1 << 20


class CappedText:
    """The first half and the last half of a stream that may be long."""

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head, self._tail = bytearray(), bytearray()
        self.seen = 0

    @property
    def truncated(self) -> bool:
        return self.seen > len(self._head) + len(self._tail)

    def add(self, data: bytes) -> None:
        self.seen += len(data)
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[max(room, 0) :]
        del self._tail[: -self._half]

    def text(self) -> str:
        if not self.truncated:
            return (self._head + self._tail).decode(errors="backslashreplace")
        left_out = self.seen - len(self._head) - len(self._tail)
        head, tail = (half.decode(errors="backslashreplace") for half in (self._head, self._tail))
        return f"{head}\n[… {left_out} bytes left out …]\n{tail}"


def refused(reason: str, tier: Tier) -> ExecResult:
    nothing: dict[str, Any] = {"stdout": "", "stderr": "", "truncated": False, "exit_code": None}
    return ExecResult(
        status="refused", reason=reason, wall_s=0.0, cpu_s=0.0, peak_memory_mb=0.0, tier=tier, warm=False, **nothing
    )


def exec_result(
    facts: Facts,
    job: Job,
    *,
    streams: tuple[CappedText, CappedText],
    evidence: list[dict[str, Any]],
    artifacts: list[Artifact],
    tier: Tier,
    warm: bool,
) -> ExecResult:
    stdout, stderr = (stream.text() for stream in streams)
    status, reason = _status_of(facts, stderr, job.limits)
    hits = _limits_hit(facts, stderr, streams, job.limits)
    if status == "error" and hits and not hits[0].ended:
        reason = f"{(reason or '').rstrip('.')}, {_met(hits[0])}."
    return ExecResult(
        status=status,
        reason=reason,
        exit_code=facts.exit_code,
        stdout=stdout,
        stderr=stderr,
        truncated=any(stream.truncated for stream in streams),
        wall_s=round(facts.wall_s, 4),
        cpu_s=round(facts.cpu_s, 3),
        peak_memory_mb=round(facts.peak_bytes / _MEGABYTE, 1),
        limits_hit=hits,
        tier=tier,
        warm=warm,
        artifacts=artifacts,
        artifacts_refused=facts.artifacts_refused,
        evidence=evidence,
    )


def _status_of(facts: Facts, stderr: str, limits: Limits) -> tuple[Status, str | None]:
    """The typed outcome, and the sentence that says why where it is not `ok`."""
    if facts.ended_by is not None:
        return _ENDED_BY.get(facts.ended_by.name, "killed"), facts.ended_by.sentence
    if facts.signal is not None:
        at = f" at {_LIMITS[name].format(_allowed(limits)[name])}" if (name := _LIMIT_SIGNALS.get(facts.signal)) else ""
        return "killed", f"It was ended by signal {facts.signal} ({_signal_name(facts.signal)}){at}."
    if facts.exit_code == 0:
        return "ok", None
    if _OUT_OF_MEMORY.search(stderr[-_LAST_WORDS:]):
        return "out_of_memory", f"It ended with a memory error of its own, under a limit of {limits.memory_mb} MB."
    return "error", f"It ended with exit status {facts.exit_code}."


def _limits_hit(facts: Facts, stderr: str, streams: tuple[CappedText, CappedText], limits: Limits) -> list[LimitHit]:
    """The one that ended the program first, then those that were reached, those it told of, and what was cut."""
    allowed = _allowed(limits)
    ended = facts.ended_by
    found = [LimitHit(name=ended.name, allowed=ended.allowed, used=ended.used, ended=True)] if _is_limit(ended) else []
    if (signalled := _LIMIT_SIGNALS.get(facts.signal or 0)) is not None:
        found.append(LimitHit(name=signalled, allowed=allowed[signalled], used=None, ended=True))
    for name, used in facts.met.items():
        figure = used / _MEGABYTE if name == "disk" else used
        found.append(LimitHit(name=name, allowed=allowed[name], used=figure, ended=False))
    found += [LimitHit(name=name, allowed=allowed[name], used=None, ended=False) for name in _told(facts, stderr)]
    found += _cut(facts, streams, limits)
    return list({hit.name: hit for hit in reversed(found)}.values())[::-1]


def _told(facts: Facts, stderr: str) -> list[str]:
    """Limits that a program which failed says it failed for: the kernel's refusals leave no other trace."""
    if not facts.exit_code:
        return []
    names = [name for name, pattern in _COMPLAINTS.items() if pattern.search(stderr[-_LAST_WORDS:])]
    return [name for name in names if not (name == "disk" and "inodes" in facts.met)]


def _cut(facts: Facts, streams: tuple[CappedText, CappedText], limits: Limits) -> list[LimitHit]:
    longest = max((stream.seen for stream in streams if stream.truncated), default=0)
    figures = [
        ("output", limits.output_bytes, longest),
        ("artifacts", limits.artifact_files, facts.artifacts_found),
        ("artifact_size", limits.artifact_mb, facts.artifact_bytes / _MEGABYTE),
    ]
    return [LimitHit(name=name, allowed=most, used=used, ended=False) for name, most, used in figures if used > most]


def _allowed(limits: Limits) -> dict[str, float]:
    return {
        "memory": limits.memory_mb,
        "processes": limits.processes,
        "descriptors": limits.open_files,
        "disk": limits.disk_mb,
        "inodes": limits.inodes,
        "cpu": cpu_seconds(limits),
    }


def _is_limit(ended: Ended | None) -> TypeGuard[Ended]:
    return ended is not None and ended.name in _LIMITS


def _signal_name(number: int) -> str:
    return signal.Signals(number).name if number in set(signal.Signals) else "a real-time one"


def _met(hit: LimitHit) -> str:
    limit = _LIMITS[hit.name].format(hit.allowed)
    return f"where it had reached {limit}" if hit.used is not None else f"and says that it met {limit}"
