"""What files and folders offer, before anything is run; and how outcomes are read."""

import ast
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.apis import used_apis
from ingest.candidates import Candidate
from ingest.documents import find_documents
from ingest.ended import Ended, Run, with_its_end
from ingest.outcome import declared_outcome, warned
from ingest.python_source import parsed
from ingest.schema import Rejected
from ingest.shelf import Shelf
from ingest.survey import Survey, survey
from sandbox.schema import ExecResult, Status

DATA = Path(__file__).parent / "data" / "patterns"


def surveyed(source: Path, **options: float) -> Survey:
    return survey([source], repository=Shelf(source.parent / "no-repository"), **options)


def find_candidates(source: Path) -> tuple[list[Candidate], list[Rejected]]:
    """What one source offers and what it does not, as the report would say it."""
    seen = surveyed(source)
    faults = [Rejected(source=one.source, reason=one.reason) for every in seen.faulty.values() for one in every]
    return seen.candidates, [*seen.refused, *faults]


def result(status: Status, stderr: str) -> ExecResult:
    return ExecResult(
        status=status,
        exit_code=0 if status == "ok" else 1,
        stdout="",
        stderr=stderr,
        truncated=False,
        wall_s=0.1,
        cpu_s=0.1,
        peak_memory_mb=1,
        tier="A",
        warm=True,
    )


def test_a_plain_program_becomes_a_pattern_of_its_framework() -> None:
    [candidate], _ = find_candidates(DATA / "plain" / "normalise_rows.py")
    pattern = candidate.pattern
    assert (pattern.title, pattern.framework, pattern.role) == (
        "Divide each row of a matrix by its norm",
        "pytorch",
        None,
    )
    assert pattern.apis == ["torch.Tensor", "torch.nn.functional.normalize", "torch.tensor"]
    assert "Rows of unit length." in pattern.questions
    assert candidate.text.endswith((DATA / "plain" / "normalise_rows.py").read_text(encoding="utf-8"))


def test_each_file_that_cannot_be_a_pattern_is_rejected_with_the_reason() -> None:
    candidates, rejected = find_candidates(DATA / "plain")
    reasons = {Path(fault.source).name: fault.reason for fault in rejected}
    assert [Path(candidate.source).name for candidate in candidates] == ["missing_module.py", "normalise_rows.py"]
    assert "runs nothing" in reasons["definitions.py"]
    assert "neither torch nor tensorflow" in reasons["no_framework.py"]
    assert "both frameworks" in reasons["both.py"]
    assert "does not parse" in reasons["broken.py"]
    assert "notes.md" not in reasons


def test_a_file_of_a_kind_that_no_reader_is_for_is_rejected_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "sheet.xlsx").write_bytes(b"PK")
    (tmp_path / "a.md").write_text("# Title\n\nText.\n", encoding="utf-8")
    assert find_candidates(tmp_path) == ([], [])
    [fault] = find_candidates(tmp_path / "sheet.xlsx")[1]
    assert ".xlsx files cannot be read" in fault.reason


def test_wrong_examples_are_not_patterns_of_their_own() -> None:
    candidates, rejected = find_candidates(DATA / "softmax_dim.py")
    assert [candidate.pattern.wrong is not None for candidate in candidates] == [True] and not rejected
    names = {Path(candidate.source).name for candidate in find_candidates(DATA)[0]}
    assert not any(name.endswith(".wrong.py") for name in names)


def test_a_wrong_example_alone_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "a.wrong.py").write_text("import torch\n\nprint(torch)\n", encoding="utf-8")
    [fault] = find_candidates(tmp_path)[1]
    assert "is read with its program" in fault.reason


@contextmanager
def deep(top: Path, levels: int) -> Iterator[int]:
    """The innermost of so many folders, open. They are removed again, which Python itself could not do."""
    top.mkdir()
    folder = os.open(top, os.O_RDONLY)
    try:
        for _ in range(levels):
            os.mkdir("d", dir_fd=folder)
            outer, folder = folder, os.open("d", os.O_RDONLY, dir_fd=folder)
            os.close(outer)
        yield folder
    finally:
        os.close(folder)
        subprocess.run(["rm", "-rf", str(top)], check=True, timeout=60)


def test_folders_without_end_end_no_ingest(tmp_path: Path) -> None:
    shutil.copy(DATA / "old_scaler.py", tmp_path)
    with deep(tmp_path / "deep", 1200):
        candidates, faults = find_candidates(tmp_path)
    assert candidates or "nested too deep" in faults[0].reason
    assert len(find_candidates(tmp_path)[0]) == 1


def test_a_licence_is_looked_for_in_any_number_of_folders(tmp_path: Path) -> None:
    top = tmp_path / "deep"
    with deep(top, 700) as innermost:
        with os.fdopen(os.open("a.md", os.O_WRONLY | os.O_CREAT, dir_fd=innermost), "w") as file:
            file.write("# Softmax")
        (top / "LICENSE").write_text("Apache License\nVersion 2.0", encoding="utf-8")
        [document] = find_documents(str(top)).documents
    assert document.license == "Apache-2.0"


