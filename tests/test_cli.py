"""The command from outside: what it prints, and its exit status."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from command import COMMAND, gradproof, running
from process_table import below, wait_until

from assistant import Assistant
from assistant.cli import main

DRAFTS = Path(__file__).parent / "data" / "drafts"
Here = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def gradproof_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """The command in this process, where it ends before it would open anything: starting another takes seconds."""

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", [str(COMMAND), *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return subprocess.CompletedProcess(sys.argv, int(ended.value.code or 0), *capsys.readouterr())

    return run


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The error, which is one line without a traceback."""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("gradproof: ")
    assert "Traceback" not in done.stderr
    return lines[0]


def test_help_names_every_command() -> None:
    done = gradproof("--help")
    assert done.returncode == 0
    commands = ["ask", "request", "verify", "search", "run", "ingest", "chat", "web", "doctor", "bench"]
    assert all(f"  {name} " in done.stdout for name in commands)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ask", ""], "empty"),
        (["ask"], "empty"),
        (["ask", "classify", "digits", "--framework", "jax"], "framework"),
        (["ask", "classify digits with dropout 1.5"], "dropout"),
        (["ask", "classify this", "--file", "no-such.csv"], "no-such.csv"),
        (["request", "no-such.json"], "no-such.json"),
        (["verify", "no-such.py"], "no-such.py"),
        (["run", "no-such.py"], "no-such.py"),
        (["ingest"], "nothing to read"),
        (["ingest", "no-such-folder"], "no-such-folder"),
        (["ingest", ""], "'' does not exist"),
        (["bake"], "bake"),
        (["ask", "classify iris", "--time-limit", "nan"], "--time-limit"),
        (["ask", "classify iris", "--time-limit", "inf"], "--time-limit"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_status_2(gradproof_here: Here, words: list[str], said: str) -> None:
    done = gradproof_here(*words)
    assert done.returncode == 2, done.stderr
    assert said in one_sentence(done)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x = 1\n", "imports neither PyTorch nor TensorFlow"),
        ("import torch\nimport tensorflow\n", "--framework pytorch or --framework tensorflow"),
    ],
)
def test_a_framework_that_is_not_clear_is_asked_for_by_the_option_that_tells_it(
    gradproof_here: Here, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "a.py").write_text(content)
    done = gradproof_here("verify", tmp_path / "a.py")
    assert done.returncode == 2, done.stderr
    assert said in one_sentence(done)


def test_a_notebook_is_told_to_be_made_a_script_first(gradproof_here: Here, tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text('{"cells": []}')
    done = gradproof_here("verify", tmp_path / "a.ipynb")
    assert done.returncode == 2, done.stderr
    assert "nbconvert" in one_sentence(done)


@pytest.mark.parametrize("option", ["--html", "--sarif"])
@pytest.mark.parametrize(("name", "said"), [("a.py", "replaced"), ("here", "folder"), ("gone/a.html", "folder")])
def test_a_report_never_replaces_code_and_needs_a_place(
    gradproof_here: Here, tmp_path: Path, option: str, name: str, said: str
) -> None:
    script = tmp_path / "a.py"
    script.write_text("import torch\n")
    (tmp_path / "here").mkdir()
    done = gradproof_here("verify", script, option, tmp_path / name)
    assert done.returncode == 2, done.stderr
    assert said in one_sentence(done)
    assert script.read_text() == "import torch\n"


def test_json_that_is_meant_for_the_program_prints_none(gradproof_here: Here) -> None:
    done = gradproof_here("verify", "no-such.py", "--", "--json")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b\n1,2,3\n1\n", b"\x89PNG\r\n\x1a\n\x00\x00", b"only\none\ncolumn\n"],
    ids=["empty", "ragged", "binary", "one column"],
)
def test_a_malformed_table_is_one_sentence_and_exit_status_2(
    gradproof_here: Here, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "bad.csv").write_bytes(content)
    done = gradproof_here("ask", "predict the last column", "--file", tmp_path / "bad.csv")
    assert done.returncode == 2, done.stderr
    assert "bad.csv" in one_sentence(done)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"ml_task": {"type": "classification"}, "training_config": {"batch_size": "many"}}, "batch_size"),
        ({"ml_task": {"type": "cooking"}}, "ml_task.type"),
        ({"ml_task": {"type": "regression"}, "colour": "red"}, "colour"),
        ({}, "ml_task"),
    ],
)
def test_a_request_with_a_wrong_field_is_one_sentence_that_names_it(
    gradproof_here: Here, tmp_path: Path, content: dict[str, Any], field: str
) -> None:
    (tmp_path / "request.json").write_text(json.dumps(content), encoding="utf-8")
    done = gradproof_here("request", tmp_path / "request.json")
    assert done.returncode == 2
    assert field in one_sentence(done)


