"""From the supervisor's facts to an ExecResult."""

import re
from typing import Any

from sandbox.schema import Artifact, ExecResult, Job, LimitHit, Status, Tier

_SIGNALS = {
    4: "SIGILL",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    24: "SIGXCPU",
    25: "SIGXFSZ",
    31: "SIGSYS",
}
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
    "processes": re.compile(r"^BlockingIOError: \[Errno 11\]", re.MULTILINE),
}
"""How Python tells that the kernel refused more. A name for what the program met; nothing is decided by it."""
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


def brought_down(wall_s: float) -> dict[str, Any]:
    """The facts of a run whose supervisor ended before it could tell any."""
    return _untold(wall_s, ("supervisor", "It ended together with the process that watched it.", 0.0, 0.0))


def ended_by_host(wall_s: float, *, limit_s: float | None) -> dict[str, Any]:
    """The facts of a run whose supervisor was stuck: it was cancelled, or it went over its limit of wall time."""
    if limit_s is None:
        return _untold(wall_s, ("cancelled", "It was cancelled.", 0.0, 0.0))
    sentence = f"It was ended after its limit of {limit_s:g} seconds."
    return _untold(wall_s, ("wall", sentence, limit_s, round(wall_s, 1)))


def _untold(wall_s: float, ended_by: tuple[str, str, float, float]) -> dict[str, Any]:
    return {
        "exit_code": None,
        "signal": None,
        "ended_by": ended_by,
        "met": {},
        "wall_s": wall_s,
        "cpu_s": 0.0,
        "peak_bytes": 0,
        "artifacts_refused": [],
        "artifacts_found": 0,
        "artifact_bytes": 0,
    }


def exec_result(
    facts: dict[str, Any],
    job: Job,
    *,
    streams: tuple[CappedText, CappedText],
    evidence: list[dict[str, Any]],
    artifacts: list[Artifact],
    tier: Tier,
    warm: bool,
) -> ExecResult:
    stdout, stderr = (stream.text() for stream in streams)
    status, reason = _status_of(facts, stderr, job)
    hits = _limits_hit(facts, stderr, streams, job)
    if status == "error" and hits and not hits[0].ended:
        reason = f"{(reason or '').rstrip('.')}, where it had reached {_LIMITS[hits[0].name].format(hits[0].allowed)}."
    return ExecResult(
        status=status,
        reason=reason,
        exit_code=facts["exit_code"],
        stdout=stdout,
        stderr=stderr,
        truncated=any(stream.truncated for stream in streams),
        wall_s=round(facts["wall_s"], 4),
        cpu_s=round(facts["cpu_s"], 3),
        peak_memory_mb=round(facts["peak_bytes"] / _MEGABYTE, 1),
        limits_hit=hits,
        tier=tier,
        warm=warm,
        artifacts=artifacts,
        artifacts_refused=facts["artifacts_refused"],
        evidence=evidence,
    )


def _status_of(facts: dict[str, Any], stderr: str, job: Job) -> tuple[Status, str | None]:
    """The typed outcome, and the sentence that says why where it is not `ok`."""
    if facts["ended_by"] is not None:
        name, sentence, *_ = facts["ended_by"]
        return _ENDED_BY.get(name, "killed"), sentence
    if (number := facts["signal"]) is not None:
        return "killed", f"It was ended by signal {number} ({_SIGNALS.get(number, 'unnamed')})."
    code = facts["exit_code"]
    if code == 0:
        return "ok", None
    if _OUT_OF_MEMORY.search(stderr[-_LAST_WORDS:]):
        limit = job.limits.memory_mb
        return "out_of_memory", f"It ended with a memory error of its own, under a limit of {limit} MB."
    return "error", f"It ended with exit status {code}."


def _limits_hit(facts: dict[str, Any], stderr: str, streams: tuple[CappedText, CappedText], job: Job) -> list[LimitHit]:
    """The one that ended the program, those whose last unit was used, those it complained of, and what was cut."""
    limits, hits = job.limits, {}

    def add(name: str, allowed: float, used: float | None, *, ended: bool = False) -> None:
        hits.setdefault(name, LimitHit(name=name, allowed=allowed, used=used, ended=ended))

    allowed = {
        "memory": limits.memory_mb,
        "processes": limits.processes,
        "descriptors": limits.open_files,
        "disk": limits.disk_mb,
        "inodes": limits.inodes,
        "cpu": limits.cpu_s or 0.0,
    }
    if facts["ended_by"] is not None and facts["ended_by"][0] in _LIMITS:
        name, _, ceiling, used = facts["ended_by"]
        add(name, ceiling, used, ended=True)
    for name, used in facts["met"].items():
        add(name, allowed[name], used / _MEGABYTE if name == "disk" else used)
    if facts["signal"] in _LIMIT_SIGNALS:
        name = _LIMIT_SIGNALS[facts["signal"]]
        add(name, allowed[name], None, ended=True)
    if facts["exit_code"]:
        for name, pattern in _COMPLAINTS.items():
            if pattern.search(stderr[-_LAST_WORDS:]):
                add(name, allowed[name], None)
    if longest := max((stream.seen for stream in streams if stream.truncated), default=0):
        add("output", limits.output_bytes, longest)
    if facts["artifacts_found"] > limits.artifact_files:
        add("artifacts", limits.artifact_files, facts["artifacts_found"])
    if facts["artifact_bytes"] > limits.artifact_mb * _MEGABYTE:
        add("artifact_size", limits.artifact_mb, facts["artifact_bytes"] / _MEGABYTE)
    return list(hits.values())
