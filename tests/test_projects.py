"""What a composed project does in its user's hands."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from assistant import Assistant
from assistant.drafters.base import Brief, Draft
from assistant.drafters.embedded.drafter import EmbeddedDrafter
from assistant.errors import Stopped
from assistant.model.session import Session
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


class Keeping(EmbeddedDrafter):
    """Keeps what it drafts, and ends the question before that is run."""

    def draft(self, brief: Brief, session: Session) -> Draft:
        self.files = super().draft(brief, session).files
        raise Stopped


@pytest.fixture(scope="module", params=["pytorch", "tensorflow"])
def project(
    request: pytest.FixtureRequest, make_assistant: Callable[..., Assistant], tmp_path_factory: pytest.TempPathFactory
) -> Composed:
    """The project that answers the question in one framework."""
    drafter = Keeping()
    with make_assistant(tmp_path_factory.mktemp("home"), drafter=drafter) as opened, pytest.raises(Stopped):
        opened.ask(QUESTION, thread_id="t", framework=request.param)
    return Composed(request.param, dict(drafter.files))


def run(sandbox: Sandbox, project: Composed, drive: str) -> ExecResult:
    return sandbox.run(Job(runtime=project.framework, argv=["drive.py"], files={**project.files, "drive.py": drive}))


def test_an_interrupted_training_goes_on_from_its_checkpoint(project: Composed, sandbox: Sandbox) -> None:
    result = run(sandbox, project, (RESUME / f"{project.framework}.py").read_text(encoding="utf-8"))
    assert "interrupted in epoch 3" in result.stdout, result.stderr
    assert result.stdout.endswith("the same\n"), result.stderr


def test_the_best_checkpoint_can_be_evaluated_again(project: Composed, sandbox: Sandbox) -> None:
    result = run(sandbox, project, AGAIN)
    assert result.stdout.endswith("True\n"), result.stderr
