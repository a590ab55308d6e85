"""What is known of a question while it is worked on, and what each event adds to that."""

from typing import Any, Literal

from pydantic import BaseModel

from assistant.app import Event
from assistant.schema import PythonMLDLResponse

LOSSES_KEPT = 1000
OUTPUT_KEPT = 20_000
"""Characters of what the program wrote, and of each text that a model writes."""


class Step(BaseModel):
    """One line of progress."""

    step: str
    message: str


class Writing(BaseModel):
    """What a model is writing."""

    step: str
    texts: dict[int, str] = {}
    """Number of the draft, among several at once, -> the text so far."""


class Progress(BaseModel):
    """What is known of a question so far."""

    question: str
    kind: Literal["build", "explain", "decline", "question"] | None = None
    """What it was understood as, once it was."""
    steps: list[Step] = []
    writing: Writing | None = None
    """None while no model writes; where a question ends without an answer, what was written until then."""
    files: dict[str, str] = {}
    checks: list[dict[str, Any]] = []
    losses: list[tuple[int, float]] = []
    output: str = ""
    answer: PythonMLDLResponse | None = None
    problem: str | None = None
    """One sentence, where there will be no answer."""

    @property
    def ended(self) -> bool:
        return self.answer is not None or self.problem is not None


def advance(progress: Progress, event: Event) -> Progress:
    """What is known after one more event."""
    data = event.data
    match event.step, event.message:
        case "answer", _:
            return progress.model_copy(update={"answer": event.answer, "writing": None})
        case _, "token":
            return progress.model_copy(update={"writing": _written(progress.writing, event)})
        case _, "candidate":
            return progress.model_copy(update=_tried_candidate(progress, event))
        case "verify", "loss":
            return progress.model_copy(update={"losses": thin([*progress.losses, (data["step"], data["loss"])])})
        case "verify", "check":
            return progress.model_copy(update={"checks": [*progress.checks, data]})
        case "verify", "output":
            return progress.model_copy(update={"output": (progress.output + data["text"])[-OUTPUT_KEPT:]})
        case _:
            return progress.model_copy(update=_finished_step(progress, event))


def _written(writing: Writing | None, event: Event) -> Writing:
    """With some more text; a new step begins a new page."""
    texts = writing.texts if writing and writing.step == event.step else {}
    number = event.data["candidate"]
    text = (texts.get(number, "") + event.data["text"])[-OUTPUT_KEPT:]
    return Writing(step=event.step, texts={**texts, number: text})


def _tried_candidate(progress: Progress, event: Event) -> dict[str, Any]:
    """One of several drafts came to its end; the others may still be written."""
    number, verdict = event.data["candidate"], "verified" if event.data["verified"] else "not verified"
    step = Step(step=event.step, message=f"draft {number + 1}: {verdict}")
    known: dict[str, Any] = {"steps": [*progress.steps, step]}
    if progress.writing:
        texts = {other: text for other, text in progress.writing.texts.items() if other != number}
        known["writing"] = progress.writing.model_copy(update={"texts": texts}) if texts else None
    return known


def _finished_step(progress: Progress, event: Event) -> dict[str, Any]:
    """A new draft starts without the checks and the losses of the one before it."""
    steps = [*progress.steps, Step(step=event.step, message=event.message)]
    known: dict[str, Any] = {"steps": steps, "writing": None}
    if event.step == "understand":
        known["kind"] = event.data.get("kind")
    if event.step in ("lint", "compete"):
        known |= {"files": event.data.get("files", {}), "checks": [], "losses": [], "output": ""}
    if event.step == "verify":
        known["checks"] = event.data.get("checks", progress.checks)
    return known


def thin(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most LOSSES_KEPT points, the first and the last among them."""
    return points if len(points) <= LOSSES_KEPT else [*points[:-1:2], points[-1]]
