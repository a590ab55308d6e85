"""What goes into a sandbox and what comes out of it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Runtime = Literal["pytorch", "tensorflow", "python"]
"""Which warm interpreter runs the program; "python" has imported no framework."""

Status = Literal["ok", "error", "timeout", "out_of_memory", "killed", "refused"]

SandboxKind = Literal["local", "docker", "unjailed"]
"""`local` is tier A, or B where namespaces cannot be nested. `unjailed` is tier C, which is never chosen unasked."""

Tier = Literal["A", "B", "C", "docker"]
"""What stands between a program and the machine, strongest first; README.md says what each holds and does not."""

LimitName = Literal[
    "wall",
    "cpu",
    "memory",
    "gpu_memory",
    "processes",
    "descriptors",
    "disk",
    "inodes",
    "output",
    "evidence",
    "artifacts",
    "artifact_size",
]


class Limits(BaseModel):
    """What one run may use. Every limit that fires is named in the result."""

    model_config = ConfigDict(frozen=True)

    wall_s: float = Field(default=120.0, gt=0)
    """Seconds from the start of the program to its end, as seen from outside."""
    cpu_s: float | None = Field(default=None, gt=0)
    """CPU seconds of the whole process tree; None means wall_s times the cores."""
    memory_mb: int = Field(default=4096, gt=0)
    """Resident, shared and tmpfs memory, summed over the process tree."""
    gpu_memory_mb: int | None = Field(default=None, gt=0)
    """Memory of the run's GPU, over its processes, as the driver counts it; None is all that there is."""
    processes: int = Field(default=256, gt=0)
    open_files: int = Field(default=1024, gt=0)
    disk_mb: int = Field(default=512, gt=0)
    """Size of the run's private /tmp, which holds its working folder."""
    inodes: int = Field(default=20_000, gt=0)
    output_bytes: int = Field(default=1 << 20, gt=0)
    """Kept of stdout and of stderr each: the first half and the last half."""
    evidence_bytes: int = Field(default=16 << 20, gt=0)
    flood_mb: int = Field(default=64, gt=0)
    """A program that writes more than this to stdout or to stderr is ended."""
    artifact_mb: int = Field(default=64, gt=0)
    artifact_files: int = Field(default=200, gt=0)


class Job(BaseModel):
    """One program to run."""

    runtime: Runtime
    argv: list[str] = Field(min_length=1)
    """["train.py", "--epochs", "3"] or ["-m", "pytest", "-q"]; relative to the working folder."""
    files: dict[str, str | bytes]
    """Relative POSIX path -> content; unpacked into the run's private working folder."""
    observe: dict[str, Any] | None = None
    """Options for the observers of sandbox/checks; None runs the program unobserved."""
    env: dict[str, str] = {}
    """Added to the environment that the sandbox builds from nothing."""
    collect: list[str] = []
    """Globs, relative to the working folder, of the files to copy out, where the program made or changed them."""
    gpu: bool | None = None
    """Whether it gets a GPU where this machine has one; None decides by its runtime and by what its files name."""
    limits: Limits = Limits()


class Artifact(BaseModel):
    """A file copied out of a finished run. Its content is data: nothing here unpickles it."""

    path: str
    bytes: int
    content: bytes = Field(default=b"", exclude=True, repr=False)


class LimitHit(BaseModel):
    """One limit that a run met."""

    name: LimitName
    allowed: float
    """In the unit of its field of Limits."""
    used: float | None
    """None where the kernel refused without saying how much was asked for."""
    ended: bool
    """True where the program was ended for it; else it met an error of its own, or what was too much was left out."""


class GpuUse(BaseModel):
    """The GPU that a run was given, and what its driver told of it meanwhile; the program has no part in that."""

    name: str
    uuid: str | None = None
    used: bool | None = None
    """Whether a process of the run was seen on it; None where the driver does not tell whose processes those are, or
    the run was over before it had been looked at often enough."""
    peak_memory_mb: float | None = None
    trouble: str | None = None
    """One sentence where the run has left something on it that could not be ended: no other run gets it until then."""


class ExecResult(BaseModel):
    """What happened to one program, as seen by the kernel and the supervisor.

    What a program says can only give its failure a name: a memory error or a refusal that it ended with.
    """

    status: Status
    """`error` is any non-zero exit; `killed` is a signal or a limit named in `reason`; `refused` never started."""
    reason: str | None = None
    """One sentence that names the limit or the signal with its figure, where status is not `ok`."""
    exit_code: int | None
    stdout: str
    stderr: str
    truncated: bool
    wall_s: float
    cpu_s: float
    peak_memory_mb: float
    limits_hit: list[LimitHit] = []
    """Every limit that fired, the one that ended the program first."""
    gpu: GpuUse | None = None
    """None where the run was given none: there is none here, or it did not ask for one."""
    tier: Tier
    warm: bool
    """True where the interpreter had imported its framework before this run was asked for."""
    artifacts: list[Artifact] = []
    artifacts_refused: list[str] = []
    """One sentence for each file that was not copied out, with the reason."""
    evidence: list[dict[str, Any]] = Field(default=[], exclude=True, repr=False)
    """Frames that the observers sent, in order. Untrusted: read them through sandbox/verify.py."""
