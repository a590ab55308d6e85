"""Runs in containers start, end and leave nothing, on a real engine; skipped, with the reason, where there is none."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_engine import RUNTIMES, SLEEP, Started, job, names, open_engine, program, wait_for

from sandbox.docker.command import Shape, interpreter_in_image, new_name, new_uid, run_command
from sandbox.docker.container import Container
from sandbox.docker.engine import Engine, client_environment
from sandbox.docker.owner import own_label, remove_leftovers
from sandbox.docker.probe import report
from sandbox.docker.sandbox import DockerSandbox, open_docker
from sandbox.errors import SandboxError
from sandbox.local import attempt
from sandbox.local.gpu.watch import in_a_namespace_below
from sandbox.schema import ExecResult, Job, Limits

ROOT = Path(__file__).resolve().parents[1]
OPEN_AND_RUN = """
import sys
from sandbox.docker.sandbox import open_docker
from sandbox.schema import Job
job = Job(runtime="python", argv=["m.py"], files={"m.py": sys.argv[1]})
with open_docker() as sandbox:
    sandbox.run(job, on_output=lambda text: print(text, flush=True))
"""


@pytest.fixture(scope="module", params=RUNTIMES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return open_engine(request.param)


@pytest.fixture(scope="module")
def containers(engine: Engine) -> Iterator[DockerSandbox]:
    with DockerSandbox(engine) as opened:
        yield opened


def test_a_program_runs_and_its_files_come_out(containers: DockerSandbox) -> None:
    files = {"m.py": "import data; open('out/a.txt', 'w').write(data.TEXT)", "data.py": "TEXT = 'ä' * 3", "out/x": b""}
    asked = Job(runtime="python", argv=["m.py"], files=files, collect=["out/*.txt"])
    result = containers.run(asked)
    assert (result.status, result.tier, result.warm) == ("ok", "docker", False), result.stderr
    assert [(one.path, one.content.decode()) for one in result.artifacts] == [("out/a.txt", "äää")]


def test_a_time_out_keeps_what_was_said(containers: DockerSandbox) -> None:
    result = containers.run(job(SLEEP, limits=Limits(wall_s=1)))
    assert result.stdout == "asleep\n"


def test_orphans_end_with_the_run(containers: DockerSandbox, engine: Engine) -> None:
    started = time.monotonic()
    assert containers.run(job(program("leaves_an_orphan.py"))).stdout == "over\n"
    assert time.monotonic() - started < 10
    assert names(engine) == set()


def test_a_cancelled_run_is_gone_at_once(containers: DockerSandbox, engine: Engine) -> None:
    run = Started(containers, SLEEP)
    run.cancel.set()
    result = run.wait(5)
    assert isinstance(result, ExecResult)
    assert (result.status, result.stdout) == ("killed", "asleep\n")
    assert names(engine) == set()


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.2])
def test_a_run_that_is_cancelled_while_it_starts_is_no_fault_of_the_sandbox(
    containers: DockerSandbox, engine: Engine, seconds: float
) -> None:
    cancel = threading.Event()
    threading.Timer(seconds, cancel.set).start()
    result = containers.run(job("import time\ntime.sleep(60)"), cancel=cancel)
    assert result.status in ("refused", "killed"), result
    assert "cancelled" in (result.reason or "")
    assert names(engine) == set()


def test_closing_ends_what_is_only_being_made(engine: Engine) -> None:
    sandbox = DockerSandbox(engine)
    failed: list[SandboxError] = []

    def run() -> None:
        with pytest.raises(SandboxError) as raised:
            sandbox.run(job(SLEEP))
        failed.append(raised.value)

    thread = threading.Thread(target=run)
    thread.start()
    wait_for(lambda: sandbox._running)
    sandbox.close()
    thread.join(20)
    assert len(failed) == 1
    assert wait_for(lambda: not names(engine), seconds=2.0)


def test_ending_the_client_does_not_end_a_container_and_removing_it_by_name_does(engine: Engine) -> None:
    name = new_name()
    inside = [interpreter_in_image("python"), "-c", "import time; time.sleep(60)"]
    command = run_command(engine, inside, Limits(), {}, Shape(name, own_label(), new_uid()))
    client = subprocess.Popen(command, stdin=subprocess.PIPE, env=client_environment(), start_new_session=True)
    try:
        assert wait_for(lambda: name in engine.ask("ps", "--format", "{{.Names}}").split())
        client.kill()
        client.communicate()
        time.sleep(0.5)
        assert name in names(engine)
    finally:
        Container(engine, command, name).remove()
    assert name not in names(engine)


def test_a_containers_processes_are_told_from_the_machines(containers: DockerSandbox, engine: Engine) -> None:
    run = Started(containers, SLEEP)
    try:
        (name,) = names(engine)
        first = int(engine.ask("inspect", name, "--format", "{{.State.Pid}}"))
        if engine.runtime is not None or not Path(f"/proc/{first}").exists():
            pytest.skip("its processes are those of gVisor's kernel, or of another machine")
        assert in_a_namespace_below(first)
        assert not in_a_namespace_below(os.getpid())
    finally:
        run.cancel.set()
        run.wait(10)


def test_a_stuck_supervisor_is_ended_from_outside(
    containers: DockerSandbox, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "_GRACE_S", 1.0)
    run = Started(containers, SLEEP, wall_s=2)
    (name,) = names(engine)
    engine.ask("pause", name)
    result = run.wait(20)
    assert isinstance(result, ExecResult)
    assert (result.status, [hit.name for hit in result.limits_hit]) == ("timeout", ["wall"])
    assert names(engine) == set()


def test_closing_removes_what_still_runs(engine: Engine) -> None:
    sandbox = DockerSandbox(engine)
    run = Started(sandbox, SLEEP)
    assert names(engine)
    sandbox.close()
    assert names(engine) == set()
    assert isinstance(run.wait(20), SandboxError)
    with pytest.raises(SandboxError, match="has been closed"):
        sandbox.run(job("print(1)"))


def test_what_a_dead_process_left_behind_is_removed_and_nothing_else(engine: Engine) -> None:
    place, _, _ = own_label().rsplit("/", 2)
    gone = subprocess.Popen(["true"])
    gone.wait()
    owners = [f"{place}/{gone.pid}/1", f"{place}/{os.getpid()}/1", own_label(), f"another machine/{gone.pid}/1"]
    made: list[str] = []
    try:
        for owner in owners:
            made.append(new_name())
            inside = [interpreter_in_image("python"), "-c", "pass"]
            command = run_command(engine, inside, Limits(), {}, Shape(made[-1], owner, new_uid()))
            engine.ask("create", *[part for part in command[command.index("run") + 1 :] if part != "--rm"])
        assert set(made) & set(remove_leftovers(engine)) == set(made[:2])
        assert set(made) & (names(engine) | names(engine, pid=gone.pid)) == set(made[2:])
    finally:
        engine.ask("rm", "--force", *made[2:])


def test_a_host_that_dies_leaves_no_container(engine: Engine) -> None:
    host = subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_RUN, SLEEP], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    )
    assert host.stdout is not None
    with host.stdout as output:
        assert output.readline() == b"asleep\n"
        assert names(engine, pid=host.pid)
        os.killpg(host.pid, signal.SIGKILL)
        host.wait()
    assert wait_for(lambda: not names(engine, pid=host.pid), seconds=2.0)


def test_what_is_installed_is_asked_of_the_image(containers: DockerSandbox) -> None:
    held = containers.installed("pytorch")
    assert held.interpreter.executable == "/opt/pytorch/bin/python"
    assert held.interpreter.framework_version("pytorch")
    assert {"torch", "numpy", "json"} <= held.modules
    assert "tensorflow" not in held.modules


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"image": "gradproof-test/missing:1"}, "docker pull gradproof-test/missing:1"),
        ({"runtime": "gradproof-test-missing"}, "no runtime 'gradproof-test-missing'"),
    ],
)
def test_what_the_engine_does_not_have_is_named_before_anything_runs(
    engine: Engine, options: dict[str, str], said: str
) -> None:
    with pytest.raises(SandboxError, match=said), open_docker(**options) as sandbox:
        sandbox.run(job("print(1)"))
    assert names(engine) == set()


def test_an_image_with_a_volume_is_refused(engine: Engine) -> None:
    tag = "gradproof-test/volume:1"
    empty = subprocess.run(["tar", "--create", "--files-from", os.devnull], capture_output=True, check=True).stdout
    imported = [engine.client, "import", "--change", "VOLUME /data", "-", tag]
    subprocess.run(imported, input=empty, env=client_environment(), capture_output=True, timeout=60, check=True)
    try:
        with pytest.raises(SandboxError, match="declares volumes"):
            open_docker(image=tag)
    finally:
        engine.ask("rmi", tag)


def test_the_doctors_line_says_what_the_engine_and_the_image_are(engine: Engine) -> None:
    said = report(engine)
    assert said.startswith("Docker ")
    assert "pytorch 2." in said
    assert "an empty program takes" in said
