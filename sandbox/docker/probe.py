"""Can programs run in containers here? Found out by starting some."""

import json
import time

from sandbox.docker.engine import Engine
from sandbox.docker.image import look_into, require_image
from sandbox.docker.sandbox import DockerSandbox
from sandbox.errors import SandboxError
from sandbox.schema import Job, Runtime

_CEILINGS = {"MemoryLimit": "memory", "PidsLimit": "processes"}
_FRAMEWORKS: tuple[Runtime, ...] = ("pytorch", "tensorflow")


def report(engine: Engine) -> str:
    """What was found, in one line, once a program has run. Raises SandboxError, with the remedy."""
    version = json.loads(engine.ask("version", "--format", "{{json .}}"))
    require_image(engine)
    interpreters = [look_into(engine, runtime).installed.interpreter for runtime in _FRAMEWORKS]
    versions = [one.framework_version(runtime) for one, runtime in zip(interpreters, _FRAMEWORKS, strict=True)]
    held = [f"{runtime} {version}" for runtime, version in zip(_FRAMEWORKS, versions, strict=True)]
    seconds = _seconds_of_an_empty_run(engine)
    without = _ceilings_missing(engine)
    return (
        f"Docker {version['Server']['Version']} with {engine.runtime or 'its own runtime'}; image {engine.image!r} has "
        f"{' and '.join(held)}; an empty program takes {seconds:.1f} s"
        f"{f'; the engine adds no ceiling of its own for {without}' if without else ''}"
    )


def _ceilings_missing(engine: Engine) -> str:
    """An engine whose control groups are not its own warns of it, and runs containers all the same."""
    can = json.loads(engine.ask("info", "--format", "{{json .}}"))
    return " and ".join(what for key, what in _CEILINGS.items() if not can.get(key))


def _seconds_of_an_empty_run(engine: Engine) -> float:
    started = time.monotonic()
    with DockerSandbox(engine) as sandbox:
        result = sandbox.run(Job(runtime="python", argv=["main.py"], files={"main.py": ""}))
    if result.status != "ok":
        raise SandboxError(f"an empty program did not end well in a container: {result.reason} {result.stderr[-300:]}")
    return time.monotonic() - started
