"""Programs that try to get out, to take too much, or to lie. After each, nothing is left and the next run is green."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.base import Sandbox
from sandbox.open import open_sandbox
from sandbox.schema import ExecResult, Job, Limits

HOSTILE = Path(__file__).parent / "data" / "hostile"


@pytest.fixture(scope="module")
def jail() -> Iterator[Sandbox]:
    with open_sandbox() as opened:
        yield opened


def processes_below_us() -> set[int]:
    """Every process of this machine that descends from this one and is not a zombie."""
    parents, alive = {}, set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(") ")[2].split()[:2]
                parents[int(entry.name)] = int(parent)
                if state != "Z":
                    alive.add(int(entry.name))
    below = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return (below & alive) - {os.getpid()}


def execute(jail: Sandbox, name: str, *arguments: str, limits: Limits | None = None, **options: object) -> ExecResult:
    """Run one hostile program, then check what must hold after every one of them."""
    assert jail.run(Job(runtime="python", argv=["a.py"], files={"a.py": ""})).status == "ok"
    before = processes_below_us()
    program = (HOSTILE / name).read_text(encoding="utf-8")
    result = jail.run(
        Job(
            runtime="python",
            argv=[name, *arguments],
            files={name: program},
            limits=limits or Limits(wall_s=20),
            **options,
        )
    )
    deadline = time.monotonic() + 2
    while (left := processes_below_us() - before) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not left
    after = jail.run(Job(runtime="python", argv=["a.py"], files={"a.py": "print('green')"}))
    assert (after.status, after.stdout) == ("ok", "green\n")
    return result


def test_nothing_of_the_host_can_be_read(jail: Sandbox, tmp_path: Path) -> None:
    canary = tmp_path / "canary-file"
    canary.write_text("canary-content")
    os.environ["CANARY_API_KEY"] = "canary-content"
    try:
        result = execute(jail, "reads_the_host.py", str(canary))
    finally:
        del os.environ["CANARY_API_KEY"]
    lines = result.stdout.splitlines()
    assert result.status == "ok", result.stderr
    assert not [line for line in lines if line.startswith(("READ", "FOUND"))]
    assert "PASSWD runner:x:61000:61000::/tmp/home:/bin/sh" in lines
    assert {"PIDS [1, 2]", "HOSTNAME gradproof", "ENVIRONMENT", "DESCRIPTORS [0, 1, 2]"} <= set(lines)
    assert "canary-content" not in result.stdout


def test_nothing_can_be_written_outside_the_runs_own_folders(jail: Sandbox, tmp_path: Path) -> None:
    result = execute(jail, "writes_outside.py", str(tmp_path))
    assert (result.status, result.stdout) == ("ok", "")
    assert not list(tmp_path.iterdir())


def test_no_socket_leads_out(jail: Sandbox, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        abstract, path = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        abstract.bind("\0gradproof-canary")
        path.bind(str(tmp_path / "s"))
        listeners = [tcp, abstract, path]
        for listener in listeners[1:]:
            listener.listen()
        ports = [str(bound.getsockname()[1]) for bound in (tcp, udp)]
        result = execute(jail, "reaches_the_network.py", *ports, "gradproof-canary", str(tmp_path / "s"))
        for listener in (*listeners, udp):
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.recv(1) if listener is udp else listener.accept()
    assert (result.status, result.stdout) == ("ok", "TRIED\n")
    assert result.wall_s < 5


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the program uses the call numbers of x86-64")
def test_dangerous_calls_are_refused(jail: Sandbox) -> None:
    result = execute(jail, "asks_the_kernel.py")
    assert "CALLED" not in result.stdout
    assert "KILLED" not in result.stdout
    assert {"CLONE3 ENOSYS", "NoNewPrivs:\t1", "Seccomp:\t2"} <= set(result.stdout.splitlines())
    assert result.stdout.count("0000000000000000") == 2


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="x32 is an ABI of x86-64")
def test_a_foreign_architecture_ends_the_program(jail: Sandbox) -> None:
    result = execute(jail, "uses_a_foreign_architecture.py")
    assert (result.status, result.stdout) == ("killed", "")
    assert "SIGSYS" in (result.reason or "")


LIMITED = [
    ("multiplies.py", Limits(wall_s=20, processes=48), "killed", "processes and threads"),
    ("ignores_signals.py", Limits(wall_s=1), "timeout", "limit of 1 seconds"),
    ("ignores_signals.py", Limits(wall_s=20, cpu_s=0.5), "killed", "CPU seconds"),
    ("sleeps.py", Limits(wall_s=0.5), "timeout", "limit of 0.5 seconds"),
    ("takes_memory_slowly.py", Limits(memory_mb=200), "out_of_memory", "limit"),
    ("takes_memory_at_once.py", Limits(), "out_of_memory", "4096 MB"),
    ("takes_shared_memory.py", Limits(memory_mb=200), "out_of_memory", "200 MB"),
    ("takes_memory_in_children.py", Limits(memory_mb=300), "out_of_memory", "300 MB"),
    ("recurses.py", Limits(memory_mb=300), "out_of_memory", "300 MB"),
    ("overflows_the_stack.py", Limits(), "killed", "SIGSEGV"),
    ("floods_output.py", Limits(), "killed", "64 MB of output"),
]


@pytest.mark.parametrize(("name", "limits", "status", "reason"), LIMITED)
def test_each_limit_has_its_own_outcome(jail: Sandbox, name: str, limits: Limits, status: str, reason: str) -> None:
    result = execute(jail, name, limits=limits)
    assert result.status == status, result
    assert reason in (result.reason or "")


def test_threads_count_as_processes(jail: Sandbox) -> None:
    result = execute(jail, "multiplies_threads.py", limits=Limits(processes=32))
    assert result.status in ("killed", "error")
    assert "processes and threads" in (result.reason or "") or "can't start new thread" in result.stderr


def test_a_timeout_keeps_what_was_said_and_is_prompt(jail: Sandbox) -> None:
    result = execute(jail, "sleeps.py", limits=Limits(wall_s=0.5))
    assert result.stdout == "before the hang\n"
    assert result.wall_s < 1.5


def test_a_flood_of_output_keeps_head_and_tail(jail: Sandbox) -> None:
    result = execute(jail, "floods_output.py", limits=Limits(output_bytes=10_000))
    assert result.truncated
    assert result.stdout.startswith("first words")
    assert "bytes left out" in result.stdout
    assert len(result.stdout) < 10_200


def test_disk_and_names_run_out(jail: Sandbox) -> None:
    result = execute(jail, "fills_the_disk.py", limits=Limits(disk_mb=16, inodes=500, wall_s=20))
    assert result.status == "ok", result.stderr
    assert "NEVER" not in result.stdout
    assert "inodes ENOSPC" in result.stdout


def test_descriptors_run_out(jail: Sandbox) -> None:
    assert execute(jail, "opens_everything.py").stdout == "EMFILE True\n"


def test_a_daemon_does_not_outlive_its_run(jail: Sandbox) -> None:
    result = execute(jail, "leaves_a_daemon.py")
    assert (result.status, result.stdout) == ("ok", "left\n")
    assert result.wall_s < 5


def test_only_plain_files_are_copied_out(jail: Sandbox) -> None:
    result = execute(jail, "leaves_odd_files.py", collect=["out/**/*.txt", "folder_link/**"])
    assert [artifact.path for artifact in result.artifacts] == ["out/GOOD.txt"]
    assert "MADE" not in result.stdout.replace("MADE out/pipe.txt", "")
    told = "\n".join(result.artifacts_refused)
    for name in ("link.txt", "one.txt", "two.txt", "break.txt", "red.txt", "huge.txt", "good.txt", "d/d/d"):
        assert name in told
    assert "root:" not in "".join(artifact.content.decode() for artifact in result.artifacts)


def test_artifacts_end_at_their_limits(jail: Sandbox) -> None:
    program = "for n in range(5): open(f'{n}.bin', 'wb').write(bytes(600_000))"
    job = Job(runtime="python", argv=["a.py"], files={"a.py": program}, collect=["*.bin"])
    by_count = jail.run(job.model_copy(update={"limits": Limits(artifact_files=2)}))
    by_size = jail.run(job.model_copy(update={"limits": Limits(artifact_mb=1)}))
    assert [len(result.artifacts) for result in (by_count, by_size)] == [2, 1]
    assert [len(result.artifacts_refused) for result in (by_count, by_size)] == [3, 4]


def test_no_run_finds_what_another_left(jail: Sandbox) -> None:
    assert execute(jail, "leaves_traces.py").stdout == "left\n"
    assert execute(jail, "finds_traces.py").stdout == "[3] True\n"


def test_a_verdict_written_by_the_program_is_nothing_but_output(jail: Sandbox) -> None:
    result = execute(jail, "forges_evidence.py")
    assert (result.status, result.exit_code, result.evidence) == ("error", 7, [])


def test_what_is_no_frame_on_the_evidence_channel_ends_the_run(sandbox: Sandbox) -> None:
    program = 'import os, time\nos.write(3, b\'{"kind": "final"}\')\ntime.sleep(20)'
    job = Job(runtime="pytorch", argv=["a.py"], files={"a.py": program}, observe={"framework": "pytorch"})
    result = sandbox.run(job)
    assert (result.status, "evidence" in (result.reason or "")) == ("killed", True)
    assert not [frame for frame in result.evidence if frame.get("kind") == "final"]


def test_children_of_the_program_cannot_speak_as_the_observers(sandbox: Sandbox) -> None:
    program = """
