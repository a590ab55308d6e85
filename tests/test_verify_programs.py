"""Real programs, correct ones and broken ones, run in the real sandbox and judged by what was seen of them."""

from pathlib import Path

import pytest

from sandbox.schema import Limits
from sandbox.verify import verify

DATA = Path(__file__).parent / "data"
SLOW = pytest.mark.slow


def check(path, sandbox, **options):
    framework = "pytorch" if path.name.startswith("torch") else "tensorflow"
    options.setdefault("limits", Limits(wall_s=60))
    return verify({path.name: path.read_text()}, framework=framework, sandbox=sandbox, **options)


def script(name):
    return DATA / "scripts" / f"{name}.py"


def fault(name):
    return DATA / "faults" / f"{name}.py"


def ids(report):
    return {one.id for one in report.findings}


CORRECT = [
    ("torch_class", {"accuracy": 0.85}),
    ("torch_functions", {"r2": 0.9}),
    pytest.param("torch_custom_loop", {"accuracy": 0.8}, marks=SLOW),
    pytest.param("torch_gan", {}, marks=SLOW),
    ("keras_fit", {"accuracy": 0.7}),
    ("keras_tape", {"accuracy": 0.8}),
    pytest.param("keras_eager", {"r2": 0.9}, marks=SLOW),
    pytest.param("keras_train_step", {}, marks=SLOW),
]


@pytest.mark.parametrize(("name", "reached"), CORRECT)
def test_correct_programs_pass_with_every_field_that_applies(name, reached, sandbox):
    report = check(script(name), sandbox)
    fields = report.validation
    assert report.status == "passed"
    assert not [one for one in report.findings if one.severity != "info"]
    assert fields.model_loads and fields.forward_pass_works and fields.backward_pass_works and fields.training_loop_runs
    assert all(report.metrics.evaluation[key] > least for key, least in reached.items())
    assert (
        report.metrics.num_parameters and report.metrics.training_steps and report.loss_curve and report.model_summary
    )


@pytest.mark.parametrize("name", ["torch_class", "keras_fit"])
def test_event_files_are_read_back(name, sandbox):
    report = check(script(name), sandbox)
    assert report.validation.tensorboard_logs_generated
    assert max(len(points) for points in report.scalars.values()) == 4


FAULTS = {
    "torch_missing_zero_grad": "missing-zero-grad",
    "torch_missing_backward": "missing-backward",
    "torch_missing_step": "optimizer-step-missing",
    "torch_other_parameters": "optimizer-bound-to-other-parameters",
    "torch_detached_loss": "loss-rebuilt",
    "torch_frozen_model": "parameters-never-change",
    "torch_softmax_before_cross_entropy": "softmax-before-cross-entropy",
    "torch_logits_into_nll": "logits-into-nll",
    "torch_sigmoid_before_bce_with_logits": "sigmoid-before-bce-with-logits",
    "torch_logits_into_bce": "logits-into-bce",
    "torch_loss_broadcasting": "loss-broadcasting",
    "torch_nan_loss": "non-finite-loss",
    "torch_zero_learning_rate": "zero-learning-rate",
    "torch_shape_mismatch": "shape-mismatch",
    "torch_missing_import": "missing-import",
    "torch_syntax_error": "syntax-error",
    "torch_out_of_memory": "out-of-memory",
    "torch_constant_output": "constant-output",
    "torch_exits_early_os": "exited-early",
    "torch_batch_mixing": "batch-mixing",
    "keras_logits_without_from_logits": "logits-without-from-logits",
    "keras_probabilities_with_from_logits": "probabilities-with-from-logits",
    "keras_binary_logits": "logits-without-from-logits",
    "keras_monitor_not_available": "monitor-not-available",
    "keras_shape_mismatch": "shape-mismatch",
    "keras_missing_import": "missing-import",
    "keras_nan_loss": "non-finite-loss",
    "keras_zero_learning_rate": "zero-learning-rate",
    "keras_softmax_of_one_unit": "softmax-over-one-unit",
    "keras_removed_argument": "removed-api",
    "keras_missing_apply": "optimizer-step-missing",
    "keras_outside_the_tape": "no-gradients",
    "keras_other_variables": "optimizer-bound-to-other-parameters",
    "keras_loss_broadcasting": "loss-broadcasting",
    "keras_exits_early": "exited-early",
    "keras_frozen_model": "no-trainable-parameters",
}
QUICK = {
    "torch_missing_zero_grad",
    "torch_other_parameters",
    "torch_softmax_before_cross_entropy",
    "torch_loss_broadcasting",
    "torch_shape_mismatch",
    "torch_exits_early_os",
    "torch_constant_output",
    "torch_missing_step",
    "torch_nan_loss",
    "keras_logits_without_from_logits",
    "keras_shape_mismatch",
    "keras_exits_early",
    "keras_missing_apply",
}


