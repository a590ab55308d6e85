"""Containers of a real engine hold what they promise. Skipped, with the reason, where there is none."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.docker.command import Shape, interpreter_in_image, new_name, new_uid, run_command
from sandbox.docker.container import Container
from sandbox.docker.engine import Engine, client_environment, find_engine
from sandbox.docker.image import look_into, require_image
from sandbox.docker.owner import LABEL, own_label, remove_leftovers
from sandbox.docker.probe import report
from sandbox.docker.sandbox import DockerSandbox, open_docker
from sandbox.errors import SandboxError
from sandbox.local import attempt
from sandbox.local.gpu.watch import in_a_namespace_below
from sandbox.schema import ExecResult, Job, Limits

ROOT = Path(__file__).resolve().parents[1]
SLEEP = "import time\nprint('asleep', flush=True)\ntime.sleep(60)"
OPEN_AND_RUN = """
import sys
from sandbox.docker.sandbox import open_docker
from sandbox.schema import Job
job = Job(runtime="python", argv=["m.py"], files={"m.py": sys.argv[1]})
with open_docker() as sandbox:
    sandbox.run(job, on_output=lambda text: print(text, flush=True))
"""


@pytest.fixture(scope="module", params=[None, pytest.param("runsc", marks=pytest.mark.slow)], ids=["", "gVisor"])
def engine(request: pytest.FixtureRequest) -> Engine:
    try:
        found = find_engine(runtime=request.param)
        require_image(found)
        known = json.loads(found.ask("info", "--format", "{{json .Runtimes}}"))
    except SandboxError as error:
        pytest.skip(str(error))
    if request.param is not None and request.param not in known:
        pytest.skip(f"the engine has no runtime {request.param!r}")
    return found


@pytest.fixture(scope="module")
def containers(engine: Engine) -> Iterator[DockerSandbox]:
    with DockerSandbox(engine) as opened:
        yield opened


def job(code: str, **options: object) -> Job:
    return Job(runtime="python", argv=["m.py"], files={"m.py": textwrap.dedent(code)}, **options)


def names(engine: Engine, *, pid: int | None = None) -> set[str]:
    """The containers of a process, this one unless another is named."""
    columns = f'{{{{.Names}}}} {{{{.Label "{LABEL}"}}}}'
    told = engine.ask("ps", "--all", "--filter", f"label={LABEL}", "--format", columns).splitlines()
    return {line.split()[0] for line in told if line.split("/")[-2] == str(pid or os.getpid())}


def wait_for(condition: Callable[[], object], *, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(condition())


class Started:
    """A run in a thread of its own, once its program has spoken."""

    def __init__(self, sandbox: DockerSandbox, code: str, **limits: float) -> None:
        self.result: ExecResult | SandboxError | None = None
        self.cancel, spoken = threading.Event(), threading.Event()

        def run() -> None:
            try:
                asked = job(code, limits=Limits(**limits))
                self.result = sandbox.run(asked, on_output=lambda _: spoken.set(), cancel=self.cancel)
            except SandboxError as error:
                self.result = error

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        assert spoken.wait(30)

    def wait(self, seconds: float) -> ExecResult | SandboxError | None:
        self.thread.join(seconds)
        return self.result


def test_a_program_runs_and_its_files_come_out(containers: DockerSandbox) -> None:
    files = {"m.py": "import data; open('out/a.txt', 'w').write(data.TEXT)", "data.py": "TEXT = 'ä' * 3", "out/x": b""}
    asked = Job(runtime="python", argv=["m.py"], files=files, collect=["out/*.txt"])
    result = containers.run(asked)
    assert (result.status, result.tier, result.warm) == ("ok", "docker", False), result.stderr
    assert [(one.path, one.content.decode()) for one in result.artifacts] == [("out/a.txt", "äää")]


WALLS = """
import json, os
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
folders = {line.split()[1] for line in open("/proc/self/mounts")} | {"/opt/pytorch", "/etc", "/var/tmp", "/gradproof"}
def takes_a_file(folder):
    try:
        open(f"{folder}/x", "w").close()
        return True
    except OSError:
        return False
print(json.dumps({
    "uid": os.getuid(), "capabilities": [status[f"Cap{kind}"].strip() for kind in ("Inh", "Prm", "Eff")],
    "no_new_privs": status.get("NoNewPrivs", "").strip(), "filters": int(status.get("Seccomp_filters", 0)),
    "writable": sorted(filter(takes_a_file, folders)),
    "routes": open("/proc/net/route").read().splitlines()[1:], "host": os.uname().nodename,
    "environment": sorted(os.environ), "processes": sorted(n for n in os.listdir("/proc") if n.isdecimal()),
}))
"""


def test_a_program_has_no_rights_no_network_and_no_environment_of_the_hosts(
    containers: DockerSandbox, engine: Engine
) -> None:
    result = containers.run(job(WALLS, env={"MINE": "1"}))
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


FORGE = """
import os, signal
def attempt(name, action):
    try: print(name, action() is None)
    except OSError: print(name, "refused")
def write(path):
    if os.path.realpath(path) == "/dev/null": raise OSError
    open(path, "wb", buffering=0).write(b"R\\0\\0\\0\\2{}")
attempt("kill", lambda: os.kill(1, signal.SIGKILL))
attempt("stop", lambda: os.kill(1, signal.SIGSTOP))
attempt("memory", lambda: open("/proc/1/mem", "r+b"))
for number in range(16): attempt(f"wire{number}", lambda: write(f"/proc/1/fd/{number}"))
"""


def test_the_supervisor_cannot_be_ended_stopped_written_to_or_spoken_for(containers: DockerSandbox) -> None:
    result = containers.run(job(FORGE))
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


def test_a_time_out_keeps_what_was_said(containers: DockerSandbox) -> None:
    result = containers.run(job(SLEEP, limits=Limits(wall_s=1)))
    assert result.stdout == "asleep\n"


ORPHAN = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(60)
else:
    print("over")
"""


def test_orphans_end_with_the_run(containers: DockerSandbox, engine: Engine) -> None:
    started = time.monotonic()
    assert containers.run(job(ORPHAN)).stdout == "over\n"
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
