"""Run each snippet of snippets.json by itself, and write what it did to outcomes.json."""

import contextlib
import importlib
import io
import json
import logging
import traceback
import warnings
from pathlib import Path


def run(code: str) -> dict:
    """What was raised, which warnings came, and what was logged or printed to standard error."""
    said, raised = io.StringIO(), None
    handler = logging.StreamHandler(said)
    loggers = [logging.getLogger(name) for name in ("", "absl", "tensorflow")]
    for logger in loggers:
        logger.addHandler(handler)
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stderr(said):
        warnings.simplefilter("always")
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(code, "<snippet>", "exec"), {"__name__": "__main__"})
        except BaseException as error:
            raised = [kind.__name__ for kind in type(error).__mro__]
            said.write(traceback.format_exc())
    for logger in loggers:
        logger.removeHandler(handler)
    texts = [[[kind.__name__ for kind in item.category.__mro__], str(item.message)] for item in caught]
    return {"raised": raised, "warned": texts, "said": said.getvalue()[-2000:]}


def resolves(dotted: str) -> bool:
    """Whether a dotted name leads anywhere, as an import or as attributes."""
    parts = dotted.split(".")
    try:
        found = importlib.import_module(parts[0])
    except ImportError:
        return False
    for end in range(1, len(parts)):
        with contextlib.suppress(ImportError, ValueError):
            importlib.import_module(".".join(parts[: end + 1]))
        try:
            found = getattr(found, parts[end])
        except Exception:
            return False
    return True


if __name__ == "__main__":
    asked = json.loads(Path("snippets.json").read_text(encoding="utf-8"))
    outcomes = {name: run(code) for name, code in asked["snippets"].items()}
    there = [name for name in asked["names"] if resolves(name)]
    Path("outcomes.json").write_text(json.dumps({"outcomes": outcomes, "there": there}), encoding="utf-8")
