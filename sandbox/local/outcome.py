"""From the supervisor's facts to an ExecResult."""

import re
from typing import Any

from sandbox.schema import Artifact, ExecResult, Job, Status

_SIGNALS = {
    4: "SIGILL",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    24: "SIGXCPU",
    31: "SIGSYS",
}
_ENDED_BY: dict[str, Status] = {"timeout": "timeout", "memory": "out_of_memory"}
_OUT_OF_MEMORY = re.compile(
    r"^(MemoryError|numpy.*ArrayMemoryError|.*can't allocate memory|.*OutOfMemoryError|.*ResourceExhaustedError"
    r"|.*std::bad_alloc|OSError: \[Errno 12\])",
    re.MULTILINE,
)


class CappedText:
    """The first half and the last half of a stream that may be long."""

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head, self._tail = bytearray(), bytearray()
        self._seen = 0

    @property
    def truncated(self) -> bool:
        return self._seen > len(self._head) + len(self._tail)

    def add(self, data: bytes) -> None:
        self._seen += len(data)
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[max(room, 0) :]
        del self._tail[: -self._half]

    def text(self) -> str:
        if not self.truncated:
            return (self._head + self._tail).decode(errors="backslashreplace")
        left_out = self._seen - len(self._head) - len(self._tail)
        head, tail = (half.decode(errors="backslashreplace") for half in (self._head, self._tail))
        return f"{head}\n[… {left_out} bytes left out …]\n{tail}"


def refused(reason: str, tier: str) -> ExecResult:
    nothing: dict[str, Any] = {"stdout": "", "stderr": "", "truncated": False, "exit_code": None}
    return ExecResult(
        status="refused", reason=reason, wall_s=0.0, cpu_s=0.0, peak_memory_mb=0.0, tier=tier, warm=False, **nothing
    )


def status_of(facts: dict[str, Any], stderr: str, job: Job) -> tuple[Status, str | None]:
    """The typed outcome, and the sentence that says why where it is not `ok`."""
    if facts["ended_by"] is not None:
        kind, sentence = facts["ended_by"]
        return _ENDED_BY.get(kind, "killed"), sentence
    if (number := facts["signal"]) is not None:
        return "killed", f"It was ended by signal {number} ({_SIGNALS.get(number, 'unnamed')})."
    code = facts["exit_code"]
    if code == 0:
        return "ok", None
    if _OUT_OF_MEMORY.search(stderr[-4000:]):
        limit = job.limits.memory_mb
        return "out_of_memory", f"It ended with a memory error of its own, under a limit of {limit} MB."
    return "error", f"It ended with exit status {code}."


def exec_result(
    facts: dict[str, Any],
    job: Job,
    *,
    streams: tuple[CappedText, CappedText],
    evidence: list[dict[str, Any]],
    artifacts: list[Artifact],
    tier: str,
    warm: bool,
) -> ExecResult:
    stdout, stderr = (stream.text() for stream in streams)
    status, reason = status_of(facts, stderr, job)
    return ExecResult(
        status=status,
        reason=reason,
        exit_code=facts["exit_code"],
        stdout=stdout,
        stderr=stderr,
        truncated=any(stream.truncated for stream in streams),
        wall_s=round(facts["wall_s"], 4),
        cpu_s=round(facts["cpu_s"], 3),
        peak_memory_mb=round(facts["peak_bytes"] / (1 << 20), 1),
        tier=tier,
        warm=warm,
        artifacts=artifacts,
        artifacts_refused=facts["artifacts_refused"],
        evidence=evidence,
    )
