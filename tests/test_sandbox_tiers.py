"""Which walls can be had on a machine is found out by trying, and never lowered in silence."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_backends import Driver, open_driver

from sandbox.base import Sandbox
from sandbox.doctor import diagnose
from sandbox.errors import SandboxError
from sandbox.open import open_sandbox
from sandbox.schema import ExecResult, Job, Limits
from sandbox.verify import verify

ROOT = Path(__file__).resolve().parents[1]
NO_USER_NAMESPACES = (
    "/usr/bin/unshare",
    *("--user", "--map-current-user", "--keep-caps", "--", "/bin/sh", "-c"),
    'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --inh-caps=-all --ambient-caps=-all -- "$@"',
    "sh",
)
"""A machine whose administrator has switched user namespaces off."""
NO_UNSHARE = f"""
import os, sys; sys.path.insert(0, {str(ROOT)!r})
from sandbox.local.inside import linux, seccomp
linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
column = list(seccomp._ARCHITECTURES).index(os.uname().machine)
refuse = seccomp._when_call(seccomp._REFUSED["unshare"][column], seccomp._refuse(1))
linux.load_seccomp(seccomp._step(seccomp._LOAD, 0) + refuse + seccomp._step(seccomp._RETURN, seccomp._ALLOW))
os.execv(sys.argv[1], sys.argv[1:])
"""
"""A machine on which bubblewrap can make a jail, and nothing can nest namespaces in it, as on some of Ubuntu's."""
LISTS_ITSELF = "import os; print(sorted(int(name) for name in os.listdir('/proc') if name.isdecimal()))"


@pytest.fixture(scope="module")
def unjailed() -> Iterator[Driver]:
    with open_driver({"kind": "unjailed"}, user=os.geteuid() == 0) as driver:
        yield driver


def job(code: str, **options: object) -> Job:
    return Job(runtime="python", argv=["main.py"], files={"main.py": code}, **options)


def test_without_user_namespaces_nothing_is_run_unless_told_to_and_the_remedy_is_named() -> None:
    refusal = r"max_user_namespaces.*GRADPROOF_SANDBOX=docker.*unjailed"
    with pytest.raises(SandboxError, match=refusal), open_driver({}, user=True, within=NO_USER_NAMESPACES):
        pass
    with open_driver({"kind": "unjailed"}, user=True, within=NO_USER_NAMESPACES) as driver:
        assert driver.run(job("")).tier == "C"


@pytest.mark.skipif(os.uname().machine not in ("x86_64", "aarch64"), reason="the filter knows two architectures")
def test_where_namespaces_do_not_nest_programs_take_turns_in_one_jail() -> None:
    within = (sys.executable, "-c", NO_UNSHARE)
    with open_driver({}, user=True, within=within) as driver:
        result = driver.run(job(LISTS_ITSELF))
    assert (result.status, result.tier) == ("ok", "B")
    assert len(result.stdout.split(",")) == 4  # the jail's first process, the zygote, the supervisor, the program
    with pytest.raises(SandboxError, match="cannot be jailed"), open_driver({"tier": "A"}, user=True, within=within):
        pass


def test_without_a_jail_the_machine_is_still_closed_to_accidents(unjailed: Driver, tmp_path: Path) -> None:
    (tmp_path / "canary").write_text("canary")
    tmp_path.chmod(0o777)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    code = f"""
import os, socket
def attempt(name, action):
    try: print(name, action())
    except OSError as error: print(name, "refused")
attempt("read", lambda: open({str(tmp_path / "canary")!r}).read())
attempt("write", lambda: open({str(tmp_path / "planted")!r}, "w"))
attempt("home", lambda: os.listdir({str(Path.home())!r}))
attempt("internet", lambda: socket.socket())
attempt("kill", lambda: os.kill(os.getppid(), 9))
attempt("kill all", lambda: os.kill(-1, 9))
attempt("environment", lambda: open(f"/proc/{{os.getppid()}}/environ").read())
print("own", open("own.txt", "w").write("x"), os.environ["HOME"] == os.path.expanduser("~"))
"""
    result = unjailed.run(job(code, collect=["*.txt"]))
    said = dict(line.rsplit(" ", 1) for line in result.stdout.splitlines())
    assert said.pop("own 1") == "True", result
    assert set(said.values()) == {"refused"}
    assert [artifact.path for artifact in result.artifacts] == ["own.txt"]
    assert not (tmp_path / "planted").exists()


def test_without_a_jail_a_run_leaves_neither_processes_nor_files(unjailed: Driver) -> None:
    code = """
import os, time
for name in ("a/b/c",): os.makedirs(name)
os.chmod("a/b", 0)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(600)
    os._exit(0)
print(os.getcwd())
"""
    result = unjailed.run(job(code))
    assert result.status == "ok"
    assert not Path(result.stdout.strip()).parent.exists()
    assert not [one for one in _commands() if "gradproof" in one and result.stdout.strip() in one]


