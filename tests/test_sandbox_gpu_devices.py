"""What the driver tells of GPUs, and which of them can be given to runs with which files."""

import pytest
from gpus import CAP_NODES, GIB, GPU_0, GPU_1, MIB, PART_0, PART_1, PARTS, SHARED, add, as_root, machine

from sandbox.local.gpu import nvml
from sandbox.local.gpu.devices import device_nodes, find_gpus, visible_gpu
from sandbox.local.gpu.files import gpu_files, hidden_files, library_path
from sandbox.local.gpu.lease import GpuPool, wants_gpu
from sandbox.local.gpu.nvml import DriverError, Nvml, Process
from sandbox.schema import Job


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
