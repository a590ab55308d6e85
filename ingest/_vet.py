"""The way into the sandbox for a program that is vetted: `_vet.py error|always WORD program.py [lines]`.

Imports none of ours. The last line on standard error is WORD and how the program ended, as JSON; with `lines` also
which of its lines were reached. The word is new in each run, so that what a program prints itself is not taken for it.
"""

import json
import os
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


def told(error: BaseException) -> dict[str, str]:
    how = "exited" if isinstance(error, SystemExit) else "raised"
    return {"how": how, "type": type(error).__name__, "message": str(error)[:4000]}


if __name__ == "__main__":
    action, word, program, *wanted = sys.argv[1:]
    categories = (DeprecationWarning, FutureWarning) if action == "error" else (Warning,)
    for category in categories:
        warnings.simplefilter(action, category)
    sys.argv = [program]
    reached: set[int] = set()
    ended: dict[str, Any] = {"how": "returned"}
    try:
        if wanted:
            listen(program, reached)
        runpy.run_path(program, run_name="__main__")
    except BaseException as error:
        ended = told(error)
        raise
    finally:
        sys.settrace(None)
        # After the traceback, which the interpreter prints once this is over, nothing could be said any more.
        os.write(2, f"\n{word} {json.dumps(ended | {'lines': sorted(reached)})}\n".encode())
