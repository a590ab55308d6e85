"""What a run does on its GPU, as the driver tells it from outside."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from gpus import GIB, GPU_0, MIB, add, cards

from sandbox.local.gpu.watch import Watch, in_a_jail_of_ours


def watched(driver, *, own=(), limit_mb=None):
    return Watch(driver, cards(1)[0], limit_mb=limit_mb, belongs=lambda pid: pid in own, tick_s=0.01)


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_a_run_is_seen_on_its_gpu_with_the_memory_of_all_its_processes(driver, facts):
    add(facts, f"process {GPU_0} {os.getppid()} {GIB}")
    with watched(driver, own=(4711, 4712)) as seen:
        add(
            facts,
            *(
                f"process {GPU_0} {pid} {size}"
                for pid, size in ((os.getppid(), GIB), (4711, 300 * MIB), (4712, 200 * MIB))
            ),
        )
        assert until(lambda: seen.use().peak_memory_mb == 500)
    assert seen.use().used is True
    assert seen.lingering() == [4711, 4712]


def test_a_run_that_left_its_gpu_alone_is_told_of(newest, facts):
    add(facts, f"process {GPU_0} {os.getppid()} {GIB}")
    with watched(newest) as seen:
        assert until(lambda: seen.use().used is False)
        add(facts, f"process {GPU_0} {os.getppid()} {2 * GIB}")  # somebody else's process, of this machine
        time.sleep(0.1)
    assert (seen.use().used, seen.use().peak_memory_mb) == (False, 0.0)


def test_processes_that_nobody_knows_here_leave_the_use_open(newest, facts):
    with watched(newest) as seen:
        add(facts, f"process {GPU_0} 4194999 {300 * MIB}")  # in a container the driver may tell the host's numbers
        assert until(lambda: seen.use().peak_memory_mb == 300)
    assert seen.use().used is None


def test_a_driver_that_lists_no_processes_leaves_the_use_open(newest, facts):
    add(facts, "fail nvmlDeviceGetComputeRunningProcesses_v3 3")
    with watched(newest) as seen:
        time.sleep(0.1)
    assert seen.use().used is None


def test_without_a_driver_to_ask_nothing_is_said():
    with watched(None) as seen:
        pass
    assert (seen.use().used, seen.use().peak_memory_mb, seen.lingering()) == (None, None, [])


def test_memory_beyond_the_limit_is_a_limit_that_fired(driver, facts):
    with watched(driver, own=(4711,), limit_mb=256) as seen:
        add(facts, f"process {GPU_0} 4711 {256 * MIB}")
        assert not until(lambda: seen.hit, 0.2)
        add(facts, f"process {GPU_0} 4711 {257 * MIB}")
        assert until(lambda: seen.hit)
    assert (seen.hit.name, seen.hit.allowed, seen.hit.used) == ("gpu_memory", 256, 257)


def test_only_what_this_process_has_jailed_counts_as_a_run():
    plain = subprocess.Popen(["sleep", "20"])
    jailed = subprocess.Popen(["unshare", "--user", "--pid", "--fork", "--kill-child", "sleep", "20"])
    try:
        inner = until(lambda: Path(f"/proc/{jailed.pid}/task/{jailed.pid}/children").read_text().split())
        if not inner:
            pytest.skip("this user may not make namespaces")
        assert in_a_jail_of_ours(int(inner[0]))
        assert not in_a_jail_of_ours(plain.pid) and not in_a_jail_of_ours(os.getpid()) and not in_a_jail_of_ours(1)
    finally:
        for one in (plain, jailed):
            one.kill()
            one.wait()
