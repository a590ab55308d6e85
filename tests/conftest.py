"""What the tests share: one assistant with real parts in a home of its own, started once."""

import importlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from model_server import ModelServer
from real_model_server import RealServer
from sandbox_abuse import Stage, open_stage

from assistant import Assistant, Settings, open_assistant
from assistant.drafters.base import Drafter
from sandbox.base import Sandbox

pytest_plugins = ["gpus"]


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


class Observers:
    """The files that run inside of the jail, each an attribute: they belong to no package that could be imported."""

    def __getattr__(self, name: str) -> ModuleType:
        return importlib.import_module(f"observe.{name}")


@pytest.fixture(scope="module")
def observe() -> Iterator[Observers]:
    """The observers, as the jail sees them, for tests of one of their functions; forgotten afterwards."""
    folder = str(Path(__file__).parents[1] / "sandbox" / "checks")
    sys.path.insert(0, folder)
    yield Observers()
    sys.path.remove(folder)
    for name in [name for name in sys.modules if name.split(".")[0] == "observe"]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def assistant(own_environment: Path) -> Iterator[Assistant]:
    """The real assistant: embedded drafter, real index, real sandbox."""
    with open_assistant(Settings(home=own_environment, _env_file=None)) as opened:
        yield opened


@pytest.fixture(scope="session")
def vectors(assistant: Assistant, own_environment: Path) -> Path:
    """What remembers the vectors of the patterns that come along: to embed them again takes ten seconds."""
    assistant.open_index()
    return own_environment / "index" / "vectors.npz"


@pytest.fixture
def home(vectors: Path, tmp_path: Path) -> Path:
    """A home of the test's own, with nothing in it but those vectors."""
    index = tmp_path / "home" / "index"
    index.mkdir(parents=True)
    shutil.copy(vectors, index)
    return index.parent


@pytest.fixture(scope="session")
def sandbox(assistant: Assistant) -> Sandbox:
    """The real sandbox, with its interpreters warm after first use."""
    return assistant.open_sandbox()


@pytest.fixture(scope="session")
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """One back end of the sandbox by its name, where hostile programs are run."""
    with open_stage(request.param) as opened:
        yield opened


@pytest.fixture(scope="session")
def make_assistant(assistant: Assistant) -> Callable[..., Assistant]:
    """Make an assistant with a home of its own; index and sandbox are the shared ones. Whoever makes it closes it."""

    def make(
        home: Path, server: ModelServer | RealServer | None = None, *, drafter: Drafter | None = None, **settings: Any
    ) -> Assistant:
        endpoint = {"model": server.model, "openai_base_url": server.url} if server else {}
        made = Assistant(Settings(home=home, _env_file=None, **endpoint, **settings), drafter=drafter)
        made.open_index, made.open_sandbox = assistant.open_index, assistant.open_sandbox  # type: ignore[method-assign]
        return made

    return make


@pytest.fixture
def open_with(make_assistant: Callable[..., Assistant], tmp_path: Path) -> Iterator[Callable[..., Assistant]]:
    """Open an assistant in the test's own home: `open_with(server)`, `open_with(drafter=…)`, with further settings."""
    with ExitStack() as opened:

        def open_one(*server: ModelServer | RealServer, **given: Any) -> Assistant:
            return opened.enter_context(make_assistant(tmp_path / "home", *server, **given))

        yield open_one