def test_an_output_folder_that_is_not_empty_is_refused_before_any_work_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    done = gradproof("ask", "classify the digits with a CNN", "--out", tmp_path)
    assert done.returncode == 2
    assert "--force" in one_sentence(done)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_corrupt_index_is_one_sentence_and_exit_status_3_and_can_be_rebuilt(
    assistant: Assistant, own_environment: Path, tmp_path: Path
) -> None:
    home = {"GRADPROOF_HOME": str(tmp_path)}
    assistant.open_index()
    shutil.copytree(own_environment / "index", tmp_path / "index")
    folder = tmp_path / "index" / (tmp_path / "index" / "CURRENT").read_text(encoding="utf-8").strip()
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"\x00" * 7)
    done = gradproof("search", "cosine schedule", **home)
    assert done.returncode == 3
    assert "gradproof ingest --rebuild" in one_sentence(done)
    assert gradproof("ingest", "--rebuild", **home).returncode == 0
    assert gradproof("search", "cosine schedule", **home).returncode == 0


def test_a_sandbox_that_cannot_start_is_one_sentence_and_exit_status_3(tmp_path: Path) -> None:
    for program in ("python3", "sh"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    done = gradproof("run", DRAFTS / "good.py", PATH=str(tmp_path))
    assert done.returncode == 3, (done.stdout, done.stderr)
    assert "bubblewrap" in one_sentence(done)


def test_an_error_with_json_is_still_exactly_one_object() -> None:
    done = gradproof("ask", "", "--json")
    assert json.loads(done.stdout)["exit_status"] == done.returncode == 2


def test_a_question_outside_the_scope_is_declined_with_exit_status_4() -> None:
    done = gradproof("ask", "what is the weather in Paris?")
    assert done.returncode == 4
    assert done.stdout


def test_the_question_can_come_from_standard_input() -> None:
    assert gradproof("ask", "-", given="write me a poem").returncode == 4


def test_search_prints_the_promised_fields() -> None:
    done = gradproof("search", "cosine", "learning rate schedule", "-k", "2", "--framework", "pytorch", "--json")
    found = json.loads(done.stdout)
    assert set(found) == {"results", "outdated", "notes", "took_ms"}
    first = found["results"][0]
    assert {"id", "title", "framework", "score", "code", "why", "symbols", "topics", "source", "vetted"} <= set(first)
    assert set(first["vetted"]) == {"framework_version", "python", "date", "checks", "sha256"}
    assert len(found["results"]) <= 2
    assert {result["framework"] for result in found["results"]} == {"pytorch"}


def test_run_passes_arguments_and_status_on(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("GREETING = 'hello'\n", encoding="utf-8")
    script = (
        "import sys\nfrom helper import GREETING\nprint(GREETING, sys.argv[1:])\nopen('made.txt', 'w').write('x')\n"
    )
    (tmp_path / "script.py").write_text(script + "sys.exit(3)\n", encoding="utf-8")
    done = gradproof("run", tmp_path / "script.py", "one", "--epochs", "2", "--json", "--timeout", "20")
    result = json.loads(done.stdout)
    assert done.returncode == 1
    assert (result["status"], result["exit_code"]) == ("error", 3)
    assert result["stdout"] == "hello ['one', '--epochs', '2']\n"
    assert result["artifacts"] == [{"path": "made.txt", "bytes": 1}]
    assert not (tmp_path / "made.txt").exists()


def test_run_keeps_what_a_program_made_where_it_is_told_to(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import os\nos.mkdir('out')\nopen('out/made.bin', 'wb').write(bytes(3))\n", encoding="utf-8")
    done = gradproof("run", script, "--artifacts", tmp_path / "kept")
    assert done.returncode == 0, done.stderr
    assert [path.relative_to(tmp_path / "kept").as_posix() for path in (tmp_path / "kept").rglob("*.*")] == [
        "out/made.bin"
    ]
    assert (tmp_path / "kept" / "out" / "made.bin").read_bytes() == bytes(3)
    again = gradproof("run", script, "--artifacts", tmp_path / "kept")
    assert again.returncode == 2 and "is not empty; give --artifacts a new folder" in again.stderr


def test_verify_prints_the_promised_fields_for_a_script_as_it_is() -> None:
    done = gradproof("verify", DRAFTS / "good.py", "--json")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert {"status", "framework", "path", "checks", "findings", "validation", "metrics", "wall_s"} <= set(report)
    assert report["validation"]["training_loop_runs"] is True
    assert report["validation"]["tensorboard_logs_generated"] is None
    assert report["metrics"]["num_parameters"] == 64 * 32 + 32 + 32 * 10 + 10


@pytest.mark.slow
def test_verify_of_a_broken_script_fails_with_exit_status_1() -> None:
    done = gradproof("verify", DRAFTS / "wrong_shape.py")
    assert done.returncode == 1
    assert "shape-mismatch" in done.stdout


class Requested(NamedTuple):
    answer: dict[str, Any]
    out: Path


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Requested:
    """What a structured request printed, and the folder that it wrote."""
    out = tmp_path_factory.mktemp("requested") / "wine"
    file = Path(__file__).parent / "data" / "requests" / "wine.json"
    done = gradproof("request", file, "--out", out, "--json")
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr)
    return Requested(json.loads(done.stdout), out)


def test_the_folder_holds_exactly_the_files_of_the_answer(wine: Requested) -> None:
    answer, out = wine
    listed = {file["path"] for file in answer["deliverables"]["files_created"]}
    assert {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} == listed | {
        "gradproof.json"
    }
    assert json.loads((out / "gradproof.json").read_text(encoding="utf-8")) == answer


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_run_at_once_with_exit_status_130(tmp_path: Path, sent: signal.Signals) -> None:
    (tmp_path / "endless.py").write_text("import time\ntime.sleep(600)\n", encoding="utf-8")
    with running("run", tmp_path / "endless.py", "--timeout", "300", "--json") as command:
        assert wait_until(lambda: bool(below(command.pid)), seconds=60)
        time.sleep(1)  # the sandbox has begun; soon the program has
        command.send_signal(sent)
        out, err = command.communicate(timeout=10)
    assert command.returncode == 130
    assert (json.loads(out)["exit_status"], json.loads(out)["error"]) == (130, "interrupted")
    assert "Traceback" not in err


def test_a_conversation_in_the_terminal_ends_with_its_input() -> None:
    done = gradproof("chat", given="how do I clip gradients in PyTorch?\nwrite me a poem\n")
    assert done.returncode == 0
    assert "clip_grad_norm_" in done.stdout


def test_with_never_replaces_the_program_itself(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.py").write_text(f"print({folder!r})\n", encoding="utf-8")
    done = gradproof("run", tmp_path / "a" / "main.py", "--with", tmp_path / "b" / "main.py")
    assert done.returncode == 2
    assert "rename" in one_sentence(done)


def test_a_structured_request_is_answered_in_the_response_format(wine: Requested) -> None:
    answer = wine.answer
    assert answer["request_id"] == "7d5d4a52-2f0b-4c51-9a0e-0d4f3f6f7c11"
    assert answer["status"] == "success"
    assert set(answer["validation"].values()) == {True}
    config = next(file["content"] for file in answer["deliverables"]["files_created"] if file["path"] == "config.py")
    assert all(line in config for line in ("batch_size: int = 16", "patience: int = 6", "max_norm: float = 1.0"))
    assert any("save_frequency" in assumption for assumption in answer["assumptions"])
    assert {"training_script_path", "config_path"} <= set(answer["deliverables"]["training_pipeline"])


def test_a_home_that_cannot_be_had_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = gradproof("search", "a small CNN", "--json", GRADPROOF_HOME=str(tmp_path / "file" / "x"))
    assert done.returncode == 3
    assert "set GRADPROOF_HOME" in json.loads(done.stdout)["error"]


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    for path in (Path("/dev/zero"), tmp_path / "pipe.py"):
        done = gradproof("run", path)
        assert (done.returncode, "no plain file" in done.stderr) == (2, True)
