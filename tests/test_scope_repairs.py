"""A repair that only makes the verdict look better is not accepted, and an honest one is."""

from pathlib import Path

import pytest

from assistant.repair import verified
from assistant.schema import PythonMLDLRequest
from assistant.scope.judge import judge_scope
from sandbox.base import Sandbox
from sandbox.report import RunReport
from sandbox.schema import Limits
from sandbox.verify import verify

DATA = Path(__file__).parent / "data" / "scope"
TESTS = "tests/test_model.py"
Files = dict[str, str]
Change = tuple[str, str, str]
"""File, text that is there, text in its place."""


def torch_project(*changes: Change) -> Files:
    """The honest project, with some of its text replaced."""
    files = {name: (DATA / "torch" / name).read_text(encoding="utf-8") for name in ("train.py", TESTS)}
    for name, old, new in changes:
        assert files[name].count(old) == 1
        files[name] = files[name].replace(old, new)
    return files


def asked(**sections: dict[str, object]) -> PythonMLDLRequest:
    """A request in which everything that is given was stated by the user."""
    stated = [f"{section}.{name}" for section, values in sections.items() for name in values]
    task = {"type": "classification", "dataset_info": {"dataset_name": "digits", "source": "sklearn"}}
    return PythonMLDLRequest.model_validate(
        {
            "framework": "pytorch",
            "ml_task": task,
            "stated": ["framework", "ml_task.dataset_info.dataset_name", *stated],
            **sections,
        }
    )


def prove(files: Files, sandbox: Sandbox) -> RunReport:
    return verify(files, framework="pytorch", sandbox=sandbox, entry="train.py", limits=Limits(wall_s=60))


REQUEST = asked(
    model_config={"architecture": "mlp", "hidden_dim": 64, "num_layers": 2, "dropout": 0.1, "activation": "gelu"},
    training_config={
        "optimizer": "adamw",
        "learning_rate": 5e-3,
        "weight_decay": 0.01,
        "loss": "focal",
        "lr_scheduler": "cosine",
        "batch_size": 64,
        "num_epochs": 4,
        "gradient_clipping": 1.0,
        "seed": 7,
    },
    experiment_config={"tensorboard_enabled": True, "tensorboard_log_dir": "logs"},
)
NO_ZERO: Change = ("train.py", "            optimizer.zero_grad()\n", "")
WRONG_WIDTH: Change = ("train.py", "nn.Linear(hidden, 10)", "nn.Linear(hidden + 1, 10)")
FAULTS = {"missing-zero-grad": NO_ZERO, "shape-mismatch": WRONG_WIDTH}


@pytest.fixture(scope="module")
def faulty(sandbox: Sandbox) -> dict[str, tuple[Files, RunReport]]:
    """The first drafts, each with its fault: what a repair is measured by."""
    drafts = {id: torch_project(change) for id, change in FAULTS.items()}
    return {id: (files, prove(files, sandbox)) for id, files in drafts.items()}


def judge_against(before: tuple[Files, RunReport], files: Files, report: RunReport) -> RunReport:
    return judge_scope(REQUEST, files, report, before=before[1], before_files=before[0])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_draft_is_not_verified_and_its_honest_repair_is(
    fault: str, faulty: dict[str, tuple[Files, RunReport]], sandbox: Sandbox
) -> None:
    files, report = faulty[fault]
    assert fault in [one.id for one in report.findings]
    assert not verified(judge_scope(REQUEST, files, report))
    honest = torch_project()
    judged = judge_against(faulty[fault], honest, prove(honest, sandbox))
    scope = next(one for one in judged.checks if one.id == "scope-kept")
    assert scope.status == "passed", scope.message
    assert set(scope.evidence["judged"]) == {*REQUEST.stated}
    assert verified(judged)