import os, subprocess, sys
if os.fork() == 0:
    print(os.path.exists("/proc/self/fd/3"))
    os._exit(0)
os.wait()
print(subprocess.call([sys.executable, "-S", "-c", "import os; os.write(3, b'x')"]))
"""
    job = Job(runtime="pytorch", argv=["a.py"], files={"a.py": program}, observe={"framework": "pytorch"})
    result = sandbox.run(job)
    assert (result.status, result.stdout) == ("ok", "False\n1\n"), result
    assert result.evidence


def test_a_home_or_path_of_its_own_is_the_programs_business(jail: Sandbox) -> None:
    job = Job(runtime="python", argv=["a.py"], files={"a.py": ""}, env={"HOME": "/nowhere", "TMPDIR": "/nowhere"})
    assert jail.run(job).status == "ok"


def test_small_files_up_to_the_very_limits_fit(jail: Sandbox) -> None:
    files: dict[str, str | bytes] = {f"d{n}/f": "x" for n in range(230)} | {"a.py": ""}
    job = Job(runtime="python", argv=["a.py"], files=files, limits=Limits(disk_mb=1, inodes=480))
    assert jail.run(job).status == "ok"


BAD_JOBS = {
    "absolute": {"files": {"/etc/cron.d/x": "", "a.py": ""}},
    "parent": {"files": {"a/../../x": "", "a.py": ""}},
    "nul": {"files": {"a\0b": "", "a.py": ""}},
    "surrogate": {"files": {"a\udcff": "", "a.py": ""}},
    "too long": {"files": {"x" * 300: "", "a.py": ""}},
    "file in file": {"files": {"a.py": "", "a.py/b": ""}},
    "script elsewhere": {"files": {"a.py": ""}, "argv": ["../a.py"]},
    "argument": {"files": {"a.py": ""}, "argv": ["a.py", "\0"]},
    "variable": {"files": {"a.py": ""}, "env": {"A=B": "c"}},
    "surrogate argument": {"files": {"a.py": ""}, "argv": ["a.py", "\ud800"]},
    "too many": {"files": {"a.py": "", "b.py": ""}, "limits": Limits(inodes=10)},
    "too large": {"files": {"a.py": b"x" * (2 << 20)}, "limits": Limits(disk_mb=1)},
}


@pytest.mark.parametrize("what", BAD_JOBS)
def test_a_job_that_cannot_be_is_refused_with_a_sentence(jail: Sandbox, what: str) -> None:
    result = jail.run(Job(**{"runtime": "python", "argv": ["a.py"], **BAD_JOBS[what]}))
    assert result.status == "refused"
    assert (result.reason or "").endswith(".")


def test_runs_at_the_same_time_see_nothing_of_each_other(jail: Sandbox) -> None:
    program = "import os, sys, time\nopen('/tmp/mine', 'w').write(sys.argv[1])\ntime.sleep(0.3)\n"
    program += "print(open('/tmp/mine').read(), len([n for n in os.listdir('/proc') if n.isdecimal()]))"
    results: dict[int, ExecResult] = {}

    def one(number: int) -> None:
        results[number] = jail.run(Job(runtime="python", argv=["a.py", str(number)], files={"a.py": program}))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: result.stdout for number, result in results.items()} == {n: f"{n} 2\n" for n in range(6)}
