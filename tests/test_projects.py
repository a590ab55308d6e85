"""What a composed project does in its user's hands."""

from pathlib import Path
from typing import NamedTuple

import pytest

from assistant import Assistant
from assistant.schema import Framework
from sandbox.base import Sandbox
from sandbox.schema import ExecResult, Job

RESUME = Path(__file__).parent / "data" / "resume"
AGAIN = """
import evaluate, train
from config import Config
print(train.train(Config()) == evaluate.evaluate_best(Config()))
"""
QUESTION = "a CNN for the digits with a cosine schedule, early stopping and gradient clipping, 2 epochs"


class Composed(NamedTuple):
    framework: Framework
    files: dict[str, str | bytes]


@pytest.fixture(scope="module", params=["pytorch", "tensorflow"])
def project(request: pytest.FixtureRequest, assistant: Assistant) -> Composed:
    """The project that answers the question in one framework."""
    thread = f"project-{request.param}"
    assistant.ask(QUESTION, thread_id=thread, framework=request.param, attempts=1)
    return Composed(request.param, assistant.project_files(thread))


def run(sandbox: Sandbox, project: Composed, drive: str) -> ExecResult:
    return sandbox.run(Job(runtime=project.framework, argv=["drive.py"], files={**project.files, "drive.py": drive}))


def test_an_interrupted_training_goes_on_from_its_checkpoint(project: Composed, sandbox: Sandbox) -> None:
    result = run(sandbox, project, (RESUME / f"{project.framework}.py").read_text(encoding="utf-8"))
    assert "interrupted in epoch 3" in result.stdout, result.stderr
    assert result.stdout.endswith("the same\n"), result.stderr


def test_the_best_checkpoint_can_be_evaluated_again(project: Composed, sandbox: Sandbox) -> None:
    result = run(sandbox, project, AGAIN)
    assert result.stdout.endswith("True\n"), result.stderr
