"""What is known of a run whose container ended as a whole, before its supervisor could tell."""

from sandbox.local.facts import Ended, Facts, brought_down
from sandbox.local.facts import cancelled as facts_of_cancelled
from sandbox.schema import Job

_SIGKILL = 128 + 9


def facts_without_result(job: Job, *, wall_s: float, exit_code: int | None, own_kernel: bool, cancelled: bool) -> Facts:
    """Nothing inside can end process 1 by a signal.

    Where the container has a kernel of its own, which is a process of it, the machine's kernel ends that one when the
    container's memory is used up.
    """
    if cancelled:
        return facts_of_cancelled(wall_s)
    if own_kernel and exit_code == _SIGKILL:
        allowed = job.limits.memory_mb
        sentence = f"Its container used more memory than its limit of {allowed} MB and what the sandbox itself needs."
        return Facts(wall_s=wall_s, ended_by=Ended(name="memory", sentence=sentence, allowed=allowed))
    return brought_down(wall_s)
