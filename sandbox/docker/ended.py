"""What is known of a run whose container ended as a whole, before its supervisor could tell."""

from typing import Any

from sandbox.docker.container import Container
from sandbox.local.outcome import brought_down
from sandbox.schema import Job

_SIGKILL = 128 + 9


def facts_of_container(container: Container, job: Job, *, wall_s: float) -> dict[str, Any]:
    """Nothing inside can end process 1 by a signal: SIGKILL is the kernel's, where the container's memory is used up.

    That is how it goes with gVisor, whose own kernel is a process of the container.
    """
    facts = brought_down(wall_s)
    if container.exit_code == _SIGKILL:
        allowed = job.limits.memory_mb
        sentence = f"Its container used more memory than its limit of {allowed} MB and what the sandbox itself needs."
        facts["ended_by"] = ("memory", sentence, float(allowed), None)
    return facts
