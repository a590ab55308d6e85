"""The walls of a run around the GPU's files, and CUDA that nobody may have started before a fork."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from gpus import CAP_NODES, SHARED, as_root

from sandbox.local.probe import run_in_jail
from sandbox.runtime import describe

ROOT = Path(__file__).parents[1]


ODDITY = """
import ctypes, json, sys
sys.path.insert(0, {root!r})
from sandbox.local.inside import cuda
told = [cuda.oddity()]
library = ctypes.CDLL({library!r})
told.append(cuda.oddity())
library.cuInit(0)
print(json.dumps([*told, cuda.oddity()]))
"""


def inside(code, *, environment=None, prefix=()):
    command = [*prefix, sys.executable, "-c", code]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={**os.environ, **(environment or {})}
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("answer", "odd"), [("0", True), ("100", False), ("803", False)])
def test_a_process_where_cuda_was_initialised_is_not_to_be_forked(libraries, answer, odd):
    code = ODDITY.format(root=str(ROOT), library=str(libraries / "libcuda.so.1"))
    before, loaded, tried = inside(code, environment={"FAKE_CUDA": answer})
    assert before is None and loaded is None
    assert (tried is not None and "initialised CUDA" in tried) is odd


WALLS = """
import json, os, sys
sys.path.insert(0, {root!r})
from sandbox.local.inside import gpu
dev, params = {dev!r}, {params!r}
gpu.assign([f"{{dev}}/{{name}}" for name in ("zero", "nvidiactl", "nvidia1", "nvidia-caps/nvidia-cap50")], dev=dev)
gpu.keep_device_files({folder!r}, params=params)
left = sorted(os.path.relpath(f"{{folder}}/{{name}}", dev) for folder, _, names in os.walk(dev) for name in names)
try:
    open(f"{{dev}}/more", "w")
except OSError as error:
    left.append(error.strerror)
print(json.dumps([left, open(f"{{dev}}/nvidia1", "rb").read(1).hex(), open(params).read(), os.listdir({folder!r})]))
"""


@as_root
def test_a_run_sees_its_own_device_files_and_settings_that_keep_them_as_they_are(tmp_path):
    dev, params, folder = tmp_path / "dev", tmp_path / "params", tmp_path / "own"
    folder.mkdir()
    params.write_text("ResmanDebugLevel: 4294967295\nModifyDeviceFiles: 1\nDeviceFileUID: 0\n", encoding="utf-8")
    for name in (*SHARED, "nvidia0", "nvidia1", *CAP_NODES, "zero", "full"):
        (dev / name).parent.mkdir(parents=True, exist_ok=True)
        os.mknod(dev / name, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    (dev / "stdin").symlink_to("fd/0")
    code = WALLS.format(root=str(ROOT), dev=str(dev), params=str(params), folder=str(folder))
    kept, read, text, left = inside(code, prefix=("unshare", "--mount", "--propagation", "private"))
    assert kept == ["nvidia-caps/nvidia-cap50", "nvidia1", "nvidiactl", "stdin", "zero", "Read-only file system"]
    assert read == "00"
    assert text == "ResmanDebugLevel: 4294967295\nModifyDeviceFiles: 0\nDeviceFileUID: 0\n"
    assert left == []
    assert "ModifyDeviceFiles: 1" in params.read_text()  # outside of the run nothing has changed


def test_the_drivers_maker_of_device_files_is_nothing_to_run_in_a_jail(monkeypatch):
    monkeypatch.setattr("sandbox.local.view.hidden_files", lambda: ["/usr/bin/true"])  # in place of nvidia-modprobe
    command = ["/bin/sh", "-c", "stat -c %F /usr/bin/true; /usr/bin/true 2>/dev/null || echo refused"]
    assert run_in_jail(describe(Path(sys.executable)), command).split("\n") == ["character special file", "refused"]
