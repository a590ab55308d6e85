"""What the conversation shows, as Gradio's messages. Text that a model or a user wrote is shown as it is."""

import re
from collections.abc import Iterable
from typing import Any

from assistant.markdown import NOTE, VERDICTS
from assistant.web.progress import Progress

STEPS = {
    "understand": "Reading the question",
    "retrieve": "Looking up vetted patterns",
    "design": "Designing the project",
    "draft": "Writing the files",
    "lint": "Checking the style",
    "verify": "Running it in the sandbox",
    "repair": "Mending it",
    "answer": "Writing the answer",
    "compete": "Writing several drafts",
    "explain": "Writing an explanation",
}
FOLLOWING = {
    "understand": "retrieve",
    "retrieve": "design",
    "design": "draft",
    "draft": "lint",
    "lint": "verify",
    "repair": "lint",
}
"""Step -> what usually comes after it; after the others, the answer."""
DONE = {
    "understand": "Understood",
    "retrieve": "Retrieved",
    "design": "Designed",
    "draft": "Drafted",
    "lint": "Linted",
    "verify": "Ran",
    "repair": "Mended",
    "compete": "Drafted",
    "explain": "Explained",
}
SMALL_PRINT = re.compile(r"\*[^*\n].*\*")
"""A section in italics: who wrote the project, and what that cost."""

Message = dict[str, Any]


def plain(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]<>()#+\-.!|~&$:])", r"\\\1", text)


def question_message(question: str, names: Iterable[str] = ()) -> Message:
    """What the user asked, with the names of what is attached to it."""
    attached = "".join(f"\n\n📎 {plain(name)}" for name in names)
    return {"role": "user", "content": plain(question) + attached}


def steps_message(progress: Progress) -> Message:
    """The steps so far, under a heading that says what goes on now."""
    lines = [f"- **{DONE.get(item.step, item.step)}** · {plain(item.message)}" for item in progress.steps]
    metadata: dict[str, Any] = {"title": heading(progress), "status": "done" if progress.ended else "pending"}
    if progress.answer:
        metadata["duration"] = progress.answer.execution_time_seconds
    return {"role": "assistant", "content": "\n".join(lines) or "Starting", "metadata": metadata}


def heading(progress: Progress) -> str:
    """What goes on now, in a few words."""
    if progress.ended:
        return f"{len(progress.steps)} steps"
    if progress.writing:
        return STEPS.get(progress.writing.step, STEPS["draft"])
    step = _following(progress)
    if step == "verify" and progress.losses:
        count, loss = progress.losses[-1]
        return f"{STEPS[step]} · step {count:,} · loss {loss:.4g}"
    return STEPS[step]


def _following(progress: Progress) -> str:
    """The step that goes on after the last one that ended."""
    if not progress.steps:
        return "understand"
    last = progress.steps[-1].step
    if last == "retrieve" and progress.kind == "explain":
        return "explain"
    if last == "understand" and progress.kind in ("decline", "question"):
        return "answer"
    return FOLLOWING.get(last, "answer")


def writing_messages(progress: Progress) -> list[Message]:
    """What a model has written so far, as it is; it is folded once nothing follows."""
    if progress.writing is None:
        return []
    return [_writing_message(number, text, progress) for number, text in sorted(progress.writing.texts.items())]


def _writing_message(number: int, text: str, progress: Progress) -> Message:
    who = f"Draft {number + 1}" if progress.writing and progress.writing.step == "compete" else "The model"
    words = f"{len(text.split()):,} words"
    title = f"{who}: {words} until it ended" if progress.ended else f"{who} is writing: {words}"
    metadata = {"title": title, "status": "done" if progress.ended else "pending"}
    return {"role": "assistant", "content": as_code(text), "metadata": metadata}


def as_code(text: str) -> str:
    """Text as a Markdown block that shows it as it is, whatever fences stand in it."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def answer_messages(text: str) -> list[Message]:
    """An answer; of one about a project, the verdict, what went otherwise and who wrote it, the rest folded."""
    verdict, *sections = text.split("\n\n")
    if not sections or not verdict.startswith(VERDICTS):
        return [{"role": "assistant", "content": text}]
    notes = 2 if sections[0] == f"{NOTE}:" else 0  # the title, and its list
    last = next((n for n in range(len(sections), notes, -1) if not SMALL_PRINT.fullmatch(sections[n - 1])), notes)
    messages = [{"role": "assistant", "content": "\n\n".join([verdict, *sections[:notes]])}]
    if folded := "\n\n".join(sections[notes:last]):
        metadata = {"title": "Full report", "status": "done"}
        messages.append({"role": "assistant", "content": folded, "metadata": metadata})
    if sections[last:]:
        messages.append({"role": "assistant", "content": "\n\n".join(sections[last:])})
    return messages


def history_messages(history: list[tuple[str, str]]) -> list[Message]:
    """A conversation that was held before."""
    return [
        message
        for role, text in history
        for message in ([question_message(text)] if role == "human" else answer_messages(text))
    ]


def progress_messages(progress: Progress) -> list[Message]:
    """The steps and, once there is one, the answer or the problem."""
    steps = [steps_message(progress)] if progress.steps or not progress.ended else []
    steps += writing_messages(progress)
    if progress.problem:
        return [*steps, {"role": "assistant", "content": plain(progress.problem)}]
    return [*steps, *(answer_messages(progress.answer.answer) if progress.answer else [])]
