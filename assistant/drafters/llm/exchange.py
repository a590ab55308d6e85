"""A short exchange with the model about one draft: a bounded number of calls, each within the window."""

from collections.abc import Sequence

from assistant.errors import ModelUnavailable, UnusableAnswer
from assistant.model.client import Model
from assistant.model.failures import cut_off
from assistant.model.schema import Message, Reply
from assistant.model.session import Session
from assistant.model.tokens import estimate_tokens
from assistant.prompts import render
from assistant.prompts.context import MOST_REPLY, reply_room

CALLS = 3
"""For one draft or repair: the first, and two for what was cut off, missing, or did not apply."""
TEMPERATURE, WARMER, HOTTEST = 0.2, 0.3, 1.0
LEAST_ASKED = 256
LEAST_BEGUN, LEAST_LINES = 3, 20
"""Characters from which what stands on both sides of a seam counts as said twice: of a begun line, of whole lines."""
MOST_OVERLAP = 2000
RESTART = 60
"""Characters by which a file that is begun again is told from one that is gone on with."""


class Exchange:
    """Asks, and asks again; `may_ask` says whether a call is left."""

    def __init__(self, model: Model, messages: Sequence[Message], session: Session) -> None:
        self._model = model
        self._messages = list(messages)
        self._session = session
        self._left = CALLS
        self._last: Reply | None = None
        self._warmth = min(HOTTEST, TEMPERATURE + WARMER * session.variation)

    @property
    def may_ask(self) -> bool:
        """Whether a call is left, for a model that keeps to its limits."""
        return self._left > 0 and (self._last is None or self._last.ended != "overlong")

    def ask(self) -> Reply:
        """The reply to what was said so far; one that its length cut off is gone on with once, and joined."""
        reply = self._call(self._messages)
        if reply.ended == "length" and reply.text.strip() and self.may_ask:
            rest = self._call(_followed(self._messages, reply.text, render("go_on"), window=self._window))
            text = joined(reply.text, rest.text)
            reply = rest.model_copy(update={"text": text, "usage": reply.usage + rest.usage})
        self._last = reply
        return reply

    def object(self, complaint: str) -> None:
        """Put what is wrong with the last reply as the next question."""
        said = self._last.text if self._last else ""
        self._messages = _followed(self._messages, said, complaint, window=self._window)

    def failure(self, sentence: str) -> ModelUnavailable:
        """What to raise where nothing of the replies can be used: how the last one ended, else the sentence."""
        endpoint = self._model.endpoint
        if self._last and self._last.ended == "cut":
            return ModelUnavailable(cut_off(endpoint).sentence)
        if self._last and self._last.ended == "overlong":
            return UnusableAnswer(
                f"The model {endpoint.model!r} went on without an end, beyond the tokens that it may use; ask again, "
                "or set GRADPROOF_MODEL to another one."
            )
        return UnusableAnswer(sentence)

    def _call(self, messages: Sequence[Message]) -> Reply:
        self._left -= 1
        said = sum(estimate_tokens(message.content) for message in messages)
        return self._model.reply(
            list(messages),
            meter=self._session.meter,
            max_tokens=max(LEAST_ASKED, min(MOST_REPLY, self._window - said)),
            temperature=self._warmth,
            seed=self._session.variation or None,
            on_text=self._session.on_text,
            cancel=self._session.cancel,
        )

    @property
    def _window(self) -> int:
        return self._model.abilities.context_tokens


def joined(first: str, rest: str) -> str:
    """A reply that was cut off and what followed, without what the model said twice."""
    fence, block = _open_block(first)
    opening, _, inside = rest.lstrip("\n").partition("\n")
    if not fence or not opening.startswith(fence[:3]) or not opening.strip("`~ "):
        return _overlapped(first, rest, least=LEAST_BEGUN)
    goes_on = opening.strip() == fence.strip() and not inside.startswith(block[:RESTART])
    if goes_on:  # in a fence opened anew
        return _overlapped(first, inside, least=1)
    return f"{first}\n{fence[: len(fence) - len(fence.lstrip(fence[0]))]}\n\n{rest}"


def _overlapped(first: str, rest: str, *, least: int) -> str:
    """Both, with whole lines at the seam taken once, and a line that was begun taken from its beginning."""
    least = LEAST_LINES if first.endswith("\n") else least
    for size in range(min(len(first), len(rest), MOST_OVERLAP), least - 1, -1):
        starts_a_line = len(first) == size or first[-size - 1] == "\n"
        if starts_a_line and rest[:size].strip() and first.endswith(rest[:size]):
            return first + rest[size:]
    return first + rest


def _open_block(text: str) -> tuple[str, str]:
    """The line that opened the last fence and what stands in it; empty where every fence is closed."""
    fence, begins, at = "", 0, 0
    for line in text.split("\n"):
        at += len(line) + 1
        if not fence and line.startswith(("```", "~~~")):
            fence, begins = line, at
        elif fence and line.strip() == fence[: len(fence) - len(fence.lstrip(fence[0]))]:
            fence = ""
    return fence, text[begins:] if fence else ""


def _followed(messages: Sequence[Message], reply: str, question: str, *, window: int) -> list[Message]:
    """The exchange with the reply and the next question; only the reply's end where the window is small."""
    said = sum(estimate_tokens(message.content) for message in [*messages, Message(role="user", content=question)])
    room = window - said - reply_room(window) // 2
    shown = reply
    while shown and estimate_tokens(shown) > max(0, room):
        shown = shown[len(shown) // 4 + 1 :]
    answered = Message(role="assistant", content=shown or "…")
    return [*messages, answered, Message(role="user", content=question)]
