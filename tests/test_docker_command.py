"""The command line of a container says what it may see and use, and names nothing of the program that runs in it."""

import csv
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from sandbox.docker.command import Shape, container_command, interpreter_in_image, new_name, new_uid
from sandbox.docker.engine import Engine
from sandbox.docker.image import Contents
from sandbox.docker.owner import LABEL
from sandbox.docker.sandbox import DockerSandbox
from sandbox.local.gpu.devices import Gpu
from sandbox.local.gpu.lease import Lease
from sandbox.runtime import Installed, Interpreter
from sandbox.schema import Job, Limits

ENGINE = Engine("/usr/bin/docker")
GVISOR = Engine("/usr/bin/docker", "an/image:1", "runsc")
GPU = Gpu(index=0, name="a card", uuid="GPU-8a56a4bc", nodes=("/dev/nvidia0",))
ROOT = Path(__file__).resolve().parents[1]
PROXIES = {"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"}


def command(engine: Engine = ENGINE, *, gpu: str | None = None, apart: bool = False, **limits: float) -> list[str]:
    job = Job(
        runtime="pytorch",
        argv=["train.py", "--secret-argument"],
        files={"train.py": "print('secret text')"},
        env={"TOKEN": "secret value"},
        limits=Limits(**limits),
    )
    shape = Shape("gradproof-1", "an owner", 60999, apart=apart, gpu=gpu)
    return container_command(job, engine, {"HOME": "/tmp/home"}, shape)


def values(arguments: list[str], option: str) -> list[str]:
    return [following for name, following in pairwise(arguments) if name == option]


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--network", ["none"]),
        ("--dns", ["0.0.0.0"]),
        ("--cap-drop", ["ALL"]),
        ("--security-opt", ["no-new-privileges"]),
        ("--ipc", ["private"]),
        ("--cgroupns", ["private"]),
        ("--hostname", ["gradproof"]),
        ("--workdir", ["/"]),
        ("--pull", ["never"]),
        ("--log-driver", ["none"]),
        ("--name", ["gradproof-1"]),
        ("--label", [f"{LABEL}=an owner"]),
        ("--runtime", []),
        ("--gpus", []),
        ("--entrypoint", ["/opt/pytorch/bin/python"]),
    ],
)
def test_a_container_is_closed_on_every_side(option: str, expected: list[str]) -> None:
    assert values(command(), option) == expected


@pytest.mark.parametrize("flag", ["--rm", "--interactive", "--read-only", "--no-healthcheck"])
def test_a_container_removes_itself_and_cannot_write_to_its_image(flag: str) -> None:
    assert flag in command()


@pytest.mark.parametrize(
    ("limits", "option", "expected"),
    [
        ({"memory_mb": 1000}, "--memory", ["1256m"]),
        ({"memory_mb": 1000}, "--memory-swap", ["1256m"]),
        ({"processes": 100}, "--pids-limit", ["116"]),
        ({"open_files": 500}, "--ulimit", ["nofile=756:756", "core=1:1", "msgqueue=0:0", "memlock=65536:65536"]),
    ],
)
def test_the_engines_ceilings_are_a_little_above_the_supervisors_own(
    limits: dict[str, float], option: str, expected: list[str]
) -> None:
    assert values(command(**limits), option) == expected


def test_a_kernel_of_its_own_has_room_in_the_container() -> None:
    arguments = command(GVISOR, apart=True, memory_mb=1000, processes=100)
    assert values(arguments, "--runtime") == ["runsc"]
    assert values(arguments, "--memory") == ["2024m"]
    assert values(arguments, "--pids-limit") == ["1124"]


def test_a_supervisor_has_no_rights_unless_it_is_another_user_than_the_program() -> None:
    assert values(command(), "--user") == ["60999:60999"]
    assert values(command(), "--cap-add") == []
    assert values(command(apart=True), "--user") == ["0:0"]
    assert values(command(apart=True), "--cap-add") == ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID"]


def test_a_gpu_is_handed_over_alone_and_may_pin_memory() -> None:
    arguments = command(gpu="GPU-8a56a4bc")
    assert values(arguments, "--gpus") == ["device=GPU-8a56a4bc"]
    assert "memlock=-1:-1" in values(arguments, "--ulimit")


