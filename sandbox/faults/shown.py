"""How each fault's wrong example was reported when it was last run, recorded by `.dev/examples.py`."""

import json
from functools import cache

from sandbox.faults.examples import FOLDER

RECORD = FOLDER / "shown.json"


def shown(id: str, framework: str) -> str | None:
    """The finding as a sentence with its line; None where the example has not been run since it was written."""
    return _recorded().get(framework, {}).get(id)


@cache
def _recorded() -> dict[str, dict[str, str]]:
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
