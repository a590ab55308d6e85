"""What the tests share: one assistant with real parts in a home of its own, started once."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant import Assistant, Settings, open_assistant
from assistant.drafters.base import Drafter
from sandbox.base import Sandbox


@pytest.fixture(scope="session", autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test sees the user's settings, home or keys, and nothing asks the network."""
    home = tmp_path_factory.mktemp("home")
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("GRADPROOF_", "OPENAI_"))]:
        del os.environ[name]
    os.environ.update(
        GRADPROOF_HOME=str(home), HOME=str(home), HF_HUB_OFFLINE="1", GRADIO_ANALYTICS_ENABLED="False", NO_COLOR="1"
    )
    yield home
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def assistant(own_environment: Path) -> Iterator[Assistant]:
    """The real assistant: embedded drafter, real index, real sandbox."""
    with open_assistant(Settings(home=own_environment, _env_file=None)) as opened:
        yield opened


@pytest.fixture(scope="session")
def sandbox(assistant: Assistant) -> Sandbox:
    """The real sandbox, with its interpreters warm after first use."""
    return assistant.open_sandbox()


@pytest.fixture
def assistant_with(assistant: Assistant, tmp_path: Path) -> Iterator[Callable[[Drafter], Assistant]]:
    """Open an assistant with a scripted drafter; index and sandbox are the shared ones."""
    opened: list[Assistant] = []

    def open_with(drafter: Drafter) -> Assistant:
        other = Assistant(Settings(home=tmp_path / "home", _env_file=None), drafter=drafter)
        other.open_index, other.open_sandbox = assistant.open_index, assistant.open_sandbox  # type: ignore[method-assign]
        opened.append(other)
        return other

    yield open_with
    for other in opened:
        other.close()
