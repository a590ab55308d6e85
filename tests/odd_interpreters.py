"""Interpreters that do something odd when they become a warm process, and behave at all other times."""

import sysconfig
import textwrap
import venv
from pathlib import Path

from sandbox.schema import Runtime

_ONLY_WHEN_WARM = "import sys\nif '/gradproof' in sys.orig_argv:\n"


def make_odd_interpreter(folder: Path, code: str) -> dict[Runtime, Path]:
    """A bare environment for the runtime "python" whose warm process runs `code` before it imports anything."""
    venv.create(folder, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    body = textwrap.indent(textwrap.dedent(code), "    ")
    Path(packages, "sitecustomize.py").write_text(_ONLY_WHEN_WARM + body, encoding="utf-8")
    return {"python": folder / "bin" / "python"}
