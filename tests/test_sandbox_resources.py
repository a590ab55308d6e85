"""Hostile programs that take disk, descriptors, time, output and what else is scarce."""

import os
import threading
from pathlib import Path

import pytest
from sandbox_abuse import GREEN, Attempt, Stage, assert_ended_by, cases, job, processes_below_us
from sandbox_backends import backends

from sandbox.schema import ExecResult, Limits

CASES, case = cases()
DISK_MB, INODES = 16, 500
MEMORY_MB = 256


def named(result: ExecResult) -> set[str]:
    return {hit.name for hit in result.limits_hit}


def fill(stage: Stage, how: str) -> Attempt:
    limits = Limits(disk_mb=DISK_MB, memory_mb=MEMORY_MB, inodes=INODES, wall_s=8)
    return Attempt(stage.execute("fills_the_disk.py", how, limits=limits, collect=["**/*.bin"]))


def ran_out(stage: Stage, attempt: Attempt, limit: str) -> bool:
    """The program was refused more, or, where a run has no file system of its own, was ended."""
    hits = [hit for hit in attempt.result.limits_hit if hit.name == limit]
    refuses = stage.name in ("A", "A-user")
    return len(hits) == 1 and attempt.result.status == ("ok" if refuses or not hits[0].ended else "killed")


@case("E5")
def a_crash_in_c_is_told_with_its_signal(stage: Stage) -> None:
    for how in ("null", "abort", "deep_pickle", "deep_repr"):
        result = stage.execute("crashes.py", how, limits=Limits(wall_s=20, memory_mb=1024))
        assert (result.status, result.stderr) == ("killed", "last words\n"), how
        assert ("SIGABRT" if how == "abort" else "SIGSEGV") in (result.reason or "")


@case("E6")
def a_full_disk_is_the_runs_own(stage: Stage) -> None:
    attempt = fill(stage, "content")
    assert ran_out(stage, attempt, "disk")
    if attempt.result.status == "ok":
        said = attempt.of("E6")
        assert {outcome for what, outcome in said.items() if what.endswith("fill")} <= {"ENOSPC", "EFBIG"}
        assert all(int(outcome) <= DISK_MB for what, outcome in said.items() if what.endswith("holds"))
    shared = fill(stage, "shared_memory").result
    assert (shared.status, shared.limits_hit[0].name) == ("out_of_memory", "memory")
    program = {"a.py": "import os; s = os.statvfs('/tmp'); print((s.f_blocks - s.f_bfree) * s.f_frsize >> 20)"}
    assert stage.run(GREEN.model_copy(update={"files": program})).stdout == "0\n"


@case("E7")
def names_run_out_and_collecting_ends(stage: Stage) -> None:
    attempt = fill(stage, "names")
    assert ran_out(stage, attempt, "inodes")
    assert len(attempt.result.artifacts) <= Limits().artifact_files
    assert len(attempt.result.artifacts_refused) <= 100
    assert attempt.result.status == "killed" or attempt.of("E7")["inodes"] == "ENOSPC"
    deep = fill(stage, "depth")
    assert (deep.result.status, deep.result.artifacts) == ("ok", [])
    assert deep.of("E7")["long name"] == "ENAMETOOLONG"
    assert any("folders deep" in refusal for refusal in deep.result.artifacts_refused)


@case("E8")
def a_sparse_file_is_bounded_too(stage: Stage) -> None:
    attempt = fill(stage, "sparse")
    said = attempt.of("E8")
    assert {said[how] for how in ("truncate", "seek", "allocate")} <= {"EFBIG", "ENOSPC"}
    assert int(said["size"]) <= MEMORY_MB << 20  # its length alone: one limit is for files and shared memory
    program = "open('large.bin', 'wb').truncate(100 << 20)"
    large = stage.run(GREEN.model_copy(update={"files": {"a.py": program}, "collect": ["*.bin"]}))
    assert (large.status, large.artifacts) == ("ok", [])
    assert "artifact_size" in named(large)


@case("E9")
def descriptors_run_out(stage: Stage) -> None:
    for kind in ("files", "pipes", "sockets", "epoll", "inotify", "memory", "pidfd"):
        result = stage.execute("opens_everything.py", kind, limits=Limits(open_files=100))
        refusal, number = result.stdout.split()
        assert refusal in ("EMFILE", "ENFILE", "EPERM", "ENOSYS"), (kind, result)
        assert int(number) < 100


@case("E10")
def busy_cores_are_given_back(stage: Stage) -> None:
    for how in ("processes", "threads"):
        ended: list[ExecResult] = []
        spinning = job("spins.py", how, limits=Limits(wall_s=20, cpu_s=1.5))
        busy = threading.Thread(target=lambda: ended.append(stage.run(spinning)))  # noqa: B023
        busy.start()
        beside = stage.run(GREEN)
        busy.join()
        assert beside.stdout == "green\n"
        assert_ended_by(ended[0], "cpu")
        assert ended[0].wall_s < 10


def resident_mb() -> dict[int, int]:
    """Of this process and of those below it that are hosts, by pid."""
    found = {}
    for pid in {os.getpid(), *processes_below_us()}:
        try:
            lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
            found[pid] = int(lines["VmRSS"].split()[0]) >> 10
        except (OSError, KeyError):
            continue
    return found