SMALL: Change = ("train.py", "HIDDEN, EPOCHS, BATCH = 64", "HIDDEN, EPOCHS, BATCH = 24")
SMALLER: Change = ("train.py", "HIDDEN, EPOCHS, BATCH = 64", "HIDDEN, EPOCHS, BATCH = 40")
CHEATS: dict[str, tuple[str, list[Change], str]] = {
    "shrinks the model": ("missing-zero-grad", [SMALL], "model_config.hidden_dim"),
    "drops the loss that was named": (
        "shape-mismatch",
        [("train.py", "criterion = FocalLoss()", "criterion = nn.CrossEntropyLoss()")],
        "training_config.loss",
    ),
    "drops the schedule": (
        "missing-zero-grad",
        [("train.py", "        scheduler.step()\n", "")],
        "training_config.lr_scheduler",
    ),
    "trains on other data": (
        "shape-mismatch",
        [
            ("train.py", "    digits = load_digits()\n", "    label = torch.randint(10, (1797,))\n"),
            ("train.py", "torch.tensor(digits.data / 16, dtype=torch.float32)", "torch.randn(1797, 64) / 8"),
            ("train.py", "labels = torch.tensor(digits.target)", "labels = label"),
            ("train.py", "    order =", "    features[:, :10] += 2 * nn.functional.one_hot(labels, 10)\n    order ="),
        ],
        "ml_task.dataset_info.dataset_name",
    ),
    "trains on a part of the data": (
        "missing-zero-grad",
        [("train.py", "order[:1400], order[1400:]", "order[:400], order[1400:]")],
        "training data",
    ),
    "skips the evaluation": (
        "missing-zero-grad",
        [("train.py", '    print(f"accuracy {accuracy(model, test_loader):.3f}")\n', "")],
        "evaluation",
    ),
    "drops TensorBoard": (
        "missing-zero-grad",
        [
            ("train.py", "from torch.utils.tensorboard import SummaryWriter\n", ""),
            ("train.py", '    writer = SummaryWriter("logs")\n', ""),
            ("train.py", '        writer.add_scalar("train/loss", loss.item(), epoch)\n    writer.close()\n', ""),
        ],
        "experiment_config.tensorboard_enabled",
    ),
    "takes the asserts out of a test": (
        "missing-zero-grad",
        [
            (
                TESTS,
                "    assert FocalLoss()(logits, torch.arange(3)) < 1e-3\n",
                "    FocalLoss()(logits, torch.arange(3))\n",
            )
        ],
        "tests",
    ),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_repair_that_gives_up_what_was_asked_is_not_accepted(
    cheat: str, faulty: dict[str, tuple[Files, RunReport]], sandbox: Sandbox
) -> None:
    fault, changes, field = CHEATS[cheat]
    files = torch_project(*changes)
    report = prove(files, sandbox)
    assert report.status == "passed"
    judged = judge_against(faulty[fault], files, report)
    scope = next(one for one in judged.checks if one.id == "scope-kept")
    assert field in [one["field"] for one in scope.evidence["contradicted"]]
    assert not verified(judged)


STEP = "            optimizer.step()\n"
CAUGHT = f"            try:\n    {STEP}            except Exception:\n                continue\n"
EVASIONS: dict[str, tuple[list[Change], str]] = {
    "catches the exception": ([("train.py", STEP, CAUGHT)], "exception-swallowed"),
    "hard-codes the metric": (
        [("train.py", '    print(f"accuracy {accuracy(model, test_loader):.3f}")\n', '    print("accuracy: 0.987")\n')],
        "metric-hard-coded",
    ),
    "skips the test": (
        [
            (TESTS, "import torch\n", "import pytest\nimport torch\n"),
            (TESTS, "def test_focal", '@pytest.mark.skip(reason="slow")\ndef test_focal'),
        ],
        "test-skipped",
    ),
    "evaluates what it was trained on": (
        [("train.py", "    test_loader = DataLoader(test, batch_size=256)\n", "    test_loader = train_loader\n")],
        "train-data-as-test-data",
    ),
    "replaces what the framework does": (
        [
            (
                "train.py",
                "    model = Classifier()\n",
                "    nn.Module.train = nn.Module.eval\n    model = Classifier()\n",
            )
        ],
        "framework-patched",
    ),
}


@pytest.mark.parametrize("cheat", EVASIONS)
def test_a_repair_that_evades_the_check_is_not_accepted(
    cheat: str, faulty: dict[str, tuple[Files, RunReport]], sandbox: Sandbox
) -> None:
    changes, id = EVASIONS[cheat]
    files = torch_project(*changes)
    judged = judge_against(faulty["missing-zero-grad"], files, prove(files, sandbox))
    assert (id, "critical") in [(one.id, one.severity) for one in judged.findings]
    assert not verified(judged)


def test_a_model_that_needed_too_much_memory_may_be_made_smaller(sandbox: Sandbox) -> None:
    huge = torch_project(("train.py", "HIDDEN, EPOCHS, BATCH = 64", "HIDDEN, EPOCHS, BATCH = 20_000_000"))
    before = verify(
        huge, framework="pytorch", sandbox=sandbox, entry="train.py", limits=Limits(wall_s=30, memory_mb=1500)
    )
    assert "out-of-memory" in [one.id for one in before.findings]
    request = REQUEST.model_copy(update={"stated": [one for one in REQUEST.stated if one != "model_config.hidden_dim"]})
    files = torch_project()
    judged = judge_scope(request, files, prove(files, sandbox), before=before, before_files=huge)
    assert verified(judged)


def test_a_number_that_nobody_stated_may_change(faulty: dict[str, tuple[Files, RunReport]], sandbox: Sandbox) -> None:
    free = asked(training_config={"optimizer": "adamw"})
    files = torch_project(
        SMALLER,
        ("train.py", "lr=5e-3", "lr=8e-3"),
        ("train.py", "nn.Dropout(0.1), ", ""),
    )
    before = faulty["missing-zero-grad"]
    judged = judge_scope(free, files, prove(files, sandbox), before=before[1], before_files=before[0])
    assert verified(judged)
