"""What the control group of a container says. A jail shows none."""

import contextlib

_COUNTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def ran_out_of_memory() -> bool:
    """Whether the kernel has ended a process of this container because its memory was used up."""
    for path in _COUNTS:
        with contextlib.suppress(OSError), open(path, encoding="utf-8") as file:  # noqa: PTH123
            return any(line.startswith("oom_kill ") and int(line.split()[1]) > 0 for line in file)
    return False
