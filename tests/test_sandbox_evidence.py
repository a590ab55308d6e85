"""Hostile programs that want to be believed: what they write is output, and only facts of the supervisor count."""

import hashlib

import pytest
from sandbox_abuse import GREEN, SECRET, Stage, assert_ended_by, cases, job
from sandbox_backends import backends

from sandbox.schema import Limits

CASES, case = cases()


@case("H1")
def leaving_early_is_told_as_it_is(stage: Stage) -> None:
    for code, exit_code in {"raise SystemExit": 0, "import sys; sys.exit(3)": 3, "exit('words')": 1}.items():
        result = stage.run(GREEN.model_copy(update={"files": {"a.py": code}}))
        assert (result.status, result.exit_code) == ("error" if exit_code else "ok", exit_code), code
        assert result.evidence == []


@case("H3")
def a_verdict_in_the_output_is_output(stage: Stage) -> None:
    result = stage.execute("forges_evidence.py", "at once")
    assert (result.status, result.exit_code, result.evidence) == ("error", 7, [])
    assert result.stdout.startswith("PASS\n")
    assert result.limits_hit == []


@case("H5")
def nothing_written_late_counts(stage: Stage) -> None:
    result = stage.execute("forges_evidence.py", "in a thread")
    assert (result.status, result.exit_code, result.evidence) == ("error", 7, [])
    late = stage.execute("forges_evidence.py", "at exit")
    assert late.evidence == []
    assert "RuntimeError: not hidden" in late.stderr


@case("H8")
def the_host_keeps_no_secret_where_a_program_can_look(stage: Stage) -> None:
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    told = (SECRET[:8], str(len(SECRET)), digest)
    planted = stage.run(job("searches_its_memory.py", *told, env={"PLANTED": SECRET}))
    assert "found 0" not in planted.stdout, "the search finds nothing at all"
    result = stage.execute("searches_its_memory.py", *told)
    said = dict(line.split(" ", 1) for line in result.stdout.splitlines())
    assert result.status == "ok", result
    assert said["searched"] == "True"
    assert said["found"] == "0"


@case("I4")
def no_memory_is_shared_with_other_runs(stage: Stage) -> None:
    result = stage.execute("searches_its_memory.py", "nothing", "7", "")
    assert "shared []" in result.stdout.splitlines()


@case("H16")
def hooks_do_not_hide_a_failure(stage: Stage) -> None:
    result = stage.execute("forges_evidence.py", "hooks")
    assert result.status == "error"
    assert "RuntimeError: not hidden" in result.stderr


@case("H18")
def time_is_the_supervisors(stage: Stage) -> None:
    program = "import time\nbefore = time.monotonic\ntime.time = time.monotonic = time.perf_counter = lambda: 0.0\n"
    program += "time.sleep(0.3)\ntime.sleep = lambda _: None\nwhile True: pass"
    limits = Limits(wall_s=0.6)
    result = stage.run(GREEN.model_copy(update={"files": {"a.py": program}, "limits": limits}))
    assert result.status == "timeout"
    assert 0.6 <= result.wall_s < 1.6


@pytest.mark.parametrize("name", CASES)
@backends()
def test_what_a_program_says_of_itself_is_output(stage: Stage, name: str) -> None:
    stage.check(name, CASES)


OBSERVED, observed = cases()
RUN = {"runtime": "pytorch", "observe": {"framework": "pytorch"}}


@observed("H4")
def what_is_no_frame_ends_the_run(stage: Stage) -> None:
    for forged in (b'{"kind": "final"}', b"\xff\xff\xff\xff", b"\0\0\0\x03[1]", b'\0\0\0\x0c{"a": NaN} ...'):
        program = f"import os, time\nos.write(3, {forged!r})\ntime.sleep(20)"
        run = job("attempts.py", files={"a.py": program}, **RUN).model_copy(update={"argv": ["a.py"]})
        result = stage.run(run)
        assert (result.status, "evidence" in (result.reason or "")) == ("killed", True), forged
        assert not [frame for frame in result.evidence if frame.get("kind") == "final"]


@observed("H4 flood")
def a_flood_of_frames_ends_the_run(stage: Stage) -> None:
    program = "import os\nwhile True: os.write(3, b'\\0\\0\\0\\x02{}')"
    limits = Limits(wall_s=12, evidence_bytes=100_000)
    run = job("attempts.py", files={"a.py": program}, limits=limits, **RUN).model_copy(update={"argv": ["a.py"]})
    result = stage.run(run)
    assert result.status == "killed"
    assert_ended_by(result, "evidence")


@observed("C15")
def the_channel_of_evidence_carries_no_descriptors(stage: Stage) -> None:
    program = "import os, socket, stat\nprint(stat.S_ISFIFO(os.fstat(3).st_mode))\n"
    program += (
        "for number in (1, 2, 3):\n    try:\n        socket.send_fds(socket.socket(fileno=number), [b'x'], [0])\n"
    )
    program += "    except OSError as refusal:\n        os.write(2, refusal.strerror.encode())\n"
    program += "for number in range(4, 1024):\n    try:\n        os.fstat(number)\n        print('open', number)\n"
    program += "    except OSError:\n        pass\n"
    run = job("attempts.py", files={"a.py": program}, **RUN).model_copy(update={"argv": ["a.py"]})
    result = stage.run(run)
    assert result.stdout == "True\n", result
    assert "non-socket" in result.stderr


@observed("I5")
def children_of_a_program_cannot_speak_as_the_observers(stage: Stage) -> None:
    program = (
        "import os, subprocess, sys\nif os.fork() == 0:\n    print(os.path.exists('/proc/self/fd/3'), flush=True)\n"
    )
    program += "    os._exit(0)\nos.wait()\n"
    program += "print(subprocess.call([sys.executable, '-S', '-c', \"import os; os.write(3, b'x')\"]))"
    run = job("attempts.py", files={"a.py": program}, **RUN).model_copy(update={"argv": ["a.py"]})
    result = stage.run(run)
    assert (result.status, result.stdout) == ("ok", "False\n1\n"), result
    assert result.evidence


@pytest.mark.parametrize("name", OBSERVED)
@backends()
def test_what_is_no_evidence_is_not_taken_for_it(stage: Stage, name: str) -> None:
    stage.check(name, OBSERVED)