def test_what_may_be_listed_and_not_read_is_rejected() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(DATA / "softmax_dim.py", Path(folder, "a.py"))
        Path(folder).chmod(0o444 if os.getuid() else 0o744)
        with nobody():
            found = find_documents(folder)
        Path(folder).chmod(0o700)
    assert "Permission denied" in [fault.reason for fault in found.refused]


@contextmanager
def nobody() -> Iterator[None]:
    """Whom permissions bind, which they do not root."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_source_that_is_not_there_is_rejected(tmp_path: Path) -> None:
    [fault] = find_candidates(tmp_path / "nothing")[1]
    assert "no such file" in fault.reason


def test_what_is_neither_a_file_nor_a_folder_is_rejected(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    [fault] = find_candidates(tmp_path / "pipe.py")[1]
    assert "neither a file nor a folder" in fault.reason


def test_a_source_that_holds_nothing_to_read_is_rejected(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    [fault] = find_candidates(tmp_path)[1]
    assert (fault.source, fault.reason.partition(";")[0]) == (str(tmp_path), "it holds nothing that can be read")


def test_a_document_nested_too_deep_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<div>" * 5000 + "torch", encoding="utf-8")
    assert [fault.reason for fault in surveyed(tmp_path).refused] == ["it is nested too deep to be read"]


def test_a_document_that_keeps_its_reader_busy_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>torch</p>" + "<!--" * 400_000, encoding="utf-8")
    (tmp_path / "b.py").write_text('"""Ones."""\nimport torch\n\nprint(torch.ones(2))\n', encoding="utf-8")
    seen = surveyed(tmp_path, limit=4.0)
    assert [candidate.pattern.title for candidate in seen.candidates] == ["Ones"]
    [fault] = seen.refused
    assert fault.source.endswith("a.html") and fault.reason.startswith("reading it took longer than 4 s; ")


def test_text_in_a_source_stays_text(tmp_path: Path) -> None:
    path = tmp_path / 'quo"te.py'
    path.write_text('"""Say \\"hi\\" # ///\n# status = 1\n"""\nimport torch\n\nprint(torch)\n', encoding="utf-8")
    [candidate], _ = find_candidates(path)
    assert candidate.pattern.title == 'Say "hi" # ///'
    assert candidate.pattern.status == "unvetted"


def test_apis_are_the_names_as_imported() -> None:
    code = (
        "import torch.nn as nn, numpy\nfrom keras import layers as L\nnn.Linear(1, 2).weight\nL.Dense\nnumpy.zeros\nx.y"
    )
    assert used_apis(ast.parse(code)) == ["keras.layers.Dense", "numpy.zeros", "torch.nn.Linear"]


def test_a_name_of_any_length_is_an_api() -> None:
    name = "torch" + ".a" * 1000
    assert used_apis(ast.parse(f"import torch\n{name}")) == [name]


def test_what_python_warns_of_in_a_document_is_not_told() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        parsed("pattern = '\\d'")
    assert not told


RAISED = Ended(how="raised", type="ShapeError", message="sizes differ:\n (2,) and (3,)")
RETURNED = Ended(how="returned")
WARNED = "program.py:3: FutureWarning: old name\n  old()\n/x/y.py:10: UserWarning: size (1) differs\n"


def test_how_a_program_ended_is_told_after_a_word_that_it_does_not_know() -> None:
    said = 'w1 {"how": "returned"}\nnoise\nw2 {"how": "raised", "type": "KeyError", "message": "x", "lines": [1, 3]}\n'
    run = with_its_end(result("error", said), "w2")
    assert run.ended == Ended(how="raised", type="KeyError", message="x", lines=[1, 3])
    assert run.result.stderr == 'w1 {"how": "returned"}\nnoise'
    assert with_its_end(result("ok", said), "w3").ended is None


def test_each_warning_is_read() -> None:
    assert warned(WARNED) == [("FutureWarning", "old name"), ("UserWarning", "size (1) differs")]


@pytest.mark.parametrize(
    ("status", "ended", "declared", "holds"),
    [
        ("error", RAISED, "raises ShapeError: sizes differ", True),
        ("error", RAISED, "raises ShapeError: sizes differ: (2,)", True),
        ("error", RAISED, "raises ShapeError", True),
        ("error", RAISED, "raises ValueError: first", False),
        ("error", RAISED, "raises ShapeError: something else", False),
        ("error", None, "raises ShapeError: sizes differ", False),
        ("error", Ended(how="exited", type="SystemExit"), "raises SystemExit", False),
        ("ok", RAISED, "raises ShapeError: sizes differ", False),
        ("timeout", RAISED, "raises ShapeError: sizes differ", False),
        ("ok", RETURNED, "warns UserWarning: size (1)", True),
        ("ok", RETURNED, "warns FutureWarning: size (1)", False),
        ("error", RETURNED, "warns UserWarning: size (1)", False),
        ("error", RAISED, "goes wrong somehow", False),
    ],
)
def test_a_wrong_example_must_do_exactly_what_it_declares(
    status: Status, ended: Ended | None, declared: str, holds: bool
) -> None:
    outcome, reason = declared_outcome(Run(result(status, WARNED), ended), declared)
    assert (outcome is not None) is holds
    assert bool(reason) is not holds
