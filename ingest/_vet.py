"""The way into the sandbox for a program that is vetted: `_vet.py error|always program.py [lines]`.

Imports none of ours. With `lines` the last thing on standard error is which lines of the program were reached.
"""

import runpy
import sys
import warnings
from types import FrameType
from typing import Any


def listen(program: str, reached: set[int]) -> None:
    """Note every line of the program that runs in this thread."""

    def local(frame: FrameType, _event: str, _argument: Any) -> Any:
        reached.add(frame.f_lineno)
        return local

    def calls(frame: FrameType, event: str, argument: Any) -> Any:
        return local(frame, event, argument) if frame.f_code.co_filename == program else None

    sys.settrace(calls)


if __name__ == "__main__":
    action, program, *wanted = sys.argv[1:]
    categories = (DeprecationWarning, FutureWarning) if action == "error" else (Warning,)
    for category in categories:
        warnings.simplefilter(action, category)
    sys.argv = [program]
    reached: set[int] = set()
    try:
        if wanted:
            listen(program, reached)
        runpy.run_path(program, run_name="__main__")
    finally:
        sys.settrace(None)
        if wanted:
            print("\nlines reached:", *sorted(reached), file=sys.stderr, flush=True)
