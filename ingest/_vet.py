"""The way into the sandbox for a program that is vetted: `_vet.py error|always program.py`. Imports none of ours."""

import runpy
import sys
import warnings

if __name__ == "__main__":
    action, program = sys.argv[1:]
    categories = (DeprecationWarning, FutureWarning) if action == "error" else (Warning,)
    for category in categories:
        warnings.simplefilter(action, category)
    sys.argv = [program]
    runpy.run_path(program, run_name="__main__")
