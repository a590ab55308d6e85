"""What a program was seen to do, and whether that is what was declared."""

import re

from ingest.ended import Run

WARNING = re.compile(r"^\S+:\d+: (?P<type>\w+): (?P<message>.*)$", re.MULTILINE)
LOGGED_DEPRECATION = re.compile(r"^WARNING:tensorflow.*\bdeprecated\b.*$", re.MULTILINE | re.IGNORECASE)
DECLARED = re.compile(r"(?P<verb>raises|fails|warns) (?P<type>[\w.]+)(?:: (?P<substring>.+))?", re.DOTALL)
FOLDER = re.compile(r"/\S*/site-packages/")
KEPT = 300
"""Characters of an outcome that go into a record."""


def warned(stderr: str) -> list[tuple[str, str]]:
    """Category and message of each warning that was printed."""
    return [(match["type"], match["message"]) for match in WARNING.finditer(stderr)]


def declared_outcome(run: Run, declared: str) -> tuple[str | None, str]:
    """What a wrong example was seen to do where that is what it declares, else None; and why not."""
    wanted = DECLARED.fullmatch(declared.strip())
    if wanted is None:
        return None, f"wrong_outcome {declared!r} must read 'raises TYPE: text', 'warns CATEGORY: text' or 'fails ...'"
    if wanted["verb"] == "warns":
        seen = warned(run.result.stderr) if run.result.status == "ok" else []
    else:
        seen = [error for error in (_raised(run),) if error]
    substring = " ".join((wanted["substring"] or "").split())  # headers are wrapped, and so are messages
    for kind, message in seen:
        if kind == wanted["type"].rpartition(".")[2] and substring in " ".join(message.split()):
            seen_here = FOLDER.sub("", message)  # where packages lie is another folder on every machine
            return f"{wanted['verb']} {kind}: {seen_here}"[:KEPT], ""
    return None, f"the wrong example {seen_to_do(run)[0]}, not what it declares: {declared}"


def seen_to_do(run: Run) -> tuple[str, str]:
    """One phrase for what a program did, and the same without what differs from one program to the next."""
    result = run.result
    if error := _raised(run):
        return f"raised {error[0]}: {error[1]}"[:KEPT], f"raised {error[0]}"
    if result.status != "ok":
        rest = result.reason or result.stderr.strip()[-KEPT:] or result.exit_code
        return f"ended as {result.status}: {rest}", f"ended as {result.status}"
    kinds = sorted({kind for kind, _ in warned(result.stderr)})
    said = f"ran to its end with {', '.join(kinds)}" if kinds else "ran to its end"
    if run.ended is None or run.ended.how == "raised":
        said = "left before its end, with exit status 0"
    return said, said


def _raised(run: Run) -> tuple[str, str] | None:
    """Type and message of the exception that ended the program, which ended its process too."""
    if run.ended is None or run.ended.how != "raised" or run.result.status != "error":
        return None
    return run.ended.type, run.ended.message.strip()
