"""What a container keeps a program from, on a real engine; skipped, with the reason, where there is none."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_engine import RUNTIMES, SLEEP, Started, job, names, open_engine, program

from sandbox.docker.command import Shape, interpreter_in_image, new_name, new_uid, run_command
from sandbox.docker.engine import Engine, client_environment
from sandbox.docker.image import look_into
from sandbox.docker.owner import own_label
from sandbox.docker.sandbox import DockerSandbox
from sandbox.schema import Limits


@pytest.fixture(scope="module", params=RUNTIMES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return open_engine(request.param)


@pytest.fixture(scope="module")
def containers(engine: Engine) -> Iterator[DockerSandbox]:
    with DockerSandbox(engine) as opened:
        yield opened


def test_a_program_has_no_rights_no_network_and_no_environment_of_the_hosts(
    containers: DockerSandbox, engine: Engine
) -> None:
    result = containers.run(job(program("looks_at_its_walls.py"), env={"MINE": "1"}))
    assert result.status == "ok", result.stderr
    found = json.loads(result.stdout)
    assert 60705 < found["uid"] < 61184
    assert set(found["capabilities"]) == {"0" * 16}
    if look_into(engine, "python").hides_supervisor:  # gVisor tells nothing of these
        assert found["no_new_privs"] == "1"
        assert found["filters"] >= 2  # the engine's and gradproof's
    assert found["writable"] == ["/dev/shm", "/tmp"]
    assert found["routes"] == []
    assert found["host"] == "gradproof"
    assert found["processes"][0] == "1"
    assert len(found["processes"]) == 2
    assert {"MINE", "HOME", "PATH"} <= set(found["environment"])
    assert not {name for name in found["environment"] if "proxy" in name.lower() or name.startswith("DOCKER")}


def test_the_engine_holds_a_program_without_the_supervisors_help(engine: Engine) -> None:
    inside = [interpreter_in_image("python"), "-c", program("looks_at_its_container.py")]
    limits = Limits(memory_mb=500, processes=600, open_files=100, disk_mb=20)
    command = run_command(engine, inside, limits, {}, Shape(new_name(), own_label(), new_uid()))
    asked = {"env": client_environment(), "capture_output": True, "text": True, "timeout": 60.0}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False, **asked)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["writable"] == ["/dev/shm", "/tmp"]
    assert (found["rights"], found["gains"], found["routes"]) == (0, "1", [])
    assert found["servers"].split() == ["nameserver", "0.0.0.0"]
    assert found["files"] == [356, 356]
    assert found["size"] == 20 << 20
    if engine.runtime is None:  # gVisor shows no control groups of the machine
        assert (found["memory"], found["tasks"]) == (str(756 << 20), "616")


def test_the_supervisor_cannot_be_ended_stopped_written_to_or_spoken_for(containers: DockerSandbox) -> None:
    result = containers.run(job(program("speaks_for_its_supervisor.py")))
    assert result.status == "ok", result.stderr
    tried = dict(line.split() for line in result.stdout.splitlines())
    assert len(tried) == 19
    assert set(tried.values()) == {"refused"}, tried


@pytest.mark.parametrize(
    ("code", "limits", "status", "limit"),
    [
        (SLEEP, {"wall_s": 1}, "timeout", "wall"),
        ("while True: pass", {"cpu_s": 0.5}, "killed", "cpu"),
        ("x = [bytearray(1 << 20) for _ in range(1000)]", {"memory_mb": 200}, "out_of_memory", "memory"),
        (
            "import mmap\nm = mmap.mmap(-1, 1 << 30)\nfor i in range(0, 1 << 30, 4096): m[i] = 1",
            {"memory_mb": 200},
            "out_of_memory",
            "memory",
        ),
        ("open('big', 'wb').write(bytes(60 << 20))", {"disk_mb": 30}, "error", "disk"),
        ("for i in range(900): open(f'{i}', 'w')", {"inodes": 300}, "error", "inodes"),
        ("a = [open('m.py') for _ in range(400)]", {"open_files": 100}, "error", "descriptors"),
        ("print('x' * (2 << 20))", {"output_bytes": 1000}, "ok", "output"),
    ],
)
def test_each_limit_is_told_by_its_name(
    containers: DockerSandbox, engine: Engine, code: str, limits: dict[str, float], status: str, limit: str
) -> None:
    if limit == "inodes" and not look_into(engine, "python").hides_supervisor:
        pytest.skip("gVisor does not count files")
    result = containers.run(job(code, limits=Limits(**limits)))
    assert (result.status, [hit.name for hit in result.limits_hit][:1]) == (status, [limit]), result
    assert names(engine) == set()


LOOK_AROUND = (
    "import json, os\nprint(json.dumps([os.listdir('/tmp'), [n for n in os.listdir('/proc') if n.isdecimal()]]))"
)


def test_runs_beside_each_other_do_not_meet(containers: DockerSandbox) -> None:
    first = Started(containers, "open('/tmp/mark', 'w')\n" + SLEEP)
    second = containers.run(job(LOOK_AROUND))
    first.cancel.set()
    first.wait(10)
    folders, processes = json.loads(second.stdout)
    assert set(folders) == {"home", "work"}
    assert len(processes) == 2


def test_what_the_users_client_adds_does_not_reach_a_container(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxies = {"httpProxy": "http://ann:pa55word@proxy:1", "allProxy": "http://ann:pa55word@proxy:1"}
    (tmp_path / "config.json").write_text(json.dumps({"proxies": {"default": proxies}}), encoding="utf-8")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    inside = [interpreter_in_image("python"), "-c", "import os; print(dict(os.environ))"]
    command = run_command(engine, inside, Limits(), {}, Shape(new_name(), own_label(), new_uid()))

    def told(arguments: list[str]) -> str:
        asked = {"env": client_environment(), "capture_output": True, "text": True, "timeout": 60.0}
        return subprocess.run(arguments, stdin=subprocess.DEVNULL, check=True, **asked).stdout

    assert "HOME" in told(command)
    assert "pa55word" not in told(command)
    bare = [part for part in command if part != "--env" and "proxy" not in part.lower()]
    assert "pa55word" in told(bare)  # it would, if nothing were said of proxies
