"""What a report costs beside a plain run of the same script: watching alone, and everything.

    python tests/benchmarks/verify.py [SCRIPT…] [--runs N]     prints one JSON object; ratios count

The three are measured in turn in one process, warm, so that whatever else the machine does hits all of them alike.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from sandbox.base import Sandbox
from sandbox.entry import infer_framework
from sandbox.open import open_sandbox
from sandbox.schema import Job
from sandbox.verify import verify

SCRIPTS = Path(__file__).parents[1] / "data" / "scripts"
CHOSEN = ("torch_class", "torch_functions", "keras_fit", "keras_tape")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scripts", nargs="*", type=Path, default=[SCRIPTS / f"{name}.py" for name in CHOSEN])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with open_sandbox() as sandbox:
        print(json.dumps({path.stem: measure(path, sandbox, runs=options.runs) for path in options.scripts}, indent=2))


def measure(path: Path, sandbox: Sandbox, *, runs: int) -> dict[str, Any]:
    """Median seconds of each way, and the medians of their ratios within one round."""
    files = {path.name: path.read_text(encoding="utf-8")}
    framework = infer_framework(files, path.name)
    ways: dict[str, Callable[[], Any]] = {
        "plain": lambda: sandbox.run(Job(runtime=framework, argv=[path.name], files=files)),
        "watched": lambda: sandbox.run(
            Job(runtime=framework, argv=[path.name], files=files, observe={"framework": framework, "probes": False})
        ),
        "report": lambda: verify(files, framework=framework, sandbox=sandbox, entry=path.name),
    }
    sandbox.warm(framework)
    ways["plain"]()
    rounds = [{name: _seconds(way) for name, way in ways.items()} for _ in range(runs)]
    return {f"{name}_s": round(median(one[name] for one in rounds), 2) for name in ways} | {
        f"{name}_ratio": round(median(one[name] / one["plain"] for one in rounds), 2) for name in ("watched", "report")
    }


def _seconds(way: Callable[[], Any]) -> float:
    started = time.perf_counter()
    way()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