@case("E11")
def a_flood_of_output_is_cut_and_ended(stage: Stage) -> None:
    stage.execute("floods_output.py", "plain", limits=Limits(wall_s=4, output_bytes=10_000))
    before = resident_mb()
    for how in ("plain", "errors"):
        result = stage.execute("floods_output.py", how, limits=Limits(wall_s=4, output_bytes=10_000))
        assert result.status == "killed", result
        assert_ended_by(result, "output")
        flooded = result.stderr if how == "errors" else result.stdout
        assert result.truncated
        assert "bytes left out" in flooded
        assert len(flooded) < 10_200
        assert result.stdout.startswith("first words")
    grown = {pid: now - before[pid] for pid, now in resident_mb().items() if pid in before and now - before[pid] > 32}
    assert not grown


@case("E12")
def output_that_drips_does_not_extend_the_time(stage: Stage) -> None:
    result = stage.execute("floods_output.py", "drip", limits=Limits(wall_s=0.6))
    assert result.status == "timeout"
    assert_ended_by(result, "wall")
    assert result.wall_s < 1.6
    assert result.stdout.startswith("first words\n....")


@case("E13")
def output_is_text_whatever_was_written(stage: Stage) -> None:
    program = (
        "import os\nos.write(1, bytes(range(256)) + b'\\xed\\xa0\\x80\\xf5\\xff \\xe2\\x80\\xae```html <script>')\n"
    )
    result = stage.run(GREEN.model_copy(update={"files": {"a.py": program}}))
    assert result.status == "ok"
    assert "\\x80\\x81" in result.stdout
    assert result.stdout.encode("utf-8").decode("utf-8") == result.stdout
    assert type(result).model_validate_json(result.model_dump_json()).stdout == result.stdout


@case("E14")
def an_archive_that_bursts_is_only_bytes(stage: Stage) -> None:
    program = "import gzip, zipfile\nopen('b.gz', 'wb').write(gzip.compress(bytes(100 << 20)))\n"
    program += "with zipfile.ZipFile('b.npz', 'w', 8) as z: z.writestr('x.npy', bytes(100 << 20))\n"
    before = resident_mb()[os.getpid()]
    result = stage.run(GREEN.model_copy(update={"files": {"a.py": program}, "collect": ["*"]}))
    assert {one.path for one in result.artifacts} == {"b.gz", "b.npz"}
    assert all(one.bytes == len(one.content) < 1 << 20 for one in result.artifacts)
    assert resident_mb()[os.getpid()] - before < 50


def quotas(stage: Stage) -> Attempt:
    return Attempt(stage.execute("keeps_quotas.py"))


@case("E15")
def what_is_counted_per_user_is_refused(stage: Stage) -> None:
    attempt = stage.once(quotas)
    assert attempt.result.status == "ok", attempt.result
    assert not attempt.worked("E15")
    limits = {name: int(limit) for name, limit in attempt.of("limits").items()}
    assert (limits["CORE"], limits["MSGQUEUE"], limits["NICE"], limits["RTPRIO"]) == (1, 0, 0, 0)
    assert limits["MEMLOCK"] <= 65536
    assert limits["FSIZE"] == Limits().memory_mb << 20
    assert 0 < limits["NPROC"] < 1000
    assert 0 < limits["CPU"] < 20 * (os.cpu_count() or 1) + 10
    assert 0 < limits["DATA"] < 8 << 30
    assert (limits["NOFILE"], limits["oom"]) == (1024, 1000)
    assert int(attempt.of("timers")["made"]) <= 10_000


@case("E16")
def a_source_that_bursts_the_compiler_ends_in_its_run(stage: Stage) -> None:
    bombs = ["x = " + "(" * 5000 + ")" * 5000, "x = 1 << (1 << 40)", "x = 'x' * (1 << 40)", "-" * 200_000 + "1"]
    bombs += ["x = " + "[" * 190 + "1" + "]" * 190 + "\nprint(((1 << 10**9) * 3).bit_length())"]
    for bomb in bombs:
        limits = Limits(wall_s=5, memory_mb=300)
        result = stage.run(GREEN.model_copy(update={"files": {"a.py": bomb}, "limits": limits}))
        assert result.status in ("error", "out_of_memory", "killed", "timeout", "ok"), bomb[:20]
        assert stage.run(GREEN).stdout == "green\n"


@case("E17")
def no_core_is_dumped(stage: Stage) -> None:
    folder = Path.cwd()
    before = {path.name for path in folder.iterdir()}
    result = stage.execute("crashes.py", "core", collect=["*core*"])
    assert "dumped False" in result.stdout
    assert "left []" in result.stdout
    assert result.artifacts == []
    assert not [path for path in folder.iterdir() if path.name not in before and "core" in path.name]


@case("E18")
def runs_at_the_same_time_have_counts_of_their_own(stage: Stage) -> None:
    program = "import threading, time\n"
    program += "ts = [threading.Thread(target=time.sleep, args=(0.5,)) for _ in range(100)]\n"
    program += "[t.start() for t in ts]\n[t.join() for t in ts]\nprint('all of them')"
    run = GREEN.model_copy(update={"files": {"a.py": program}, "limits": Limits(wall_s=20, processes=120)})
    results: list[ExecResult] = []
    threads = [threading.Thread(target=lambda: results.append(stage.run(run))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(result.status, result.stdout) for result in results] == [("ok", "all of them\n")] * 3


@pytest.mark.parametrize("name", CASES)
@backends()
def test_what_is_scarce_is_given_out_by_limits(stage: Stage, name: str) -> None:
    stage.check(name, CASES)
