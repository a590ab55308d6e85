"""Faults of how a model is put together: what is one, and what only looks like one."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.model import model_faults
from sandbox.verify import verify

ROOT = Path(__file__).parent.parent
CAUSAL = np.triu(np.ones((5, 5), dtype=bool), k=1)
"""True where a position must not look."""
TOKENS = np.array([[7, 4, 9, 0, 0], [5, 3, 0, 0, 0], [8, 6, 4, 3, 2]])


def load(name):
    """A file that runs inside of the jail, and is no part of the package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "sandbox/checks/observe" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


masks, inputs = load("masks"), load("inputs")


def found(mask, *, ids=None, finite=True):
    """Ids of what is found where an attention was given this mask."""
    seen = {"function": "masked_fill", "where": ("model.py", 3), **masks.describe_mask(mask, ids=ids)}
    evidence = Evidence(probes={"masks": {"seen": [seen]}, "forward": {"finite": finite}})
    return [one.id for one in model_faults(evidence, Facts(steps=1, backwards=1), Maker("train.py"))]


@pytest.mark.parametrize(
    ("mask", "ids"),
    [
        (CAUSAL, None),
        (CAUSAL.T, None),
        (np.zeros((5, 5), dtype=bool), None),
        (np.tile(CAUSAL, (4, 1, 1)), None),
        (np.eye(5, dtype=bool), None),
        (np.array([[True, True], [False, True]]), None),
        (TOKENS == 0, TOKENS),
        (TOKENS[:, ::-1] == 0, TOKENS[:, ::-1]),
        (np.zeros_like(TOKENS, dtype=bool), TOKENS),
        (TOKENS != 7, TOKENS[:, :4]),
    ],
    ids=[
        "causal",
        "backward",
        "none",
        "per head",
        "all but itself",
        "tiny",
        "padding",
        "left padding",
        "no padding",
        "other",
    ],
)
def test_masks_that_may_be_meant_are_no_fault(mask, ids):
    assert found(mask, ids=ids) == []


@pytest.mark.parametrize(
    ("mask", "ids", "fault"),
    [
        (~CAUSAL, None, "causal-mask-inverted"),
        (np.tile(~CAUSAL, (2, 3, 1, 1)), None, "causal-mask-inverted"),
        (TOKENS != 0, TOKENS, "padding-mask-inverted"),
    ],
)
def test_a_mask_that_shows_just_what_it_should_hide_is_named(mask, ids, fault):
    assert found(mask, ids=ids) == [fault]


def test_rows_without_anything_to_see_count_only_where_the_model_answers_nan():
    hidden = np.zeros((4, 5), dtype=bool)
    hidden[2] = True
    assert found(hidden) == []
    assert found(hidden, finite=False) == ["attention-sees-nothing"]


@pytest.mark.parametrize("seen", [None, "no list", [{"function": "other"}], [{"blind": []}], [3]])
def test_what_a_probe_sends_is_not_trusted(seen):
    evidence = Evidence(probes={"masks": {"seen": seen}})
    assert list(model_faults(evidence, Facts(steps=1, backwards=1), Maker("train.py"))) == []


def test_missing_values_of_the_input_are_counted_by_their_place():
    batch = np.ones((4, 2, 3), dtype=np.float32)
    batch[1:, 1, 2] = np.nan
    assert inputs.describe_inputs(batch) == {
        "bad_samples": 3, "samples": 4, "bad_values": 1, "values": 6, "first_places": [5]
    }  # fmt: skip
    assert inputs.describe_inputs(np.ones((4, 2), dtype=np.int64)) == {"bad_samples": 0}


def test_a_frozen_teacher_in_a_list_and_a_mask_of_its_own_are_no_faults(sandbox):
    name = "torch_teacher_in_a_list.py"
    code = (ROOT / "tests" / "data" / "scripts" / name).read_text()
    report = verify({name: code}, framework="pytorch", sandbox=sandbox)
    assert report.status == "passed"
    assert report.findings == []
