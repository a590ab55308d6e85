"""The text of a reply before it is read: one kind of line end, no byte-order mark, no thinking aloud."""

import re

_TAG = "(think|thinking|reasoning)"
_OPENING = re.compile(rf"^[ \t]*+<{_TAG}>", re.MULTILINE | re.IGNORECASE)
_LONE_CLOSING = re.compile(rf"^[ \t]*+</{_TAG}>|</{_TAG}>[ \t]*+$", re.MULTILINE | re.IGNORECASE)


def plain_text(text: str) -> str:
    """The reply with "\\n" line ends, encodable, and without what stands between <think> marks."""
    text = text.encode("utf-8", "replace").decode().lstrip("\ufeff")
    return without_thoughts(text.replace("\r\n", "\n").replace("\r", "\n"))


def without_thoughts(text: str) -> str:
    """The text without its <think> parts: an unclosed one reaches to the end, a lone closing mark from the start.

    A mark counts only where it begins a line, or, closing one that was never opened, where it ends one:
    code may hold such marks in its strings.
    """
    kept, at = [], 0
    while opening := _OPENING.search(text, at):
        kept.append(text[at : opening.start()])
        closing = re.compile(f"</{opening[1]}>", re.IGNORECASE).search(text, opening.end())
        if closing is None:
            return _after_lone_closing("".join(kept))
        at = closing.end()
    return _after_lone_closing("".join([*kept, text[at:]]))


def _after_lone_closing(text: str) -> str:
    closing = _LONE_CLOSING.search(text)
    return text[closing.end() :] if closing else text
