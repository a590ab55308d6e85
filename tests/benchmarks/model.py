"""What gradproof itself adds to an answer: the time that is neither the model's nor the sandbox's.

The model is an endpoint on the loopback that answers at once with a draft that passes, so the whole graph runs: the
question is read, patterns are retrieved, the prompt is built, the reply is read, linted, run and judged. With --repair
the first draft has a shape mismatch, which is mended in a second attempt.

Run: python tests/benchmarks/model.py [--answers N] [--repair]     prints one JSON object
"""

import argparse
import json
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from model_server import ModelServer, Request

from assistant import Assistant, Settings, open_assistant

DRAFTS = Path(__file__).parent.parent / "data" / "drafts"
QUESTION = "classify scikit-learn's digits with a small network in PyTorch, no TensorBoard"
READING = json.dumps({"kind": "build", "fields": [], "unplanned": [], "question_back": None})


def model(request: Request, *, repair: bool) -> str:
    """The reading of the question, then a draft; where repairs are measured the first one is wrong."""
    if "response_format" in request.body:
        return READING
    mended = not repair or "shape-mismatch" in request.messages[-1]["content"]
    return f"```python train.py\n{(DRAFTS / ('good.py' if mended else 'wrong_shape.py')).read_text()}```\n"


def time_answer(assistant: Assistant, n: int) -> dict[str, Any]:
    """Seconds of one answer, and whose they were."""
    started = time.perf_counter()
    answer = assistant.ask(QUESTION, thread_id=f"t{n}", drafter="llm")
    seconds = time.perf_counter() - started
    sandbox = sum(attempt.verify.wall_s for attempt in answer.attempts if attempt.verify)
    return {
        "outcome": answer.outcome,
        "attempts": len(answer.attempts),
        "answer_s": round(seconds, 3),
        "model_s": round(answer.usage.seconds, 3),
        "sandbox_s": round(sandbox, 3),
        "own_s": round(seconds - answer.usage.seconds - sandbox, 3),
    }


def measure(*, answers: int, repair: bool) -> dict[str, Any]:
    """The first answer of a fresh home, which builds the index and starts the interpreters, and the others' median."""
    with ModelServer(lambda request: model(request, repair=repair)) as server, TemporaryDirectory() as home:
        settings = Settings(home=Path(home), model=server.model, openai_base_url=server.url, _env_file=None)
        with open_assistant(settings) as assistant:
            first, *others = [time_answer(assistant, n) for n in range(answers)]
    later = [one["own_s"] for one in others]
    own = {
        "median": median(later),
        "min": min(later),
        "max": max(later),
        "per_attempt": median(later) / first["attempts"],
    }
    return {"first": first, "others": others, "own_s": {name: round(value, 3) for name, value in own.items()}}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=6, help="the first among them; 2 at the least")
    parser.add_argument("--repair", action="store_true", help="mend a wrong first draft")
    options = parser.parse_args()
    print(json.dumps(measure(answers=max(2, options.answers), repair=options.repair), indent=1))
