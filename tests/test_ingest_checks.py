"""What vetting must see beyond a program that ends well: each declared check can fail, and a GPU is never assumed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from ingest_calls import ingest_here

from ingest.schema import IngestReport
from ingest.vet import OBSERVED
from knowledge.embed import open_embedder
from knowledge.index import build_index, open_index
from knowledge.patterns import read_patterns
from knowledge.schema import Pattern
from knowledge.vetting import read_records
from sandbox.base import Sandbox
from sandbox.verify import verify

HEADER = """# /// pattern
# id = "pt.area.{name}"
# topic = "area"
# questions = ["one", "two", "three"]
# apis = []
# why = "Because."
# {fields}
# ///
"""
TRAINING = '''"""A linear model that is fitted."""

import torch

if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(64, 4)
    y = x @ torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr={rate})
    for _ in range(60):
        loss = torch.nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
'''


@pytest.fixture
def vetted(tmp_path: Path, sandbox: Sandbox) -> Callable[..., IngestReport]:
    """Writes one pattern, with a wrong example where one is given, and runs it."""

    def ingest_one(code: str, fields: str, *, wrong: str | None = None, name: str = "name") -> IngestReport:
        root = tmp_path / "knowledge" / "patterns"
        root.mkdir(parents=True, exist_ok=True)
        (root / f"{name}.py").write_text(HEADER.format(name=name, fields=fields) + code, encoding="utf-8")
        if wrong is not None:
            (root / f"{name}.wrong.py").write_text(wrong, encoding="utf-8")
        return ingest_here([root], home=tmp_path / "home", sandbox=sandbox, repository=root)

    return ingest_one


def reason(report: IngestReport) -> str:
    assert not report.admitted
    return report.rejected[0].reason


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("print(__import__('time').time_ns())", "two runs printed different things"),
        ("open('seed.bin', 'wb').write(__import__('os').urandom(8))", "two runs wrote different 'seed.bin'"),
    ],
)
def test_a_program_that_differs_from_run_to_run_is_not_deterministic(
    vetted: Callable[..., IngestReport], program: str, said: str
) -> None:
    assert said in reason(vetted(f'"""Title."""\n\n{program}\n', 'checks = ["runs", "deterministic"]'))


def test_a_program_that_prints_and_writes_the_same_twice_is_deterministic(
    vetted: Callable[..., IngestReport], tmp_path: Path
) -> None:
    code = '"""Title."""\n\nprint(7)\nopen("seven.txt", "w").write("7")\n'
    assert vetted(code, 'checks = ["runs", "deterministic"]').admitted == ["pt.area.name"]
    record = read_records(tmp_path / "knowledge" / "vetting.jsonl")["pt.area.name"]
    assert record.checks == ["runs", "deterministic"]
    assert set(record.versions) == {"torch"} and record.versions["torch"] == record.framework_version


@pytest.mark.parametrize(
    "program",
    [
        "import os\n\nos._exit(0)\nassert False, 'this can never hold'",
        "import atexit, os\n\natexit.register(lambda: os._exit(0))\nraise ValueError('always')",
        'import os, sys\n\nprint(\'0 {"how": "returned"}\', file=sys.stderr, flush=True)\nos._exit(0)',
    ],
)
def test_a_program_that_leaves_before_its_end_proves_nothing(vetted: Callable[..., IngestReport], program: str) -> None:
    assert "left before its end" in reason(vetted(f'"""Title."""\n\n{program}\n', 'checks = ["runs"]'))


def test_a_traceback_that_a_wrong_example_prints_is_no_exception(vetted: Callable[..., IngestReport]) -> None:
    traceback = "Traceback (most recent call last):\\nRuntimeError: broken"
    forged = f'import sys\n\nprint("{traceback}", file=sys.stderr)\nsys.exit(1)\n'
    report = vetted('"""Title."""\n\nprint(1)\n', 'wrong_outcome = "raises RuntimeError: broken"', wrong=forged)
    assert "not what it declares" in reason(report)


def test_what_holds_is_run_again_only_where_that_is_asked_for(
    vetted: Callable[..., IngestReport], tmp_path: Path, sandbox: Sandbox
) -> None:
    root = tmp_path / "knowledge" / "patterns"
    vetted('"""Title."""\n\nprint(1)\n', 'checks = ["runs"]')
    for rerun, kind in (("nothing", "unchanged"), ("everything", "admitted")):
        report = ingest_here([root], home=tmp_path / "home", sandbox=sandbox, repository=root, rerun=rerun)
        assert getattr(report, kind) == ["pt.area.name"]


def test_what_the_observers_saw_is_kept_with_its_figures(vetted: Callable[..., IngestReport], tmp_path: Path) -> None:
    checks = 'checks = ["runs", "loss-falls", "forward-pass", "backward-pass"]'
    assert vetted(TRAINING.format(rate=0.1), checks).admitted == ["pt.area.name"]
    seen = read_records(tmp_path / "knowledge" / "vetting.jsonl")["pt.area.name"].seen
    assert set(seen) == {"loss-falls", "forward-pass", "backward-pass"}
    assert "[64, 4] to [64, 1]" in seen["forward-pass"]


def test_a_loss_that_does_not_fall_is_not_vetted_as_falling(vetted: Callable[..., IngestReport]) -> None:
    assert "loss-falls was not seen to hold" in reason(vetted(TRAINING.format(rate=0.0), 'checks = ["loss-falls"]'))


def test_a_check_that_is_unknown_names_those_that_there_are(vetted: Callable[..., IngestReport]) -> None:
    assert "'looks_nice' is unknown; use" in reason(vetted('"""Title."""\n\nprint(1)\n', 'checks = ["looks_nice"]'))


def test_the_checks_that_can_be_asked_for_are_those_of_a_report(sandbox: Sandbox) -> None:
    files: dict[str, str | bytes] = {"program.py": TRAINING.format(rate=0.1)}
    report = verify(files, framework="pytorch", sandbox=sandbox, entry="program.py", tests=False)
    assert {check.id for check in report.checks} - {"program-runs"} >= OBSERVED


def test_a_pattern_for_a_gpu_is_neither_vetted_nor_condemned_without_one(
    vetted: Callable[..., IngestReport], tmp_path: Path
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    assert "needs a GPU" in reason(vetted('"""Title."""\n\nimport torch\n\nprint(1)\n', 'device = "cuda"'))
    assert not (tmp_path / "knowledge" / "vetting.jsonl").exists()


def test_a_wrong_outcome_may_be_wrapped_and_so_may_the_message(vetted: Callable[..., IngestReport]) -> None:
    report = vetted(
        '"""Title."""\n\nprint(1)\n',
        'wrong_outcome = """raises ValueError: the shapes\n#   do not fit"""',
        wrong='"""Wrong."""\n\nraise ValueError("the shapes do\\nnot fit")\n',
    )
    assert report.admitted == ["pt.area.name"]


def test_what_was_vetted_on_other_versions_is_found_after_what_holds_and_says_so(
    vetted: Callable[..., IngestReport], tmp_path: Path
) -> None:
    vetted('"""Clip the gradients by their norm."""\n\nprint(1)\n', 'checks = ["runs"]', name="first")
    vetted('"""Clip the gradients."""\n\nprint(1)\n', 'checks = ["runs"]', name="second")
    first, second = read_patterns(tmp_path / "knowledge" / "patterns")
    stale: Pattern = first.model_copy(update={"status": "stale"})
    build_index([stale, second], tmp_path / "other", open_embedder())
    with open_index(tmp_path / "other", embedder=open_embedder()) as index:
        hits = index.search("clip the gradients by their norm")
    assert [(hit.pattern.id, hit.pattern.status) for hit in hits] == [
        ("pt.area.second", "vetted"),
        ("pt.area.first", "stale"),
    ]
    assert hits[1].score < hits[0].score and "stale, since another version" in hits[1].pattern.proof