def test_without_a_jail_shared_memory_is_counted_and_removed(unjailed: Driver) -> None:
    code = """
import sys, time
from pathlib import Path
for n in range(30):
    Path(f"/dev/shm/gradproof-test-{n}").write_bytes(bytes(10 << 20))
time.sleep(5)
"""
    result = unjailed.run(job(code, limits=Limits(wall_s=20, memory_mb=100)))
    assert (result.status, result.limits_hit[0].name) == ("out_of_memory", "memory")
    assert not list(Path("/dev/shm").glob("gradproof-test-*"))


def test_without_a_jail_files_without_a_name_count_and_closed_folders_are_removed(unjailed: Driver) -> None:
    code = """
import os, time
os.makedirs("/dev/shm/gradproof-test/a/b")
open("/dev/shm/gradproof-test/a/b/c", "w").close()
for folder in ("/dev/shm/gradproof-test/a", "/dev/shm/gradproof-test"): os.chmod(folder, 0)
held = []
for n in range(8):
    held.append(open("hidden", "wb"))
    os.unlink("hidden")
    held[-1].write(bytes(4 << 20))
    held[-1].flush()
time.sleep(5)
"""
    result = unjailed.run(job(code, limits=Limits(wall_s=20, disk_mb=16)))
    assert (result.status, result.limits_hit[0].name) == ("killed", "disk")
    assert not Path("/dev/shm/gradproof-test").exists()


def _commands() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                found.append(os.readlink(entry / "cwd"))  # noqa: PTH115
            except OSError:
                continue
    return found


@pytest.mark.parametrize("kind", ["unjailed", "B"])
def test_limits_are_watched_where_the_kernel_cannot_hold_them(kind: str, unjailed: Driver) -> None:
    fills = "import time\nfor n in range(400): open(str(n), 'w').write('x' * 100_000)\ntime.sleep(5)"
    limits = Limits(wall_s=20, disk_mb=16)
    if kind == "unjailed":
        result = unjailed.run(job(fills, limits=limits))
    else:
        with open_sandbox(tier="B") as sandbox:
            result = sandbox.run(job(fills, limits=limits))
            assert (
                sandbox.run(job("import os; print(os.listdir('.'), os.listdir('/dev/shm'))")).stdout
                == "['main.py'] []\n"
            )
    assert (result.status, result.limits_hit[0].name, result.limits_hit[0].ended) == ("killed", "disk", True)
    assert result.limits_hit[0].used > 16


def test_without_a_jail_roots_programs_need_an_interpreter_that_others_can_read(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root's programs become another user")
    (tmp_path / "python").symlink_to(sys.executable)
    tmp_path.chmod(0o700)
    refusal = pytest.raises(SandboxError, match="start gradproof as an ordinary user")
    with open_sandbox(kind="unjailed", runtimes={"python": tmp_path / "python"}) as sandbox, refusal:
        sandbox.run(job(""))


class Remote:
    """A host in another process, in the place of a sandbox."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def run(self, job: Job, **_: object) -> ExecResult:
        return self._driver.run(job)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["torch_class", "keras_fit"])
@pytest.mark.parametrize("options", [{"tier": "B"}, {"kind": "unjailed"}], ids=["B", "C"])
def test_a_report_is_the_same_in_every_tier(options: dict[str, str], name: str, sandbox: Sandbox) -> None:
    files = {f"{name}.py": (ROOT / "tests" / "data" / "scripts" / f"{name}.py").read_text(encoding="utf-8")}
    framework = "pytorch" if name.startswith("torch") else "tensorflow"
    here = verify(files, framework=framework, sandbox=sandbox)
    with open_driver(options, user=os.geteuid() == 0) as driver:
        there = verify(files, framework=framework, sandbox=Remote(driver))
    assert here.status == there.status == "passed"
    assert [(one.id, one.status) for one in here.checks] == [(one.id, one.status) for one in there.checks]


def test_the_doctor_runs_a_program_and_says_in_which_tier() -> None:
    probes = {probe.name: probe for probe in diagnose()}
    assert probes["sandbox"].ok and "tier A" in probes["sandbox"].detail
    assert "refuses to write" in probes["landlock"].detail


@pytest.mark.parametrize("kind", ["unjailed", "B"])
def test_a_program_that_closes_or_replaces_its_own_folders_is_cleaned_up_behind(kind: str, unjailed: Driver) -> None:
    code = """
import os, time
base, work = os.environ["TMPDIR"], os.getcwd()
os.rename(work, base + "/elsewhere")
os.symlink("/usr", work)
time.sleep(0.3)
for folder in ("/dev/shm", base):
    try: os.chmod(folder, 0)
    except OSError: pass
print("done")
"""
    limits = Limits(wall_s=20, disk_mb=64, inodes=1000)
    if kind == "unjailed":
        result, after = unjailed.run(job(code, limits=limits)), unjailed.run(job(""))
    else:
        with open_sandbox(tier="B") as sandbox:
            result, after = sandbox.run(job(code, limits=limits)), sandbox.run(job(""))
    assert (result.status, result.stdout, after.status) == ("ok", "done\n", "ok"), result
