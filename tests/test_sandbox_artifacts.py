"""Hostile programs that leave something behind for the host to read."""

import ast
import pickle
from pathlib import Path

import pytest
from sandbox_abuse import GREEN, Attempt, Stage, cases
from sandbox_backends import ROOT, backends

from sandbox.local.inside import landlock
from sandbox.schema import Limits

CASES, case = cases()
COPY = "import shutil\nshutil.copytree('in', 'out')"
"""What a program was given is no artifact of its own."""


def leaving(stage: Stage) -> Attempt:
    result = stage.execute("leaves_odd_files.py", collect=["out/**", "folder_link/**", "*"])
    assert result.status == "ok", result
    return Attempt(result)


def taken(attempt: Attempt) -> dict[str, bytes]:
    return {artifact.path: artifact.content for artifact in attempt.result.artifacts}


def assert_refused(attempt: Attempt, *names: str) -> None:
    """None of them is there, and each is named in a sentence."""
    told = "\n".join(attempt.result.artifacts_refused)
    assert not [name for name in names if f"out/{name}" in taken(attempt)]
    assert not [name for name in names if name not in told]


@case("G1")
def links_are_not_followed(stage: Stage) -> None:
    attempt = stage.once(leaving)
    assert len(attempt.of("G1")) == 6
    assert_refused(attempt, "link.txt", "loop.txt", "dangling.txt", "inner.txt", "proc.txt")
    assert not [content for content in taken(attempt).values() if b"runner:" in content or b"root:" in content]


@case("G2")
def folders_that_are_links_are_not_entered(stage: Stage) -> None:
    attempt = stage.once(leaving)
    assert_refused(attempt, "linked_folder", "up")
    assert not [path for path in taken(attempt) if path.startswith(("folder_link", "out/up", "out/linked_folder"))]


@case("G3")
def files_with_two_names_are_not_copied(stage: Stage) -> None:
    attempt = stage.once(leaving)
    assert set(attempt.worked("G3")) == {"own"}
    assert_refused(attempt, "one.txt", "two.txt")


@case("G4")
def a_pipe_does_not_hold_up_the_collector(stage: Stage) -> None:
    attempt = stage.once(leaving)
    assert "out/pipe.txt" not in taken(attempt)
    if landlock.abi():
        assert attempt.of("G4")["pipe"] == "EACCES"
    if attempt.worked("G4"):
        assert_refused(attempt, "pipe.txt")


@case("G5")
def devices_and_sockets_are_not_copied(stage: Stage) -> None:
    attempt = stage.once(leaving)
    assert set(attempt.worked("G5")) <= {"socket"}
    assert not [path for path in taken(attempt) if path.endswith(("device.txt", "block.txt", "socket.txt"))]
    if attempt.worked("G5"):
        assert_refused(attempt, "socket.txt")


@case("G6")
def odd_names_are_refused(stage: Stage) -> None:
    attempt = stage.once(leaving)
    assert_refused(attempt, "line", "red.txt", "back", "nnnn", "-rf.txt", "CON.txt")
    paths = list(taken(attempt))
    assert all(path.isprintable() and "\\" not in path and ".." not in path.split("/") for path in paths)
    assert len({path.casefold() for path in paths}) == len(paths)
    assert len({"out/good.txt", "out/GOOD.txt"} & set(paths)) == 1
    assert len({"out/e\u0301.txt", "out/\u00e9.txt"} & set(paths)) == 1
    assert not [path for path in paths if path.startswith("/") or "\u202e" in path]


@case("G7")
def files_cannot_change_while_they_are_read(stage: Stage) -> None:
    for _ in range(8):
        result = stage.execute("swaps_files.py", collect=["out/*"])
        assert {artifact.content for artifact in result.artifacts} <= {b"plain", b""}


TOUCHES = "import glob, os\nfor path in glob.glob('out/*'): os.utime(path)\nprint('green')"
"""Makes artifacts of the files that it was given."""


class Bomb:
    """Makes a file of the host when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple:
        return (Path.touch, (self.marker,))


@case("G8")
def a_pickle_is_only_bytes(stage: Stage) -> None:
    marker = Path("/tmp") / "gradproof-unpickled"
    bomb = pickle.dumps(Bomb(marker))
    names = ("model.pt", "data.pkl", "array.npy", "model.joblib", "weights.h5")
    files = {"a.py": TOUCHES, **{f"out/{name}": bomb for name in names}}
    result = stage.run(GREEN.model_copy(update={"files": files, "collect": ["out/*"]}))
    assert {artifact.path: artifact.content for artifact in result.artifacts} == {f"out/{name}": bomb for name in names}
    assert not marker.exists()


@case("G9")
def a_header_that_lies_is_only_bytes(stage: Stage) -> None:
    huge = (1 << 60).to_bytes(8, "little") + b'{"x": {"dtype": "F64", "shape": [1152921504606846976]}}'
    npy = b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (99999999999,), }"
    left = {"out/model.safetensors": huge, "out/x.npy": npy, "out/x.npz": b"PK\x03\x04" + npy}
    files = {"a.py": TOUCHES, **left}
    result = stage.run(GREEN.model_copy(update={"files": files, "collect": ["out/*"]}))
    assert [artifact.bytes for artifact in result.artifacts] == [len(huge), len(npy), len(npy) + 4]


@case("G10")
def artifacts_end_at_their_limits(stage: Stage) -> None:
    program = "for n in range(3000): open(f'{n:04}.bin', 'wb').write(b'x' * 1000)"
    files = {"a.py": program}
    for limits, name, number in (
        (Limits(artifact_files=20), "artifacts", 20),
        (Limits(artifact_mb=1), "artifacts", 200),
        (Limits(artifact_mb=1, artifact_files=2000), "artifact_size", (1 << 20) // 1000),
    ):
        job = GREEN.model_copy(update={"files": files, "collect": ["*.bin"], "limits": limits})
        result = stage.run(job)
        assert len(result.artifacts) == number
        assert name in {hit.name for hit in result.limits_hit}
        assert 0 < len(result.artifacts_refused) <= 100


@case("G12")
def a_file_named_as_a_result_is_a_file(stage: Stage) -> None:
    attempt = stage.once(leaving)
    assert attempt.result.status == "ok"
    assert taken(attempt)["out/result.json"] == b'{"status": "passed"}'
    assert attempt.result.evidence == []


@pytest.mark.parametrize("name", CASES)
@backends()
def test_what_a_program_leaves_is_data(stage: Stage, name: str) -> None:
    stage.check(name, CASES)


NEVER = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
INSIDE = {"checks", "inside", "patterns", "faults", "examples"}
"""Folders whose files run in the sandbox, if at all."""


def test_the_host_never_unpickles() -> None:
    """Nothing that runs on the host's side imports what unpickles, or calls a loader that does."""
    found = []
    for folder in ("assistant", "sandbox", "knowledge", "ingest"):
        for path in (ROOT / folder).rglob("*.py"):
            if not INSIDE & set(path.relative_to(ROOT).parts):
                found += [f"{path}:{node.lineno}" for node in ast.walk(ast.parse(path.read_text())) if unpickles(node)]
    assert found == []


def unpickles(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return bool(NEVER & {alias.name.split(".")[0] for alias in node.names})
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] in NEVER
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        called = f"{node.func.value.id}.{node.func.attr}"
        arguments = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
        return called == "torch.load" or (called in ("np.load", "numpy.load") and arguments.get("allow_pickle") is True)
    return False
