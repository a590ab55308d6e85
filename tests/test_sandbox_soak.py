"""Thousands of programs, honest and hostile, on one warm interpreter: nothing grows.

RUNS can be set in the environment as SOAK_RUNS.
"""

import json
import os
import random
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from process_table import below, processes, wait_until

from sandbox.local.grounds import Jail
from sandbox.local.sandbox import LocalSandbox
from sandbox.schema import Job, Limits

RUNS = int(os.environ.get("SOAK_RUNS", "2000"))
_WARM_UP = 100
_AT_ONCE = 2
_MOST = {"host_mb": 24.0, "zygote_mb": 8.0, "host_mounts": 3}
"""Allowed growth: others mount things on this machine too. That of all else is none."""
_SMALL = Limits(wall_s=10, memory_mb=400, disk_mb=16, inodes=500, processes=24, open_files=128)

TRAINS = """
import torch
model = torch.nn.Linear(8, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model(torch.randn(16, 8)).square().mean().backward()
optimizer.step()
print(float(model.weight.sum()))
"""
PROGRAMS: dict[str, tuple[str, set[str], Limits]] = {
    "empty": ("", {"ok"}, _SMALL),
    "trains": (TRAINS, {"ok"}, Limits()),
    "writes": ("for n in range(50): open(f'{n}.bin', 'wb').write(bytes(9999))", {"ok"}, _SMALL),
    "has workers": ("import multiprocessing as m\nwith m.Pool(2) as p: print(p.map(abs, [-1, 2]))", {"ok"}, Limits()),
    "fails": ("raise ValueError('no')", {"error"}, _SMALL),
    "crashes": ("import ctypes; ctypes.string_at(0)", {"killed"}, _SMALL),
    "leaves at once": ("import os; os._exit(3)", {"error"}, _SMALL),
    "floods": ("while True: print('x' * 4000)", {"killed"}, _SMALL.model_copy(update={"flood_mb": 2})),
    "takes memory": ("kept = []\nwhile True: kept.append(bytearray(b'x') * (8 << 20))", {"out_of_memory"}, _SMALL),
    "multiplies": (
        "import os, time\nwhile os.fork(): pass\ntime.sleep(9)",
        {"killed", "error"},
        _SMALL.model_copy(update={"processes": 10, "memory_mb": 4096}),  # the pages that all share may count in each
    ),
    "stays": ("import time; time.sleep(100)", {"timeout"}, _SMALL.model_copy(update={"wall_s": 0.2})),
    "is cancelled": ("print('on', flush=True)\nwhile True: pass", {"killed"}, _SMALL),
    "leaves a daemon": (
        "import os, time\nif os.fork() == 0:\n os.setsid()\n while True: time.sleep(1)",
        {"ok"},
        _SMALL,
    ),
    "fills the disk": ("f = open('big', 'wb')\nwhile True: f.write(bytes(1 << 20))", {"error", "killed"}, _SMALL),
    "opens all": ("import os\nkept = [os.open('.', 0) for _ in range(1000)]", {"error"}, _SMALL),
    "leaves memory": (
        "import mmap\nfor n in range(20): open(f'/dev/shm/{n}', 'wb').write(bytes(99999))",
        {"ok"},
        _SMALL,
    ),
    "forges": (
        "import os\nfor n in range(3, 40):\n try: os.write(n, b'x' * 64)\n except OSError: pass",
        {"ok"},
        _SMALL,
    ),
}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nothing_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with LocalSandbox(Jail("A"), scratch=tmp_path, most_runs=10 * RUNS) as sandbox:
        sandbox.run(Job(runtime="pytorch", argv=["a.py"], files={"a.py": ""}))
        zygote = sandbox._warm.zygote("pytorch")
        soak(sandbox, _WARM_UP)
        before, started = census(tmp_path), time.monotonic()
        told = soak(sandbox, RUNS)
        after, seconds = census(tmp_path), time.monotonic() - started
        assert sandbox._warm.zygote("pytorch") is zygote
    figures = {"seconds": round(seconds), "before": before, "after": after, "told": told}
    with capsys.disabled():
        print(f"\n{RUNS} runs: {json.dumps(figures, indent=1)}")
    assert not {name: (before[name], after[name]) for name in before if after[name] - before[name] > _MOST.get(name, 0)}


def soak(sandbox: LocalSandbox, runs: int) -> dict[str, int]:
    """How often each program ran; all end as they should."""
    names = random.Random(0).choices(list(PROGRAMS), k=runs)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        wrong = [one for one in pool.map(lambda name: run(sandbox, name), names) if one is not None]
    assert not wrong
    return dict(Counter(names))


def run(sandbox: LocalSandbox, name: str) -> str | None:
    """What was wrong with the outcome of one run."""
    code, expected, limits = PROGRAMS[name]
    cancel = threading.Event()
    job = Job(runtime="pytorch", argv=["a.py"], files={"a.py": code}, limits=limits, collect=["*.bin"])
    on_output = (lambda _: cancel.set()) if name == "is cancelled" else None
    result = sandbox.run(job, cancel=cancel, on_output=on_output)
    return None if result.status in expected else f"{name}: {result.status}, {result.reason}\n{result.stderr[-500:]}"


def census(scratch: Path) -> dict[str, float]:
    """What this process and the warm one hold, once the last run has gone and the next supervisor waits."""
    zygote = warm_process()
    wait_until(lambda: len(below(zygote)) == 2, seconds=5)
    views = {"host": Path("/proc/self"), "zygote": Path(f"/proc/{zygote}")}
    held: dict[str, float] = {f"{name}_mb": own_megabytes(view) for name, view in views.items()}
    for name, view in views.items():
        held[f"{name}_descriptors"] = len(list((view / "fd").iterdir()))
        held[f"{name}_mounts"] = len((view / "mounts").read_text().splitlines())
        held[f"{name}_threads"] = len(list((view / "task").iterdir()))
    folders = [scratch, *(views["zygote"] / "root" / name for name in ("tmp", "dev/shm"))]
    held["files"] = sum(1 for folder in folders for _ in folder.rglob("*"))
    return held | {"processes": len(below(os.getpid())), "zombies": zombies(zygote)}


def warm_process() -> int:
    """The interpreter that is no fork of another one."""
    interpreters = below(os.getpid(), argument="-s\0-c\0import sys") - below(os.getpid(), argument="bwrap")
    (found,) = {one.pid for one in processes() if one.pid in interpreters and one.parent not in interpreters}
    return found


def own_megabytes(view: Path) -> float:
    fields = dict(line.split(":", 1) for line in (view / "status").read_text().splitlines())
    return round(int(fields["RssAnon"].split()[0]) / 1024, 1)


def zombies(parent: int) -> int:
    stats = [path.read_text().rsplit(")", 1)[1].split() for path in Path("/proc").glob("[0-9]*/stat") if path.exists()]
    return sum(1 for state, ppid, *_ in stats if state == "Z" and int(ppid) == parent)
