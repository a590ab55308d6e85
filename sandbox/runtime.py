"""Which interpreter serves which runtime, and what is installed in it. Never imports a framework."""

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sandbox.errors import SandboxError
from sandbox.schema import Runtime

DISTRIBUTIONS: dict[Runtime, tuple[str, ...]] = {
    "pytorch": ("torch",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly"),
    "python": (),
}
ASK = """
import importlib.metadata as m, json, sys, sysconfig
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return None
print(json.dumps({"executable": sys.executable, "prefixes": [sys.prefix, sys.base_prefix],
    "python": sys.version.split()[0], "versions": {n: v for n in sys.argv[1:] if (v := version(n))}}))
"""
"""A program for any interpreter, with LISTED as its arguments: it prints an Interpreter as JSON."""
ASK_MODULES = """
import json, os, pkgutil, sys
roots = [os.path.realpath(prefix) + os.sep for prefix in (sys.prefix, sys.base_prefix)]
paths = [path for path in sys.path if any(os.path.realpath(path).startswith(root) for root in roots)]
folders = {name for path in paths if os.path.isdir(path) for name in os.listdir(path)
    if name.isidentifier() and name != "__pycache__" and os.path.isdir(os.path.join(path, name))}
print(json.dumps([*sys.builtin_module_names, *folders, *(module.name for module in pkgutil.iter_modules(paths))]))
"""
"""Only what lies in the installation itself: nothing else of the machine is seen by a program in the sandbox."""
LISTED = (
    "torch",
    "tensorflow",
    "tensorflow-cpu",
    "tf-nightly",
    "keras",
    "numpy",
    "scikit-learn",
    "pandas",
    "tensorboard",
)


class Interpreter(BaseModel):
    """One Python installation, as it describes itself."""

    executable: str
    prefixes: list[str]
    """Where its files lie: the environment's folder, and the installation it was made from."""
    python: str
    versions: dict[str, str]
    """Distribution -> version, of the frameworks and their usual company."""

    def framework_version(self, runtime: Runtime) -> str | None:
        return next((self.versions[name] for name in DISTRIBUTIONS[runtime] if name in self.versions), None)


class Installed(BaseModel):
    """What a program finds where it runs."""

    interpreter: Interpreter
    modules: frozenset[str]
    """Top-level modules and packages that it may import."""


def interpreter_path(runtime: Runtime, runtimes: dict[Runtime, Path] | None) -> Path:
    """The interpreter set for this runtime, or the one that runs gradproof."""
    return Path((runtimes or {}).get(runtime, sys.executable))


def describe(path: Path, *, timeout: float = 30.0) -> Interpreter:
    """Ask an interpreter about itself. Raises SandboxError where it is none."""
    return _describe(os.fspath(path), timeout)


def importable_modules(path: Path, *, timeout: float = 30.0) -> frozenset[str]:
    """Top-level modules and packages that a program may import in the sandbox with this interpreter.

    The interpreter lists its standard library and what is installed, and imports none of it. Raises SandboxError
    where it is no interpreter.
    """
    return _importable_modules(os.fspath(path), timeout)


def installed(runtime: Runtime, runtimes: dict[Runtime, Path] | None) -> Installed:
    """What the interpreter of a runtime holds. Raises SandboxError where it is none."""
    path = interpreter_path(runtime, runtimes)
    return Installed(interpreter=describe(path), modules=importable_modules(path))


@lru_cache(maxsize=8)
def _describe(path: str, timeout: float) -> Interpreter:
    return Interpreter.model_validate(_ask(path, ASK, *LISTED, timeout=timeout))


@lru_cache(maxsize=8)
def _importable_modules(path: str, timeout: float) -> frozenset[str]:
    return frozenset(_ask(path, ASK_MODULES, timeout=timeout))


def _ask(path: str, program: str, *arguments: str, timeout: float) -> Any:
    command = [path, "-I", "-c", program, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout, check=True, env={"PATH": os.defpath})
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise SandboxError(
            f"{path!r} is not a Python interpreter that runs here; set GRADPROOF_RUNTIME_PYTORCH or "
            "GRADPROOF_RUNTIME_TENSORFLOW to one that does"
        ) from error


def require_framework(runtime: Runtime, interpreter: Interpreter) -> None:
    """Raise SandboxError, with the remedy, where the runtime's framework is not installed."""
    if DISTRIBUTIONS[runtime] and interpreter.framework_version(runtime) is None:
        name = DISTRIBUTIONS[runtime][0]
        raise SandboxError(
            f"{interpreter.executable} has no {name}; install it: '{interpreter.executable} -m pip install {name}', "
            f"or set GRADPROOF_RUNTIME_{runtime.upper()} to an interpreter that has it"
        )
