"""What `gradproof verify --explain` says of a fault."""

import json
import subprocess
import sys

import pytest

from assistant.cli import gradproof
from assistant.errors import RequestError
from assistant.report.explain import explain, find_explained
from sandbox.faults.catalogue import faults
from sandbox.faults.examples import example, examples


def test_an_id_is_explained_with_its_reason_and_the_two_versions_of_its_example(capsys):
    explain("missing-zero-grad", as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "missing-zero-grad [C1]"
    assert faults()["missing-zero-grad"].why in lines[1]
    assert any(line.strip() == "+         optimizer.zero_grad()" for line in lines)
    assert any(line.split() == ["12", "for", "_", "in", "range(5):"] for line in lines)


def test_the_wrong_line_is_marked_and_has_its_number(capsys):
    explain("logits-into-nll", as_json=False)
    lines = capsys.readouterr().out.splitlines()
    wrong = example(examples("logits-into-nll")["pytorch"], "wrong").splitlines()
    number = wrong.index("criterion = nn.NLLLoss()") + 1
    assert [line for line in lines if "criterion = nn." in line] == [
        f"  {number} - criterion = nn.NLLLoss()",
        "     + criterion = nn.CrossEntropyLoss()",
    ]


def test_a_number_is_explained_by_all_of_its_faults(capsys):
    explain("e2", as_json=True)
    told = json.loads(capsys.readouterr().out)["faults"]
    assert {one["id"] for one in told} >= {"causal-mask-inverted", "attention-sees-nothing"}
    assert {one["number"] for one in told} == {"E2"}


def test_json_holds_both_versions_as_programs(capsys):
    explain("softmax-before-cross-entropy", as_json=True)
    (told,) = json.loads(capsys.readouterr().out)["faults"]
    (shown,) = [one for one in told["examples"] if one["framework"] == "pytorch"]
    assert "Softmax" in shown["wrong"] and "Softmax" not in shown["right"]
    assert "-    nn.Softmax(dim=1)," in shown["diff"].splitlines()


def test_what_has_no_example_says_why(capsys):
    explain("timeout", as_json=False)
    assert faults()["timeout"].unexampled in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "nearest"), [("missing-zero-gard", "missing-zero-grad"), ("nll", "logits-into-nll"), ("Q77", "report")]
)
def test_an_unknown_word_is_answered_with_the_nearest(word, nearest):
    with pytest.raises(RequestError, match=nearest):
        find_explained(word)


def test_nothing_to_verify_is_a_wrong_request():
    with pytest.raises(RequestError, match="--explain"):
        gradproof(["verify"], standalone_mode=False)


def test_explaining_imports_no_framework_and_opens_nothing():
    program = (
        "import sys; from assistant.cli import gradproof;"
        "gradproof(['verify', '--explain', 'C1', '--json'], standalone_mode=False);"
        "print(*sorted({'torch', 'tensorflow', 'keras', 'langgraph', 'numpy', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == ""
