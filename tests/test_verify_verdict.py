"""The verdict as plain functions: evidence in, checks and findings out."""

import math

import pytest

from sandbox.contract import Contract
from sandbox.entry import find_entry, infer_framework
from sandbox.evaluation import held_out, recompute
from sandbox.evidence import Evidence, Facts, PassFacts, read_evidence
from sandbox.findings.find import find_faults
from sandbox.probed import batch_independence
from sandbox.project_tests import REPORT, judge_tests
from sandbox.schema import Artifact, ExecResult
from sandbox.verdict import backward_pass, loss_falls, program_runs, run_checks, tensorboard_logs, validation


def result(status="ok", exit_code=0, **fields):
    base = {"stdout": "", "stderr": "", "truncated": False, "wall_s": 1.0, "cpu_s": 1.0, "peak_memory_mb": 10.0}
    return ExecResult(status=status, exit_code=exit_code, tier="A", warm=True, **base | fields)


def one_pass(order, **fields):
    base = {
        "complete": True,
        "passes": 1,
        "first_after_step": 10,
        "after_step": 10,
        "samples": 4,
        "hashed": 4,
        "unique": 4,
    }
    answers = {"task": "classes", "predicted": [0, 1, 1, 0], "target": [0, 1, 1, 1]}
    return PassFacts(order=order, **base | answers | fields)


def losses(values):
    return Evidence(losses=[(step, value, 0) for step, value in enumerate(values)])


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ([3.0 - 0.1 * step for step in range(20)], "passed"),
        ([1.0 + 0.5 * step for step in range(20)], "failed"),
        ([2.0, 2.1] * 10, "skipped"),
        ([3.0, 2.0, 1.0], "skipped"),
    ],
)
def test_the_loss_fails_only_where_it_clearly_rose(values, status):
    assert loss_falls(losses(values)).status == status


def test_a_program_without_its_last_frame_failed_whatever_its_exit_status():
    assert program_runs(Evidence(started=True, ended=False), result()).status == "failed"


def test_a_frame_that_is_not_as_it_should_be_is_left_out_and_counted():
    frames = [{"kind": "steps", "losses": "all of them"}, {"kind": "model"}, {"kind": "verdict", "passed": True}, {}]
    evidence = read_evidence(frames)
    assert evidence.malformed == 4
    assert not evidence.losses and evidence.model is None


def test_losses_that_are_not_finite_survive_the_way_out():
    evidence = read_evidence([{"kind": "steps", "losses": [[0, 1.0, 0], [1, "nan", 0]]}])
    assert math.isnan(evidence.losses[1][1])
    assert "non-finite-loss" in [one.id for one in find_faults(evidence, result(), "train.py")]


def test_nothing_seen_is_not_reached_and_never_assumed():
    checks = run_checks(Evidence(started=True, raised={"type": "ValueError", "message": "no"}), result("error", 1))
    fields = validation(checks)
    assert set(fields.model_dump().values()) == {None}
    assert checks[0].status == "failed"


def test_test_data_is_preferred_to_validation_data():
    evidence = Evidence(losses=[(9, 1.0, 0)], passes=[one_pass(0), one_pass(1, first_after_step=3)])
    evidence.facts = None
    chosen = held_out(evidence)
    assert chosen is not None and chosen.order == 0


def test_samples_that_were_trained_on_are_not_held_out():
    assert held_out(Evidence(passes=[one_pass(0, trained_on=4)])) is None


@pytest.mark.parametrize(
    ("task", "predicted", "target", "metrics"),
    [
        ("classes", [0, 1, 2, 2], [0, 1, 2, 0], {"accuracy": 0.75, "f1": 7 / 9, "baseline_accuracy": 0.5}),
        ("scores", [0.9, 0.2, 0.6, 0.4], [1, 0, 0, 0], {"accuracy": 0.75, "f1": 11 / 15, "baseline_accuracy": 0.75}),
        ("scores", [3.0, -1.0, 0.2, -4.0], [1, 0, 1, 0], {"accuracy": 1.0, "f1": 1.0, "baseline_accuracy": 0.5}),
        ("values", [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"rmse": 0.0, "r2": 1.0}),
    ],
)
def test_metrics_are_recomputed_from_answers_and_targets(task, predicted, target, metrics):
    assert recompute(one_pass(0, task=task, predicted=predicted, target=target)) == pytest.approx(metrics)


@pytest.mark.parametrize(
    ("scalars", "files", "expected", "status"),
    [
        ({"loss": [(0, 1.0), (1, 0.5)]}, 1, True, "passed"),
        ({"loss": [(0, 1.0)]}, 1, True, "passed"),
        ({"loss": [(0, 1.0), (0, 0.5)]}, 1, True, "failed"),
        ({"loss": [(0, 1.0), (1, float("nan"))]}, 1, True, "failed"),
        ({}, 1, True, "failed"),
        ({}, 0, True, "failed"),
        ({}, 0, False, "skipped"),
    ],
)
def test_event_files_must_hold_steps_that_rise_and_finite_values(scalars, files, expected, status):
    assert tensorboard_logs(scalars, files=files, expected=expected).status == status


def test_gradients_that_reach_another_model_than_the_one_looked_at_are_not_called_missing():
    parameters = [{"name": "w", "trainable": True, "values": 4, "held": True, "gradient": False, "changed": True}]
    for norms, status in (([(0, 2.5), (1, 2.4)], "passed"), ([], "failed")):
        facts = Facts(steps=9, backwards=9, parameters=parameters, gradient_norms=norms)
        evidence = Evidence(started=True, ended=True, facts=facts)
        assert backward_pass(evidence, facts).status == status


