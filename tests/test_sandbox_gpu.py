"""GPUs: found, leased to one run each, watched from outside. Without one, stand-ins for the driver's libraries serve.

The stand-ins are compiled from tests/data/gpu against NVIDIA's own headers where TensorFlow's package has them, so that
a structure read wrongly is a test that fails. What only a real GPU shows is in test_sandbox_gpu_abuse.py.
"""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest
from sandbox_backends import as_user

from sandbox.errors import SandboxError
from sandbox.local.gpu import nvml, watch
from sandbox.local.gpu.devices import Gpu, device_nodes, find_gpus, visible_gpu
from sandbox.local.gpu.diagnose import build_remedy, diagnose_gpu
from sandbox.local.gpu.files import gpu_files, hidden_files, library_path
from sandbox.local.gpu.lease import GpuPool, wants_gpu
from sandbox.local.gpu.nvml import DriverError, Nvml, Process
from sandbox.local.gpu.watch import Watch, in_a_jail_of_ours
from sandbox.local.probe import run_in_jail
from sandbox.runtime import describe
from sandbox.schema import Job

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data" / "gpu"
GPU_0, GPU_1 = (f"GPU-{uuid4()}" for _ in range(2))  # of this run of the tests: GPUs are claimed by name
PART_0, PART_1 = "MIG-00000000-0000-0000-0000-000000000000", "MIG-11111111-1111-1111-1111-111111111111"
GIB, MIB = 1 << 30, 1 << 20
TWO_CARDS = f"""driver 580.95.05 13000
gpu 0 {GPU_0} Card-0 {8 * GIB} {MIB}
gpu 1 {GPU_1} Card-1 {16 * GIB} {2 * MIB}
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="device files can be made by root alone")


def header(name):
    """NVIDIA's own, as TensorFlow's package brings it; None where it does not."""
    package = find_spec("tensorflow")
    folder = Path(package.submodule_search_locations[0]) if package else Path("/nowhere")
    return next(iter(sorted((folder / "include/third_party/gpus/cuda").rglob(name))), None)


def build(source, target, *options):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler to make the stand-ins with")
    command = [compiler, "-Wall", "-Werror", "-Wno-enum-compare", "-shared", "-fPIC", f"-Wl,-soname,{target.name}"]
    subprocess.run([*command, *options, "-o", str(target), str(source)], check=True, timeout=60)


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """A folder with stand-ins for both of the driver's libraries, and one for the management library of an old one."""
    folder = tmp_path_factory.mktemp("driver")
    for source, name, known in (("nvml.c", "libnvidia-ml.so.1", "nvml.h"), ("cuda.c", "libcuda.so.1", "cuda.h")):
        found = header(known)
        macro = f'-D{known[:-2].upper()}_HEADER="{found}"'
        build(DATA / source, folder / name, *([macro] if found else []))
    build(DATA / "nvml.c", folder / "libnvidia-ml-old.so", "-DOLD")
    return folder


@pytest.fixture
def facts(tmp_path, monkeypatch):
    """What the stand-in says: a file that a test may write anew while it is asked."""
    file = tmp_path / "facts"
    file.write_text(TWO_CARDS, encoding="utf-8")
    monkeypatch.setenv("FAKE_NVML", str(file))
    return file


@pytest.fixture(params=["libnvidia-ml.so.1", "libnvidia-ml-old.so"])
def driver(request, libraries, facts):  # noqa: ARG001
    opened = Nvml(str(libraries / request.param))
    yield opened
    opened.close()


@pytest.fixture
def newest(libraries, facts):  # noqa: ARG001
    opened = Nvml(str(libraries / "libnvidia-ml.so.1"))
    yield opened
    opened.close()


