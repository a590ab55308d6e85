"""Ask a language model, whatever its endpoint does: one reply, or one sentence that says why there is none."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel

from assistant.errors import ModelUnavailable
from assistant.model.asking import Asking
from assistant.model.background import Background, held
from assistant.model.chat import open_chat
from assistant.model.probe import probe
from assistant.model.remembered import recall, remember
from assistant.model.schema import Abilities, Budget, Endpoint, Message, Meter, Reply
from assistant.model.tries import Patience


class Model:
    """A model at its endpoint, for any number of threads. Nothing is asked before the first reply."""

    def __init__(
        self, endpoint: Endpoint, *, home: Path, backoff_s: float = 0.5, silence_s: float = 60.0, attempts: int = 4
    ) -> None:
        """`home` is where the endpoint's abilities are remembered. `backoff_s` is the first pause before another try,
        which doubles; `silence_s` is the longest wait between two pieces of a stream."""
        self.endpoint = endpoint
        self._home = home
        self._patience = Patience(backoff_s=backoff_s, silence_s=silence_s, attempts=attempts)
        self._background = Background()
        self._chat: Any = None
        self._abilities: Abilities | None = None
        self._refused: set[str] = set()
        self._counting: list[Meter] = []
        self._lock = threading.Lock()
        self._probing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, and end what is still being asked."""
        if self._chat is not None:
            self._background.run(lambda _: self._chat.root_async_client.close())
            self._chat = None
        self._background.close()

    @property
    def abilities(self) -> Abilities:
        """What the endpoint can do: remembered for a day, else found out with a few small requests.

        Raises ModelUnavailable where it cannot be reached. The probe's tokens, some hundred, are on no question's bill.
        """
        return self.find_abilities()

    def reply(
        self,
        messages: list[Message],
        *,
        meter: Meter,
        max_tokens: int | None = None,
        temperature: float | None = None,
        seed: int | None = None,
        schema: type[BaseModel] | None = None,
        on_text: Callable[[str], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Reply:
        """One reply. `on_text` is told the answer's text as it arrives, in the calling thread; where a broken reply is
        asked for anew, a line says so and the text comes from its beginning. With a schema, the text is JSON as far as
        the endpoint and the model can be held to it: read it with `parse_json`.

        Raises ModelUnavailable, BudgetSpent, or Stopped within a second after `cancel` is set. Whatever comes of it,
        the meter has what was used.
        """
        meter.check()
        asking = Asking(
            self._opened(),
            self.endpoint,
            abilities=self.find_abilities(cancel=cancel),
            meter=meter,
            patience=self._patience,
            messages=messages,
            schema=schema,
            options={"max_tokens": max_tokens, "temperature": temperature, "seed": seed},
            refused=self._refused,
        )
        try:
            return self._background.run(asking.reply, on_text=on_text, cancel=cancel)
        finally:
            for counting in tuple(self._counting):
                counting.add(asking.used)

    @contextmanager
    def counted(self) -> Iterator[Meter]:
        """Count what is asked until it ends, whoever asks and whatever comes of it."""
        counting = Meter(Budget())
        self._counting.append(counting)
        try:
            yield counting
        finally:
            self._counting.remove(counting)

    def _opened(self) -> Any:
        with self._lock:
            if self._chat is None:
                self._chat = open_chat(self.endpoint)
            return self._chat

    def find_abilities(self, *, cancel: threading.Event | None = None) -> Abilities:
        """Like `abilities`; raises Stopped within a second after `cancel` is set, whoever asks the endpoint then."""
        chat = self._opened()
        with held(self._probing, cancel):
            self._abilities = self._abilities or recall(self._home, self.endpoint)
            if self._abilities is None:
                found = self._background.run(lambda _: probe(chat, self.endpoint, self._patience), cancel=cancel)
                if found.failure:
                    raise ModelUnavailable(found.failure.sentence)
                if found.certain:
                    remember(self._home, self.endpoint, found.abilities)
                self._abilities = found.abilities
        known = self.endpoint.context_tokens
        given = {"context_tokens": known, "context_known": True} if known else {}
        return self._abilities.model_copy(update=given)