def test_a_log_that_training_was_ended_before_is_no_failure():
    assert tensorboard_logs({}, files=1, expected=True, bounded=True).status == "skipped"
    assert tensorboard_logs({}, files=0, expected=True, bounded=True).status == "skipped"
    fitted_twice, constant = {"loss": [(0, 1.0), (0, 0.5)]}, {"loss": [(3, 1.0)] * 9}
    assert tensorboard_logs(fitted_twice, files=1, expected=True, bounded=True).status == "skipped"
    assert tensorboard_logs(constant, files=1, expected=True, bounded=True).status == "failed"


@pytest.mark.parametrize(
    ("bounded", "points", "expected"), [(None, 2, 1), ("after 30 steps", 2, 0), ("after 9 s", 9, 1)]
)
def test_values_at_one_step_are_a_fault_unless_each_is_of_a_training_that_was_ended(bounded, points, expected):
    facts = Facts(steps=9, backwards=9, bounded=bounded)
    evidence = Evidence(started=True, ended=True, facts=facts, scalars={"loss": [(0, 0.5)] * points})
    found = [one.id for one in find_faults(evidence, result(), "train.py")]
    assert found.count("logged-at-one-step") == expected


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ('tests="3" skipped="1" failures="0" errors="0"', "passed"),
        ('tests="0" skipped="0" failures="0" errors="0"', "failed"),
        ('tests="2" skipped="2" failures="0" errors="0"', "failed"),
        ('tests="3" skipped="0" failures="1" errors="0"', "failed"),
        ("nothing", "failed"),
    ],
)
def test_no_test_or_only_skipped_tests_are_not_a_pass(attributes, status):
    report = f"<testsuites><testsuite {attributes}></testsuite></testsuites>".encode()
    ended = result(artifacts=[Artifact(path=REPORT, bytes=len(report), content=report)])
    assert judge_tests(ended).status == status


@pytest.mark.parametrize(
    ("raised", "id"),
    [
        (
            {"type": "RuntimeError", "message": "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"},
            "shape-mismatch",
        ),
        (
            {"type": "RuntimeError", "message": "mat1 and mat2 must have the same dtype, but got Long and Float"},
            "crash",
        ),
        ({"type": "RuntimeError", "message": "DefaultCPUAllocator: can't allocate memory"}, "out-of-memory"),
        ({"type": "ModuleNotFoundError", "message": "No module named 'x'", "missing": "x"}, "missing-import"),
        ({"type": "AttributeError", "message": "torchvision is not installed here, and its"}, "missing-import"),
        ({"type": "SyntaxError", "message": "'(' was never closed"}, "syntax-error"),
        ({"type": "ZeroDivisionError", "message": "division by zero"}, "crash"),
    ],
)
def test_an_exception_is_named(raised, id):
    evidence = Evidence(started=True, ended=True, raised={**raised, "file": "model.py", "line": 7})
    finding = find_faults(evidence, result("error", 1), "train.py")[0]
    assert (finding.id, finding.severity, finding.file, finding.line) == (id, "critical", "model.py", 7)


@pytest.mark.parametrize(
    ("files", "entry"),
    [
        ({"train.py": "", "model.py": ""}, "train.py"),
        ({"src/main.py": "", "src/model.py": ""}, "src/main.py"),
        ({"digits.py": "for x in y:\n    loss.backward()\n", "model.py": "class A: ...\n"}, "digits.py"),
        ({"only.py": "class A: ...\n"}, "only.py"),
        ({"a.py": "x = 1\n", "b.py": "main()\n", "tests/test_a.py": "main()\n"}, "b.py"),
    ],
)
def test_the_entry_is_found(files, entry):
    assert find_entry(files) == entry


def test_an_entry_that_is_not_clear_is_asked_for():
    with pytest.raises(ValueError, match=r"a\.py, b\.py"):
        find_entry({"a.py": "model.fit(x)\n", "b.py": "model.fit(x)\n"})


def test_the_framework_is_read_from_the_imports():
    assert infer_framework({"a.py": "from torch import nn\n"}, "a.py") == "pytorch"
    assert infer_framework({"a.py": "import model\n", "model.py": "import keras\n"}, "a.py") == "tensorflow"
    with pytest.raises(ValueError, match="neither"):
        infer_framework({"a.py": "import numpy\n"}, "a.py")


def test_what_a_contract_says_is_meant_fails_no_check():
    probes = {"independence": {"difference": 0.5, "single_input": True}, "determinism": {"difference": 0.0}}
    mixing = Evidence(probes={**probes, "forward": {"output_shape": [4, 2]}}, passes=[one_pass(0)])
    assert batch_independence(mixing, mixing.counted).status == "failed"
    declared = mixing.model_copy(update={"contract": Contract(mixes_batch=True)})
    assert batch_independence(declared, declared.counted).status == "skipped"
    assert "batch-mixing" not in [one.id for one in find_faults(declared, result(), "train.py")]


@pytest.mark.parametrize(("changed", "expected"), [(True, 0), (False, 1)])
def test_a_warning_of_no_trainable_weights_is_believed_unless_weights_changed(changed, expected):
    parameters = [{"name": "w", "trainable": True, "values": 4, "held": True, "gradient": True, "changed": changed}]
    told = [{"message": "The model does not have any trainable weights."}]
    facts = Facts(steps=9, backwards=9, parameters=parameters, warnings=told)
    found = [one.id for one in find_faults(Evidence(started=True, ended=True, facts=facts), result(), "train.py")]
    assert found.count("no-trainable-parameters") == expected
