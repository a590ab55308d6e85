"""Attached code and texts: what a model can read of them, and the framework that they use."""

import re
from collections.abc import Sequence

from assistant.request.attachments import Attachment
from assistant.schema import Framework

IMPORTS: dict[Framework, re.Pattern[str]] = {
    "pytorch": re.compile(r"^\s*\"?(?:import|from)\s+(?:torch|lightning|pytorch_lightning)\b", re.MULTILINE),
    "tensorflow": re.compile(r"^\s*\"?(?:import|from)\s+(?:tensorflow|keras)\b", re.MULTILINE),
}
"""The quote is a notebook's, whose lines are JSON strings."""


def attached_code(attachments: Sequence[Attachment]) -> list[Attachment]:
    """The attached programs and notebooks."""
    return [item for item in attachments if item.kind == "code"]


def readable_text(item: Attachment) -> str | None:
    """The text of a file; None where it is binary."""
    if b"\0" in item.content:
        return None
    try:
        return item.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def framework_of(code: Sequence[Attachment]) -> Framework | None:
    """The only framework that the code imports, where there is one."""
    texts = [readable_text(item) or "" for item in code]
    used = [name for name, pattern in IMPORTS.items() if any(pattern.search(text) for text in texts)]
    return used[0] if len(used) == 1 else None


def unused_note(attachments: Sequence[Attachment], *, composes: bool) -> list[str]:
    """Names what was attached and is not used."""
    extra = [item for item in attachments if item.kind not in ("csv", "npz")]
    if composes:
        names, only = [item.name for item in extra], "CSV and .npz files"
    else:
        names, only = [item.name for item in extra if readable_text(item) is None], "texts, CSV and .npz files"
    return [f"{', '.join(names)} was attached and is not used: only {only} are."] if names else []