def test_what_can_be_written_belongs_to_the_run_and_is_bounded() -> None:
    arguments = command(disk_mb=70, memory_mb=900, inodes=800)
    rest = "nr_inodes=800,mode=0700,uid=60999,gid=60999"
    sizes = {"/tmp": 70, "/dev/shm": 900}
    wanted = [f"{folder}:rw,nosuid,nodev,exec,size={size}m,{rest}" for folder, size in sizes.items()]
    assert values(arguments, "--tmpfs") == wanted


def test_every_container_has_another_uid_that_nobody_else_has() -> None:
    uids = {new_uid() for _ in range(40)}
    assert len(uids) > 20
    assert all(60705 < uid < 61184 for uid in uids)


def test_only_what_serves_a_run_is_mounted_and_it_cannot_be_written() -> None:
    mounts = [next(csv.reader([mount])) for mount in values(command(), "--mount")]
    sources = {mount[1].removeprefix("source="): mount[2].removeprefix("target=") for mount in mounts}
    assert sources == {
        str(ROOT / "sandbox/local/inside"): "/gradproof/gradproof_inside",
        str(ROOT / "sandbox/checks"): "/gradproof/checks",
    }
    assert all(mount[0] == "type=bind" and mount[3:] == ["readonly"] for mount in mounts)


def test_nothing_of_the_program_is_on_the_command_line() -> None:
    assert "secret" not in " ".join(command())
    assert "train.py" not in " ".join(command())


def test_the_users_proxies_do_not_reach_a_container() -> None:
    variables = dict(variable.split("=", 1) for variable in values(command(), "--env"))
    assert {name.lower() for name, value in variables.items() if not value} == PROXIES
    assert set(variables) == PROXIES | {name.upper() for name in PROXIES} | {"HOME"}


@pytest.mark.parametrize(
    "refused",
    ["--privileged", "--init", "--cap-add", "--device", "--volume", "-v", "--publish", "--pid", "--tty", "--env-file"],
)
def test_nothing_opens_a_container_again(refused: str) -> None:
    assert refused not in command(GVISOR, gpu="0")


def test_the_image_comes_after_every_option() -> None:
    arguments = command(GVISOR)
    at = arguments.index("an/image:1")
    assert arguments[at - 2 : at] == ["--entrypoint", "/opt/pytorch/bin/python"]
    assert arguments[at + 1 : at + 3] == ["-s", "-c"]
    assert arguments[-2:] == ["/gradproof", "pytorch"]


def test_the_client_knows_every_option() -> None:
    client = shutil.which("docker")
    if client is None:
        pytest.skip("there is no Docker client on this machine")
    told = subprocess.run([client, "run", "--help"], capture_output=True, text=True, timeout=20, check=True).stdout
    known = set(re.findall(r"(--[a-z][a-z-]+)", told))
    arguments = command(GVISOR, gpu="0")
    given = {argument for argument in arguments[: arguments.index("an/image:1")] if argument.startswith("--")}
    assert given <= known


def test_each_framework_has_an_interpreter_of_its_own() -> None:
    assert interpreter_in_image("tensorflow") == "/opt/tensorflow/bin/python"
    assert interpreter_in_image("pytorch") == interpreter_in_image("python") == "/opt/pytorch/bin/python"


def test_names_are_never_given_twice() -> None:
    assert len({new_name() for _ in range(100)}) == 100


@pytest.mark.parametrize("hides", [True, False])
@pytest.mark.parametrize(("lease", "gpus"), [(None, []), (SimpleNamespace(gpu=GPU), ["device=GPU-8a56a4bc"])])
def test_a_supervisor_is_told_what_its_container_is(
    monkeypatch: pytest.MonkeyPatch, lease: Lease | None, gpus: list[str], hides: bool
) -> None:
    interpreter = Interpreter(executable="/opt/pytorch/bin/python", prefixes=[], python="3.11.14", versions={})
    held = Contents(Installed(interpreter=interpreter, modules=frozenset()), ("/usr", "/opt"), hides)
    monkeypatch.setattr("sandbox.docker.sandbox.look_into", lambda *_: held)
    job = Job(runtime="pytorch", argv=["m.py"], files={"m.py": ""})
    container, place, environment = DockerSandbox(ENGINE)._prepare(job, lease)
    assert values(container._command, "--gpus") == gpus
    assert ("/sys" in place.readable) == bool(gpus)
    assert (place.uid is None) == hides
    assert (values(container._command, "--user") == ["0:0"]) == (not hides)
    assert environment["PATH"].startswith("/opt/pytorch/bin:")
    assert "LD_LIBRARY_PATH" not in environment