def add(facts, *lines):
    facts.write_text(TWO_CARDS + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def machine(root, *, nodes=(), files=None):
    """A tree with these device files and these texts."""
    for name in nodes:
        path = root / "dev" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mknod(path, stat.S_IFCHR, os.makedev(1, 3))
        path.chmod(0o666)
    for name, text in (files or {}).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


SHARED = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")


# What the driver tells


def test_old_and_new_drivers_tell_the_same(driver, facts):
    add(facts, f"process {GPU_1} 4711 {300 * MIB}", f"process {GPU_1} 4712 -")
    first, second = driver.devices()
    assert (driver.driver_version(), driver.cuda_version()) == ("580.95.05", (13, 0))
    assert [driver.name(one) for one in (first, second)] == ["Card-0", "Card-1"]
    assert (driver.uuid(second), driver.minor(second)) == (GPU_1, 1)
    assert driver.memory(second).total == 16 * GIB
    assert driver.processes(first) == []
    assert driver.processes(second) == [Process(4711, 300 * MIB), Process(4712, None)]


def test_growth_of_memory_is_the_same_whichever_way_the_driver_counts_its_own(driver, facts):
    handle = driver.device(GPU_0)
    before = driver.memory(handle).used
    add(facts, f"process {GPU_0} 4711 {300 * MIB}")
    assert driver.memory(handle).used - before == 300 * MIB


def test_a_new_driver_is_asked_in_the_new_form(newest, facts):
    add(facts, "fail nvmlDeviceGetMemoryInfo 3")
    assert newest.memory(newest.device(GPU_0)).used == MIB


def test_more_processes_than_there_was_room_for_are_all_read(driver, facts):
    add(facts, *(f"process {GPU_0} {pid} {pid}" for pid in range(1000, 1300)))
    assert driver.processes(driver.device(GPU_0)) == [Process(pid, pid) for pid in range(1000, 1300)]


def test_a_driver_that_does_not_fit_its_module_is_named(libraries, facts):
    add(facts, "fail nvmlInit_v2 18")
    with pytest.raises(DriverError, match="version mismatch") as raised:
        Nvml(str(libraries / "libnvidia-ml.so.1"))
    assert raised.value.code == nvml.VERSION_MISMATCH


def test_a_missing_library_is_an_error_of_the_driver():
    with pytest.raises(DriverError, match=r"libnowhere\.so"):
        Nvml("libnowhere.so")


# Which GPUs there are


@as_root
def test_each_gpu_has_its_own_device_file_and_shares_the_others(newest, tmp_path):
    root = machine(tmp_path, nodes=(*SHARED, "nvidia0", "nvidia1"))
    first, second = find_gpus(newest, root=root)
    assert (first.index, first.uuid, first.memory_mb, first.nodes) == (0, GPU_0, 8192, ("/dev/nvidia0",))
    assert second.visible == GPU_1
    assert "/dev/nvidia0" not in second.all_nodes and "/dev/nvidiactl" in second.all_nodes


@as_root
def test_a_gpu_without_its_device_file_cannot_be_given(newest, tmp_path):
    root = machine(tmp_path, nodes=(*SHARED, "nvidia1"))
    assert [one.uuid for one in find_gpus(newest, root=root)] == [GPU_1]


@as_root
def test_a_gpu_that_answers_no_question_is_left_out(newest, facts, tmp_path):
    root = machine(tmp_path, nodes=(*SHARED, "nvidia0", "nvidia1"))
    add(facts, "fail nvmlDeviceGetName 15")
    assert find_gpus(newest, root=root) == []


CAPS = "proc/driver/nvidia/capabilities"
PARTS = {
    f"{CAPS}/mig/config": "DeviceFileMinor: 1\nDeviceFileMode: 256\n",
    f"{CAPS}/gpu0/mig/gi3/access": "DeviceFileMinor: 30\nDeviceFileMode: 292\n",
    f"{CAPS}/gpu0/mig/gi3/ci0/access": "DeviceFileMinor: 31\n",
    f"{CAPS}/gpu0/mig/gi5/access": "DeviceFileMinor: 50\n",
    f"{CAPS}/gpu0/mig/gi5/ci1/access": "DeviceFileMinor: 51\n",
}
CAP_NODES = tuple(f"nvidia-caps/nvidia-cap{number}" for number in (1, 30, 31, 50, 51))


@as_root
def test_a_divided_gpu_is_given_in_parts_each_with_the_files_that_open_it(newest, facts, tmp_path):
    root = machine(tmp_path, nodes=(*SHARED, "nvidia0", *CAP_NODES), files=PARTS)
    add(facts, f"part 0 3 0 {PART_0} {2 * GIB} 0", f"part 0 5 1 {PART_1} {GIB} 0")
    first, second = find_gpus(newest, root=root)
    assert (first.uuid, first.memory_mb, first.divided) == (PART_0, 2048, True)
    assert second.nodes == ("/dev/nvidia0", "/dev/nvidia-caps/nvidia-cap50", "/dev/nvidia-caps/nvidia-cap51")


@as_root
def test_without_the_management_library_proc_is_read(tmp_path):
    page = (
        "Model: \t\t Card\nIRQ:   \t\t 30\nGPU UUID: \t {uuid}\nBus Location: \t 0000:0{n}:00.0\nDevice Minor: \t {n}\n"
    )
    pages = {
        "proc/driver/nvidia/gpus/0000:00:00.0/information": page.format(n=0, uuid="GPU-????????-????-????"),
        "proc/driver/nvidia/gpus/0000:01:00.0/information": page.format(n=1, uuid=GPU_1),
    }
    root = machine(tmp_path, nodes=(*SHARED, "nvidia0", "nvidia1"), files=pages)
    first, second = find_gpus(None, root=root)
    assert (first.uuid, first.visible, first.name, first.nodes) == (None, "0", "Card", ("/dev/nvidia0",))
    assert second.visible == GPU_1


@as_root
def test_a_jail_gets_what_cuda_opens_and_no_other_device_file(tmp_path):
    others = ("nvidia-modeset", "nvidia-nvswitchctl", "nvidia-nvlink", "nvidia-caps-imex-channels/channel0", "nvram")
    root = machine(tmp_path, nodes=(*SHARED, "nvidia0", "nvidia10", *others, *CAP_NODES), files=PARTS)
    names = (*SHARED, "nvidia0", "nvidia10", *CAP_NODES[1:])  # the first one lets its holder divide GPUs
    assert device_nodes(root=root) == [f"/dev/{name}" for name in names]


def test_a_machine_without_a_driver_has_nothing_of_one(tmp_path):
    root = machine(
        tmp_path,
        files={"usr/bin/nvidia-modprobe": "", "sys/bus/pci/devices/x": "", "opt/nvidia/lib64/libcuda.so.1": ""},
    )
    assert (
        device_nodes(root=root) == gpu_files(root=root) == hidden_files(root=root) == find_gpus(None, root=root) == []
    )
    assert library_path(root=root) is None


@as_root
def test_of_sys_a_jail_sees_processors_memory_nodes_and_the_card(tmp_path):
    files = {
        "sys/devices/system/cpu/online": "0-7",
        "sys/devices/system/node/online": "0",
        "sys/devices/pci0000:00/0000:01:00.0/vendor": "0x10de",
        "sys/class/dmi/id/product_serial": "secret",
        "proc/driver/nvidia/gpus/0000:01:00.0/information": "Device Minor: 0",
        "usr/bin/nvidia-modprobe": "",
        "usr/lib/x86_64-linux-gnu/libcuda.so.1": "",
        "etc/ld.so.cache": "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
    }
    root = machine(tmp_path, nodes=(*SHARED, "nvidia0"), files=files)
    (root / "sys/bus/pci/devices").mkdir(parents=True)
    (root / "sys/bus/pci/devices/0000:01:00.0").symlink_to("../../../devices/pci0000:00/0000:01:00.0")
    assert gpu_files(root=root) == [
        "/sys/devices/system/cpu",
        "/sys/devices/system/node",
        "/sys/bus/pci/devices",
        "/sys/devices/pci0000:00/0000:01:00.0",
    ]
    assert hidden_files(root=root) == ["/usr/bin/nvidia-modprobe"]
    assert library_path(root=root) is None


@as_root
def test_libraries_in_an_unusual_folder_are_shown_and_looked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    names = ("libcuda.so.1", "libcuda.so.580.95.05", "libnvidia-ml.so.1", "libnvidia-ptxjitcompiler.so.580.95.05")
    others = ("libGLX_nvidia.so.0", "libnvcuvid.so.1", "private.key")
    folder = "run/opengl-driver/lib"
    root = machine(tmp_path, nodes=(*SHARED, "nvidia0"), files={f"{folder}/{name}": "" for name in (*names, *others)})
    assert gpu_files(root=root) == [f"/{folder}/{name}" for name in names]
    assert library_path(root=root) == f"/{folder}"


@pytest.mark.parametrize(
    ("runtime", "text", "asked", "wanted"),
    [
        ("tensorflow", "import keras", None, True),
        ("pytorch", "import torch", None, False),
        ("pytorch", "device = 'cuda' if torch.cuda.is_available() else 'cpu'", None, True),
        ("pytorch", "trainer = L.Trainer(accelerator='auto')", None, True),
        ("pytorch", "import torch", True, True),
        ("tensorflow", "import keras", False, False),
        ("python", "print('cuda')", None, False),
    ],
)
def test_a_run_gets_a_gpu_where_its_program_may_use_one(runtime, text, asked, wanted):
    assert wants_gpu(Job(runtime=runtime, argv=["a.py"], files={"a.py": text}, gpu=asked)) is wanted


def test_on_a_machine_without_gpus_a_program_is_told_nothing_of_them():
    if device_nodes():
        pytest.skip("this machine has one")
    assert visible_gpu(None) == {}
    with GpuPool().lease() as lease:
        assert lease is None


# Who has which


def cards(count):
    return [Gpu(index=index, name=f"Card-{index}", uuid=uuid) for index, uuid in enumerate((GPU_0, GPU_1)[:count])]


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


# What a run does on it


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


# The zygote, and the walls of a run

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


# A whole machine with two cards


def stand_in(libraries, tmp_path, *arguments, become=()):
    """Run tests/data/gpu/scenario.py on a machine with two cards, as far as files go."""
    if os.geteuid() != 0 or shutil.which("bwrap") is None:
        pytest.skip("a stand-in machine takes root and bubblewrap")
    if not Path("/opt").is_dir():
        pytest.skip("there is no /opt to put the driver's libraries in")
    only = tmp_path / "libraries"
    only.mkdir()
    for name in ("libnvidia-ml.so.1", "libcuda.so.1"):
        shutil.copy(libraries / name, only)
    (only / "facts").write_text(TWO_CARDS + f"open {100 * MIB}\n", encoding="utf-8")
    environment = {**os.environ, "FAKE_NVML": "/opt/nvidia/lib64/facts", "LD_LIBRARY_PATH": "/opt/nvidia/lib64"}
    command = ["unshare", "--mount", "--propagation", "private", sys.executable, str(DATA / "machine.py"), str(only)]
    done = subprocess.run(
        [*command, *become, sys.executable, str(DATA / "scenario.py"), *arguments],
        env=environment, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=["root", pytest.param("user", marks=pytest.mark.slow)])
def two_cards(request, libraries, tmp_path_factory):
    """What became of the runs of scenario.py, where root and where an ordinary user has opened the sandbox."""
    become = as_user() if request.param == "user" else []
    return stand_in(libraries, tmp_path_factory.mktemp("machine"), "runs", become=become)


OWN = {"/dev/nvidiactl": 5, "/dev/nvidia-uvm": 5, "/dev/nvidia-uvm-tools": 5, "/dev/nvidia0": 5}
"""Minors of what the stand-ins are made of; 7 is that of the other card."""
GONE = "No such file or directory"


def test_a_run_has_its_own_gpu_and_no_other(two_cards):
    seen = two_cards["given"]["seen"]
    assert seen["nodes"] == OWN
    assert seen["opened"] == {"/dev/nvidia0": "00", "/dev/nvidia1": GONE}
    assert (seen["init"], seen["devices"], seen["visible"]) == (0, 1, GPU_0)
    assert seen["sys"] == ["bus", "devices"]


def test_a_run_that_asks_for_none_has_none(two_cards):
    result = two_cards["without"]
    assert result["seen"]["nodes"] == {}
    assert (result["gpu"], result["seen"]["init"], result["seen"]["visible"]) == (None, 100, "")


@pytest.mark.parametrize("which", ["given", "without", "tier_b"])
def test_what_is_no_gpus_in_dev_is_as_ever(two_cards, which):
    seen = two_cards[which]["seen"]
    assert (seen["shared"], seen["plain"]) == (7, ["00", True, ""])
    assert seen["makes"] in ("Permission denied", "Read-only file system")


def test_where_walls_cannot_be_raised_the_other_gpu_is_refused(two_cards):
    seen = two_cards["tier_b"]["seen"]
    assert seen["nodes"] == OWN | {"/dev/nvidia1": 7}
    assert seen["opened"] == {"/dev/nvidia0": "00", "/dev/nvidia1": "Permission denied"}
    assert seen["devices"] == 1


def test_the_use_of_a_gpu_is_told_by_the_driver(two_cards):
    used, idle = two_cards["given"]["gpu"], two_cards["idle"]["gpu"]
    assert (used["uuid"], used["used"], used["peak_memory_mb"], used["trouble"]) == (GPU_0, True, 300.0, None)
    assert (idle["used"], idle["peak_memory_mb"]) == (False, 0.0)


def test_a_run_that_takes_too_much_of_the_gpus_memory_is_ended(two_cards):
    result = two_cards["greedy"]
    assert (result["status"], result["reason"]) == (
        "out_of_memory",
        "It used 300 MB of the GPU's memory; its limit is 150 MB.",
    )
    assert result["limits_hit"] == [{"name": "gpu_memory", "allowed": 150.0, "used": 300.0, "ended": True}]


def test_of_three_runs_at_once_two_have_a_gpu_each_and_the_third_comes_after(two_cards):
    uuids = [one["gpu"]["uuid"] for one in two_cards["together"]]
    assert set(uuids) == {GPU_0, GPU_1}
    assert all(one["status"] == "ok" and one["seen"]["devices"] == 1 for one in two_cards["together"])
    twice = [one["seen"]["until"] for one in two_cards["together"] if uuids.count(one["gpu"]["uuid"]) == 2]
    assert max(twice) - min(twice) > 0.5


def test_an_interpreter_that_has_initialised_cuda_is_never_forked(libraries, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True, timeout=60)
    site = next((tmp_path / "env" / "lib").glob("python*")) / "site-packages"
    lines = ["import ctypes, os", 'os.environ["CUDA_VISIBLE_DEVICES"] = "0"', 'ctypes.CDLL("libcuda.so.1").cuInit(0)']
    (site / "numpy.py").write_text("\n".join(lines), encoding="utf-8")  # a package that uses CUDA when it is imported
    told = stand_in(libraries, tmp_path, "refused", str(tmp_path / "env" / "bin" / "python"))
    assert "initialised CUDA" in told


def test_the_doctor_starts_cuda_in_a_jail(two_cards):
    probe = two_cards["probes"]["gpu"]
    assert probe["ok"]
    assert "580.95.05" in probe["detail"] and "Card 0 with 8192 MB, Card 1 with 8192 MB" in probe["detail"]


def test_the_doctor_names_a_framework_that_would_leave_the_gpu_alone(two_cards):
    named = two_cards["probes"].get("pytorch on the GPU")
    if find_spec("torch") is None or named is None:
        pytest.skip("PyTorch here is a build for GPUs")
    assert "--index-url https://download.pytorch.org/whl/cu130" in named["remedy"]


@pytest.mark.slow
def test_a_program_that_falls_back_to_the_cpu_is_found_out(libraries, tmp_path):
    report = stand_in(libraries, tmp_path, "checks")
    if report["metrics"]["device"] != "cpu":
        pytest.skip("PyTorch here is a build for GPUs, which is not taken in by a stand-in")
    found = {one["id"]: one for one in report["findings"]}
    assert (found["gpu-not-used"]["severity"], found["gpu-not-used"]["line"]) == ("warning", 6)
    assert (report["gpu"]["used"], report["metrics"]["peak_gpu_memory_mb"]) == (False, 0.0)


# The doctor

VERSION = {"proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05  Tue Sep 23\n"}
CARD = {"sys/bus/pci/devices/0000:01:00.0/vendor": "0x10de\n", "sys/bus/pci/devices/0000:01:00.0/class": "0x030200\n"}
ALL_NODES = (*SHARED, "nvidia0")


def look(**answer):
    return lambda: json.dumps(answer)


@as_root
@pytest.mark.parametrize(
    ("nodes", "files", "answer", "ok", "detail", "remedy"),
    [
        ((), {}, {}, True, "no NVIDIA device", None),
        ((), CARD, {}, False, "its driver is not loaded", "modprobe nvidia"),
        ((), VERSION, {}, False, "580.95.05 is loaded, and its device files are missing", "nvidia-modprobe -c 0 -u"),
        (("nvidiactl", "nvidia0"), VERSION, {}, False, "/dev/nvidia-uvm is missing", "nvidia-modprobe -c 0 -u"),
        (ALL_NODES, VERSION, {"missing": "libcuda.so.1: no such file"}, False, "no CUDA library", "libcuda1"),
        (ALL_NODES, VERSION, {"code": 803, "name": "X"}, False, "CUDA does not start in a jail (X)", "restart"),
        (ALL_NODES, VERSION, {"code": 999, "name": "X"}, False, "CUDA does not start", "modprobe nvidia_uvm"),
        (ALL_NODES, VERSION, {"code": 802, "name": "X"}, False, "CUDA does not start", "nvidia-fabricmanager"),
        (ALL_NODES, VERSION, {"code": 77, "name": "X"}, False, "CUDA does not start", "dmesg"),
        (ALL_NODES, VERSION, {"code": 0, "devices": []}, False, "finds no device", "nvidia-smi"),
        (ALL_NODES, VERSION, {"code": 0, "devices": [{"name": "L4", "memory_mb": 99}]}, True, "L4 with 99 MB", None),
    ],
)  # fmt: skip
def test_the_doctor_says_what_is_missing_and_what_mends_it(tmp_path, nodes, files, answer, ok, detail, remedy):
    def missing():
        raise DriverError(nvml.NO_LIBRARY, "there is none")

    found = diagnose_gpu(look(**answer), root=machine(tmp_path, nodes=nodes, files=files), nvml=missing)
    assert found.ok is ok
    assert detail in found.detail
    assert remedy in found.remedy if remedy else found.remedy is None


@as_root
def test_the_doctor_tells_of_device_files_that_only_root_may_open(tmp_path):
    root = machine(tmp_path, nodes=ALL_NODES, files=VERSION)
    (root / "dev/nvidia0").chmod(0o660)
    found = diagnose_gpu(look(), root=root)
    assert not found.ok and "/dev/nvidia0" in found.detail
    assert "chmod 0666" in found.remedy


@as_root
def test_the_doctor_tells_a_library_that_does_not_fit_the_module(tmp_path, libraries, facts):
    add(facts, "fail nvmlInit_v2 18")
    root = machine(tmp_path, nodes=ALL_NODES, files=VERSION)
    found = diagnose_gpu(look(), root=root, nvml=lambda: Nvml(str(libraries / "libnvidia-ml.so.1")))
    assert not found.ok and "580.95.05" in found.detail
    assert "restart the machine" in found.remedy


@pytest.mark.parametrize(
    ("runtime", "versions", "modules", "cuda", "remedy"),
    [
        ("pytorch", {"torch": "2.13.0+cpu"}, (), (13, 1), "torch==2.13.0 --index-url https://download.pytorch.org/whl/cu130"),
        ("pytorch", {"torch": "2.13.0+cpu"}, (), (12, 4), "whl/cu126"),
        ("pytorch", {"torch": "2.13.0+cu130"}, (), (13, 1), None),
        ("pytorch", {"torch": "2.13.0+cpu"}, (), None, None),
        ("tensorflow", {"tensorflow": "2.21.0"}, ("nvidia",), (13, 1), None),
        ("tensorflow", {"tensorflow-cpu": "2.21.0"}, ("nvidia",), (13, 1), "'tensorflow[and-cuda]==2.21.0'"),
    ],
)  # fmt: skip
def test_the_command_for_a_build_for_gpus_fits_the_driver(runtime, versions, modules, cuda, remedy):
    found = build_remedy(runtime, "/opt/python", versions, modules, cuda)
    assert found is None if remedy is None else remedy in found
