"""How long the first and the second answer take in one process, per framework.

Run: python tests/benchmarks/ask.py        prints one JSON object; ratios count, seconds depend on the machine.
"""

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant import Settings, open_assistant
from assistant.schema import Framework

QUESTION = "Train a small CNN on scikit-learn's handwritten digits with early stopping and TensorBoard"


def time_two_answers(framework: Framework) -> dict[str, Any]:
    """Seconds of the same question asked twice of a freshly opened assistant with an empty home."""
    with TemporaryDirectory() as home, open_assistant(Settings(home=Path(home), _env_file=None)) as assistant:
        seconds = []
        for n in range(2):
            started = time.perf_counter()
            answer = assistant.ask(QUESTION, thread_id=f"t{n}", framework=framework)
            seconds.append(round(time.perf_counter() - started, 2))
    return {
        "first_s": seconds[0],
        "second_s": seconds[1],
        "ratio": round(seconds[0] / seconds[1], 2),
        "outcome": answer.outcome,
        "accuracy": answer.metrics.evaluation.get("accuracy"),
    }


if __name__ == "__main__":
    print(json.dumps({framework: time_two_answers(framework) for framework in ("pytorch", "tensorflow")}, indent=1))
