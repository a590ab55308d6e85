"""What a composed project does in its user's hands."""

from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant
from sandbox.base import Sandbox
from sandbox.schema import Job

RESUME = Path(__file__).parent / "data" / "resume"
AGAIN = """
import evaluate, train
from config import Config
print(train.train(Config()) == evaluate.evaluate_best(Config()))
"""
QUESTION = "a CNN for the digits with a cosine schedule, early stopping and gradient clipping, 2 epochs"


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_an_interrupted_training_goes_on_from_its_checkpoint(
    assistant: Assistant, sandbox: Sandbox, framework: Any
) -> None:
    assistant.ask(QUESTION, thread_id=f"resume-{framework}", framework=framework, attempts=1)
    files = assistant.project_files(f"resume-{framework}")
    drive = (RESUME / f"{framework}.py").read_text(encoding="utf-8")
    result = sandbox.run(Job(runtime=framework, argv=["drive.py"], files={**files, "drive.py": drive}))
    assert "interrupted in epoch 3" in result.stdout, result.stderr
    assert result.stdout.endswith("the same\n"), result.stderr


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_the_best_checkpoint_can_be_evaluated_again(assistant: Assistant, sandbox: Sandbox, framework: Any) -> None:
    assistant.ask(QUESTION, thread_id=f"again-{framework}", framework=framework, attempts=1)
    files = assistant.project_files(f"again-{framework}")
    result = sandbox.run(Job(runtime=framework, argv=["drive.py"], files={**files, "drive.py": AGAIN}))
    assert result.stdout.endswith("True\n"), result.stderr
