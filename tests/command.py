"""The `gradproof` command as somebody starts it: in a process of its own, which takes seconds to be there."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = Path(sys.executable).with_name("gradproof")


def gradproof(*words: str | Path, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command when it has ended; `given` is its standard input."""
    return subprocess.run(
        [COMMAND, *words],
        input=given,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=os.environ | environment,
    )


@contextmanager
def running(*words: str | Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The command while it runs; ended with the block."""
    with subprocess.Popen(
        [COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()