@pytest.mark.parametrize(
    ("name", "id"), [pytest.param(*one, marks=() if one[0] in QUICK else SLOW, id=one[0]) for one in FAULTS.items()]
)
def test_a_fault_is_named_and_fails(name, id, sandbox):
    report = check(fault(name), sandbox)
    assert report.status == "failed"
    assert id in ids(report)


WARNED = {
    "torch_evaluation_in_train_mode": "evaluation-in-train-mode",
    "torch_training_in_eval_mode": "training-in-eval-mode",
    "torch_train_test_overlap": "train-test-overlap",
    "torch_growing_graph": "growing-graph",
    "keras_evaluation_in_train_mode": "evaluation-in-train-mode",
    "keras_training_in_eval_mode": "training-in-eval-mode",
    "keras_train_test_overlap": "train-test-overlap",
}


@pytest.mark.parametrize(
    ("name", "id"),
    [pytest.param(*one, marks=SLOW if one[0].startswith("keras") else (), id=one[0]) for one in WARNED.items()],
)
def test_what_may_be_meant_is_a_warning(name, id, sandbox):
    report = check(fault(name), sandbox)
    assert (id, "warning") in [(one.id, one.severity) for one in report.findings]
    assert not any(one.severity == "critical" for one in report.findings)


@pytest.mark.parametrize(
    "name",
    [
        "torch_exits_early_sys",
        "torch_metric_hard_coded",
        "torch_hidden_failure",
        pytest.param("keras_metric_hard_coded", marks=SLOW),
    ],
)
def test_a_claim_without_training_never_passes(name, sandbox):
    report = check(fault(name), sandbox)
    assert report.status == "failed"
    assert report.validation.training_loop_runs is False


def test_data_that_was_trained_on_gives_no_test_metric(sandbox):
    assert check(fault("torch_train_test_overlap"), sandbox).metrics.evaluation == {}


def test_an_endless_program_is_a_timeout_with_its_losses(sandbox):
    report = check(fault("torch_endless"), sandbox, limits=Limits(wall_s=4))
    assert "timeout" in ids(report)
    assert report.loss_curve and report.status == "failed"


def test_a_bound_ends_training_and_lets_the_rest_run(sandbox):
    report = check(script("torch_class"), sandbox, max_steps=10)
    assert report.status == "passed"
    assert report.metrics.training_steps <= 15 and "accuracy" in report.metrics.evaluation


def test_a_shape_mismatch_is_found_on_its_line(sandbox):
    path = fault("torch_shape_mismatch")
    finding = check(path, sandbox).findings[0]
    assert path.read_text().splitlines()[finding.line - 1].strip().startswith("return self.head")


def test_progress_is_told_while_the_program_runs(sandbox):
    told = []
    check(script("torch_functions"), sandbox, on_event=lambda kind, data: told.append((kind, data)))
    assert [data["step"] for kind, data in told if kind == "loss"] == list(range(120))
    assert "program-runs" in [data["id"] for kind, data in told if kind == "check"]


def test_the_projects_own_tests_are_run(sandbox):
    files = {
        "train.py": script("torch_functions").read_text(),
        "tests/test_sum.py": "def test_sum():\n    assert 1 + 1 == 2\n",
    }
    good = verify(files, framework=None, sandbox=sandbox)
    assert good.validation.tests_pass and good.status == "passed"
    broken = verify(
        {**files, "tests/test_sum.py": "def test_sum():\n    assert 1 == 2\n"}, framework=None, sandbox=sandbox
    )
    assert broken.validation.tests_pass is False and broken.status == "failed"


def test_a_caught_failure_is_not_blamed_for_a_later_one(sandbox):
    report = check(fault("torch_crash_after_caught_failure"), sandbox)
    assert report.status == "failed"
    assert report.validation.forward_pass_works is True
    assert report.validation.backward_pass_works is True


@pytest.mark.parametrize("name", ["torch_functions", pytest.param("keras_tape", marks=SLOW)])
def test_a_bound_that_training_just_comes_to_ends_no_probe(name, sandbox):
    report = check(script(name), sandbox, max_steps=8)
    assert report.status == "passed"
    assert next(one for one in report.checks if one.id == "learns").status == "passed"
