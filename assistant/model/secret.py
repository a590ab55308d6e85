"""Keep an endpoint's key out of what the endpoint says: a gateway may reflect the request that it was sent."""

from pydantic import SecretStr

SHORTEST = 12
"""Characters of a key. What is shorter, such as "none" or "ollama", opens nothing, and an answer may well hold it."""
HIDDEN = "…"


class KeyFilter:
    """Takes a text in pieces; the key may be split over them."""

    def __init__(self, key: SecretStr | None = None) -> None:
        secret = key.get_secret_value() if key else ""
        self._key = secret if len(secret) >= SHORTEST else ""
        self._held = ""

    def clean(self, text: str) -> str:
        """A whole text without the key."""
        return text.replace(self._key, HIDDEN) if self._key else text

    def feed(self, piece: str) -> str:
        """What is certain by now not to be the key's beginning."""
        text = self.clean(self._held + piece)
        begun = next((n for n in range(min(len(self._key) - 1, len(text)), 0, -1) if self._begins(text[-n:])), 0)
        self._held = text[len(text) - begun :]
        return text[: len(text) - begun]

    def end(self) -> str:
        """What was held back because it looked like the beginning of the key."""
        held, self._held = self._held, ""
        return held

    def _begins(self, end: str) -> bool:
        return self._key.startswith(end)
