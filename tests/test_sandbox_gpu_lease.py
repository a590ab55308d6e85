"""A GPU belongs to one run at a time, machine-wide, in the order of asking."""

import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from gpus import GIB, GPU_0, add, cards

from sandbox.errors import SandboxError
from sandbox.local.gpu import watch
from sandbox.local.gpu.lease import GpuPool

ROOT = Path(__file__).parents[1]


def waiting(pool, order, place, cancel=None):
    """A thread that asks for a GPU, notes its place when it has one, and gives it back soon."""

    def ask():
        with pool.lease(cancel=cancel) as lease:
            order.append((place, lease and lease.gpu.index))
            time.sleep(0.02)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.05)  # the next one asks later
    return thread


def test_runs_get_the_one_gpu_in_the_order_in_which_they_asked():
    pool, order = GpuPool(cards(1)), []
    with pool.lease():
        threads = [waiting(pool, order, place) for place in range(4)]
        assert order == []
    for thread in threads:
        thread.join(5)
    assert order == [(place, 0) for place in range(4)]


def test_who_no_longer_wants_one_lets_the_next_pass():
    pool, order, cancel = GpuPool(cards(1)), [], threading.Event()
    with pool.lease():
        first, second = waiting(pool, order, "first", cancel), waiting(pool, order, "second")
        cancel.set()
        first.join(1)
        assert order == [("first", None)]
    second.join(5)
    assert order == [("first", None), ("second", 0)]


def test_two_runs_never_have_the_same_gpu_and_the_least_used_goes_first(newest, facts):
    add(facts, f"process {GPU_0} 4711 {GIB}")
    pool = GpuPool(cards(2), newest)
    with pool.lease() as first, pool.lease() as second:
        assert (first.gpu.index, second.gpu.index) == (1, 0)


CLAIM = """
import json, sys, time
sys.path.insert(0, {root!r})
from sandbox.local.gpu.devices import Gpu
from sandbox.local.gpu.lease import GpuPool
with GpuPool([Gpu(index=0, name="Card-0", uuid={uuid!r})]).lease():
    print("has it", flush=True)
    time.sleep(60)
"""


def test_a_gpu_that_another_process_has_is_waited_for_until_that_one_ends():
    code = CLAIM.format(root=str(ROOT), uuid=GPU_0)
    pool, order = GpuPool(cards(1)), []
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout.readline() == "has it\n"
            asking = waiting(pool, order, "here")
            time.sleep(0.2)
            assert order == []
        finally:
            other.kill()
    asking.join(5)
    assert order == [("here", 0)]


def test_a_run_that_needs_none_does_not_wait_for_one():
    pool = GpuPool(cards(1))
    with pool.lease(), pool.lease(wanted=False) as none:
        assert none is None


def test_a_gpu_that_a_killed_process_holds_on_to_is_given_to_nobody(newest, facts, monkeypatch, caplog):
    monkeypatch.setattr("sandbox.local.gpu.lease._LET_GO_S", 0.2)
    monkeypatch.setattr(watch, "in_a_jail_of_ours", lambda pid: pid == 4711)
    pool = GpuPool(cards(2), newest)
    with pool.lease() as held:
        add(facts, f"process {GPU_0} 4711 {GIB}")
        time.sleep(0.3)
    assert "4711" in held.trouble and "Card-0" in held.trouble and held.trouble in caplog.text
    with pool.lease() as other:
        assert other.gpu.index == 1
        assert_refused(pool)
        with GpuPool(cards(2)).lease(cancel=soon()) as elsewhere:
            assert elsewhere is None  # nor is it for another process that shares this machine
    add(facts)
    with pool.lease() as again:
        assert again.gpu.index == 0
    pool.close()


def soon():
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    return cancel


def assert_refused(pool):
    """With the other one held as well, nobody waits for ever."""
    with ExitStack() as entered:
        pool._held[pool._gpus[1]] = pool._held[pool._gpus[0]]
        with pytest.raises(SandboxError, match=r"process 4711.*gpu-reset"):
            entered.enter_context(pool.lease())
        del pool._held[pool._gpus[1]]
