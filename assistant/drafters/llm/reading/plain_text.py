"""The text of a reply before it is read: one kind of line end, no byte-order mark."""


def plain_text(text: str) -> str:
    """The reply with "\\n" line ends, and encodable."""
    text = text.encode("utf-8", "replace").decode().lstrip("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")
