"""The way into the sandbox for a program that is vetted: `_vet.py error|always WORD program.py [lines]`.

Imports none of ours. A line on standard error begins with WORD and says how the program ended, as JSON; with `lines`
also which of its lines were reached, and which exceptions they raised. The word is new in each run, so that what a
program prints itself is not taken for it.
"""

import json
import os
import runpy
import sys
import traceback
import warnings
from types import FrameType
from typing import Any


def listen(program: str, reached: set[int], raised: dict[int, str]) -> None:
    """Note every line of the program that runs in this thread, and the type of what it raises or lets through."""

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        reached.add(frame.f_lineno)
        if event == "exception":
            raised[frame.f_lineno] = argument[0].__name__
        return local

    def calls(frame: FrameType, event: str, argument: Any) -> Any:
        return local(frame, event, argument) if frame.f_code.co_filename == program else None

    sys.settrace(calls)


def told(error: BaseException, program: str) -> dict[str, Any]:
    if isinstance(error, SystemExit):
        return {"how": "exited"}
    codes = ((frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__))
    lines = [line for code, line in codes if (code.co_filename, code.co_name) == (program, "<module>")]
    where = {"line": lines[-1]} if lines else {}
    return {"how": "raised", "type": type(error).__name__, "message": str(error)[:4000], **where}


if __name__ == "__main__":
    action, word, program, *wanted = sys.argv[1:]
    categories = (DeprecationWarning, FutureWarning) if action == "error" else (Warning,)
    for category in categories:
        warnings.simplefilter(action, category)
    sys.argv = [program]
    reached: set[int] = set()
    raised: dict[int, str] = {}
    ended: dict[str, Any] = {"how": "returned"}
    try:
        if wanted:
            listen(program, reached, raised)
        runpy.run_path(program, run_name="__main__")
    except BaseException as error:
        ended = told(error, program)
        raise
    finally:
        sys.settrace(None)
        # Before the traceback, with which the interpreter ends the process.
        seen = {"lines": sorted(reached), "raised": raised}
        os.write(2, f"\n{word} {json.dumps(ended | seen)}\n".encode())
