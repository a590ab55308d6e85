"""What a program was seen to do, read from its standard error, and whether that is what was declared."""

import re

from sandbox.schema import ExecResult

EXCEPTION = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$", re.MULTILINE | re.DOTALL)
WARNING = re.compile(r"^\S+:\d+: (?P<type>\w+): (?P<message>.*)$", re.MULTILINE)
LOGGED_DEPRECATION = re.compile(r"^WARNING:tensorflow.*\bdeprecated\b.*$", re.MULTILINE | re.IGNORECASE)
DECLARED = re.compile(r"(?P<verb>raises|fails|warns) (?P<type>[\w.]+)(?:: (?P<substring>.+))?", re.DOTALL)
FOLDER = re.compile(r"/\S*/site-packages/")
KEPT = 300
"""Characters of an outcome that go into a record."""


def raised(stderr: str) -> tuple[str, str] | None:
    """Type and message of the exception that ended the program, or None where no traceback was printed."""
    _, found, last = stderr.rpartition("Traceback (most recent call last):\n")
    # The frames are indented; the first line that is not holds the exception, and its message may go on.
    unindented = re.search(r"^[^\s].*\Z", last, re.MULTILINE | re.DOTALL)
    match = EXCEPTION.match(unindented.group()) if found and unindented else None
    return (match["type"].rpartition(".")[2], (match["message"] or "").strip()) if match else None


def warned(stderr: str) -> list[tuple[str, str]]:
    """Category and message of each warning that was printed."""
    return [(match["type"], match["message"]) for match in WARNING.finditer(stderr)]


def declared_outcome(result: ExecResult, declared: str) -> tuple[str | None, str]:
    """What a wrong example was seen to do where that is what it declares, else None; and why not."""
    wanted = DECLARED.fullmatch(declared.strip())
    if wanted is None:
        return None, f"wrong_outcome {declared!r} must read 'raises TYPE: text', 'warns CATEGORY: text' or 'fails ...'"
    if wanted["verb"] == "warns":
        seen = warned(result.stderr) if result.status == "ok" else []
    else:
        seen = [error for error in (raised(result.stderr),) if error and result.status == "error"]
    substring = " ".join((wanted["substring"] or "").split())  # headers are wrapped, and so are messages
    for kind, message in seen:
        if kind == wanted["type"].rpartition(".")[2] and substring in " ".join(message.split()):
            seen_here = FOLDER.sub("", message)  # where packages lie is another folder on every machine
            return f"{wanted['verb']} {kind}: {seen_here}"[:KEPT], ""
    return None, f"the wrong example {seen_to_do(result)}, not what it declares: {declared}"


def seen_to_do(result: ExecResult) -> str:
    """One phrase for what a program did."""
    if result.status == "ok":
        kinds = sorted({kind for kind, _ in warned(result.stderr)})
        return f"ran to its end with {', '.join(kinds)}" if kinds else "ran to its end"
    error = raised(result.stderr)
    if result.status == "error" and error:
        return f"raised {error[0]}: {error[1]}"[:KEPT]
    return f"ended as {result.status}: {result.reason or result.stderr.strip()[-KEPT:] or result.exit_code}"
