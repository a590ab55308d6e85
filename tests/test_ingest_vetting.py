"""Sources run in the real sandbox: what holds is admitted, all else is rejected with the reason."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ingest_calls import ingest_here

from ingest.ended import Ended, Run
from ingest.outcome import declared_outcome
from ingest.schema import IngestReport, Outcome
from knowledge.embed import open_embedder
from knowledge.index import ensure_index, open_index
from knowledge.patterns import read_patterns
from knowledge.vetting import read_records, write_records
from sandbox.base import Sandbox
from sandbox.errors import SandboxError
from sandbox.schema import ExecResult

DATA = Path(__file__).parent / "data" / "patterns"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one pattern that is good and one whose wrong example is harmless."""
    root = tmp_path / "knowledge" / "patterns"
    root.mkdir(parents=True)
    for stem in ("softmax_before_loss", "harmless_mistake"):
        for suffix in (".py", ".wrong.py"):
            shutil.copy(DATA / f"{stem}{suffix}", root)
    return root


@pytest.fixture
def run(tmp_path: Path, repository: Path, sandbox: Sandbox) -> Callable[..., IngestReport]:
    def run_here(*sources: Path, sandbox: Sandbox | None = sandbox, **options: object) -> IngestReport:
        return ingest_here(sources, home=tmp_path / "home", sandbox=sandbox, repository=repository, **options)

    return run_here


class NoSandbox:
    """Stands for a sandbox that must not be needed."""

    tier = "none"

    def run(self, *_args: object, **_options: object) -> None:
        raise SandboxError("it was asked to run something")


def reasons(report: IngestReport) -> dict[str, str]:
    return {Path(fault.source).name: fault.reason for fault in report.rejected}


def test_the_repository_s_patterns_are_recorded_where_they_lie_and_not_run_twice(
    run: Callable[..., IngestReport], repository: Path, tmp_path: Path
) -> None:
    report = run(repository)
    assert report.admitted == ["pt.loss.cross-entropy-logits"]
    assert "ran to its end" in reasons(report)["harmless_mistake.py"]
    records = read_records(repository.parent / "vetting.jsonl")
    good = records["pt.loss.cross-entropy-logits"]
    assert good.checks == ["runs", "no_deprecation_warning", "wrong_fails_as_declared"]
    assert good.wrong_outcome == "fails AssertionError: the loss of a sure and right prediction is 0.55"
    assert {pattern.id: pattern.status for pattern in read_patterns(repository)} == {
        "pt.loss.cross-entropy-logits": "vetted",
        "pt.tensor.harmless": "rejected",
    }
    assert not (tmp_path / "home" / "patterns").exists()

    for path in repository.glob("harmless_mistake*"):
        path.unlink()
    again = run(repository, sandbox=NoSandbox())
    assert again.unchanged == ["pt.loss.cross-entropy-logits"] and not again.admitted
    assert read_records(repository.parent / "vetting.jsonl")["pt.loss.cross-entropy-logits"] == good

    (repository / "softmax_before_loss.wrong.py").write_text("raise ValueError\n", encoding="utf-8")
    assert "not what it declares" in reasons(run(repository))["softmax_before_loss.py"]


def test_what_others_bring_is_copied_into_the_home_and_found(
    run: Callable[..., IngestReport], repository: Path, tmp_path: Path
) -> None:
    told: list[Outcome] = []
    report = run(
        DATA / "plain",
        DATA / "softmax_dim.py",
        DATA / "old_scaler.py",
        on_event=lambda outcome, *_: told.append(outcome),
    )
    assert [name.split(".")[1] for name in report.admitted] == ["plain", "tensor"]
    assert {outcome.id for outcome in told if outcome.kind == "admitted"} == set(report.admitted)
    assert "surely_not_installed" in reasons(report)["missing_module.py"]
    assert "FutureWarning" in reasons(report)["old_scaler.py"]
    assert not (repository.parent / "vetting.jsonl").exists()
    with open_index(tmp_path / "home", embedder=open_embedder()) as index:
        [hit] = index.search("torch.nn.functional.normalize", k=1)
        assert hit.pattern.title == "Divide each row of a matrix by its norm"
        assert hit.pattern.license == "Apache-2.0"
        assert index.get("pt.tensor.softmax-dim").vetting.wrong_outcome.startswith("warns UserWarning: Implicit")  # type: ignore[union-attr]
        assert not index.search("torch.cuda.amp.GradScaler")


def test_an_id_of_gradproof_s_own_cannot_be_taken(
    run: Callable[..., IngestReport], repository: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "mine.py"
    text = (repository / "softmax_before_loss.py").read_text(encoding="utf-8")
    copy.write_text(text.replace('# wrong_outcome = "fails', '# pitfalls = "fails'), encoding="utf-8")
    assert "is taken by gradproof's own" in reasons(run(copy, sandbox=NoSandbox()))["mine.py"]


def test_what_was_recorded_before_the_sandbox_broke_is_kept(run: Callable[..., IngestReport], repository: Path) -> None:
    with pytest.raises(SandboxError):
        run(repository, sandbox=NoSandbox())
    write_records(repository.parent / "vetting.jsonl", {})
    with (repository.parent / "vetting.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "pt.torn')
    assert run(repository).admitted == ["pt.loss.cross-entropy-logits"]
    assert set(read_records(repository.parent / "vetting.jsonl")) == {
        "pt.loss.cross-entropy-logits",
        "pt.tensor.harmless",
    }


def test_an_index_is_built_anew_without_any_source(run: Callable[..., IngestReport], tmp_path: Path) -> None:
    run(sandbox=None)
    before = (tmp_path / "home" / "index" / "CURRENT").read_text(encoding="utf-8")
    run(sandbox=None, rebuild=True)
    assert (tmp_path / "home" / "index" / "CURRENT").read_text(encoding="utf-8") != before


def test_the_first_search_after_an_ingest_reads_no_pattern_again(
    run: Callable[..., IngestReport], repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(sandbox=NoSandbox())
    monkeypatch.setattr("knowledge.index.all_patterns", lambda *_args, **_options: 1 / 0)
    ensure_index(tmp_path / "home", embedder=open_embedder(), repository=repository).close()


def test_a_record_names_no_folder_of_one_machine() -> None:
    message = "in user code: /home/me/env/lib/python3.11/site-packages/keras/x.py"
    result = ExecResult(
        status="error", exit_code=1, stdout="", stderr="", truncated=False, wall_s=0.1, cpu_s=0.1,
        peak_memory_mb=1.0, tier="A", warm=True,
    )  # fmt: skip
    run = Run(result, Ended(how="raised", type="ValueError", message=message))
    outcome, _ = declared_outcome(run, "raises ValueError: in user code")
    assert outcome == "raises ValueError: in user code: keras/x.py"
