"""Where a reply says which file a block is: in the fence's info string, a line before it, or its first comment."""

import re
from typing import Literal, NamedTuple

_LONGEST_INFO = 1000
_LONGEST_HEADING = 300
_TEXTS = ("py", "pyi", "md", "rst", "txt", "toml", "yaml", "yml", "json", "jsonl", "cfg", "ini", "csv", "tsv", "ipynb")
_OTHERS = (
    "j2",
    "html",
    "css",
    "js",
    "xml",
    "sh",
    "bash",
    "bat",
    "ps1",
    "lock",
    "npz",
    "npy",
    "pt",
    "pth",
    "keras",
    "onnx",
)
_EXTENSIONS = {*_TEXTS, *_OTHERS}
_BARE_NAMES = {"Makefile", "Dockerfile", "LICENSE", "Procfile", ".gitignore"}
_DECORATION = " \t#*`:=-–—|\"'"
_KEY = re.compile(
    r"\b(file(?:_?name|_?path)?|path|title|name)[ \t]*+[=:][ \t]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s,}\])\"']++))", re.I
)
_LABEL = re.compile(
    r"(?:(?:new|updated|full|complete)[ \t]++)?(?:file(?:[ _]?name|[ _]?path)?|path)[ \t]*+\d*+[ \t]*+[:=–—-]", re.I
)
_NUMBER = re.compile(r"\d{1,3}[.)][ \t]++")
_LINK = re.compile(r"\[([^\[\]]++)\]\([^()]*+\)")
_DESCRIBED = re.compile(r"([^\s`*:]++)[`*]*+:?(?:[ \t]++[-–—(:#]|:[ \t]).*")
_TITLE = re.compile(r"[ \t]*+(?:#{1,6}[ \t]|\*\*[^*]++\*\*:?[ \t]*+$)")
_DECORATED = re.compile(r"[ \t]*+(?:#|\*\*|`|=|-{2}|\d{1,3}[.)]|[Ff]ile)")
_ABOUT_A_PART = re.compile(
    r"^in\b|\b(?:add|change|modify|insert|remove|lines?|examples?|usage|use|output|prints?|run|running|import|call|"
    r"instead|snippet|fragment|logs?|diff)\b",
    re.I,
)
_COMMENT = re.compile(r"[ \t]*+(#|//|;|--|%|<!--|/\*|\"\"\"|''')(.*)")


class Named(NamedTuple):
    """A path that a line gives."""

    path: str
    sure: bool
    """False where a sentence merely mentions it."""
    alone: bool = True
    """True where the line holds nothing else."""


def language_of(info: str) -> str:
    """The language that an info string begins with, in lower case; empty where it names none."""
    match = re.match(r"[{.\s]*+([\w+#-]++)", info)
    if match is None or looks_like_path(re.split(r"[\s{}(),]", info.strip(), maxsplit=1)[0]):
        return ""
    return match[1].lower()


def looks_like_path(text: str) -> bool:
    """True for what is plainly meant as a file's path, one that may not be used among them."""
    if not text or "://" in text or any(char in text for char in "`<>|*\"'=,;()[]{}"):
        return False
    if re.match(r"\.\.?[/\\]|~[/\\]|/[^\s/]|[A-Za-z]:[/\\]|\.\w+[/\\]", text):
        return True
    name = re.split(r"[/\\]", text)[-1]
    stem, _, extension = name.rpartition(".")
    return name in _BARE_NAMES or bool(stem and extension.lower() in _EXTENSIONS)


def path_in_info(info: str) -> str | None:
    """The path in an info string: `python train.py`, `python:train.py`, `title="train.py"`, `{filename=train.py}`."""
    info = info[:_LONGEST_INFO]
    for key, *values in _KEY.findall(info):
        value = next((value for value in values if value), "")
        if key.lower() not in ("title", "name") or looks_like_path(value):
            return value
    for token in re.split(r"[\s{}(),]+", info):
        path = _without_language(token.strip("`*\"'#"))
        if looks_like_path(path):
            return path
    return None


def _without_language(token: str) -> str:
    head, colon, tail = token.partition(":")
    if colon and looks_like_path(head):
        return head
    return tail if colon and re.fullmatch(r"[\w+#-]{2,}", head) else token


def path_in_heading(line: str) -> Named | None:
    """The path that a line before a block gives: `### train.py`, `**File 2: src/model.py**`, `Here is train.py:`."""
    if len(line) > _LONGEST_HEADING:
        return None
    line = _LINK.sub(r"\1", line)
    core = _without_label(line)
    if looks_like_path(core) and not re.search(r"\s", core):
        return Named(core, sure=True)
    described = _DESCRIBED.fullmatch(core)
    if described and _DECORATED.match(line) and looks_like_path(described[1]):
        return Named(described[1], sure=True, alone=False)
    titled = only_path(line) if _TITLE.match(line) and not _ABOUT_A_PART.search(line) else None
    return Named(titled, sure=True, alone=False) if titled else _mentioned(line)


def _without_label(line: str) -> str:
    core = line.strip(_DECORATION)
    core = _NUMBER.sub("", core, count=1).strip(_DECORATION)
    label = _LABEL.match(core)
    return core[label.end() :].strip(_DECORATION) if label else core


def _mentioned(line: str) -> Named | None:
    """The one file that a sentence ending in a colon names, unless it speaks of a part of it or of running it."""
    line = line.strip().rstrip("*_ ")
    if not line.endswith(":") or _ABOUT_A_PART.search(line):
        return None
    path = only_path(line)
    return Named(path, sure=False, alone=False) if path else None


def only_path(line: str) -> str | None:
    """The path in a line of prose; None where it names none, or several."""
    words = {word.strip("`*\"'.,:;()") for word in line[:_LONGEST_HEADING].split()}
    paths = [word for word in words if looks_like_path(word)]
    return paths[0] if len(paths) == 1 else None


def path_in_comment(line: str) -> Named | None:
    """The path that a comment gives: `# train.py`, `# path: train.py`, `# --- train.py ---`, `<!-- README.md -->`."""
    match = _COMMENT.match(line) if len(line) <= _LONGEST_HEADING else None
    if match is None:
        return None
    core = _without_label(match[2].replace("-->", "").replace("*/", ""))
    if looks_like_path(core) and not re.search(r"\s", core):
        return Named(core, sure=True, alone=match[1] not in ('"""', "'''"))
    described = _DESCRIBED.fullmatch(core)
    return Named(described[1], sure=True, alone=False) if described and looks_like_path(described[1]) else None


def section_marker(line: str) -> str | None:
    """The path in a comment that parts files within one block: `# --- model.py ---`, `# File: model.py`."""
    if not re.match(r"#[ \t]*+(?:[-=#*]{2}|file\b|path\b)", line, re.I):
        return None
    named = path_in_comment(line)
    return named.path if named and named.alone else None


Kind = Literal["python", "shell", "output", "diff", "other"]
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("python", "py", "python3", "py3", "ipython"), "python"),
    **dict.fromkeys(
        ("bash", "sh", "shell", "zsh", "console", "terminal", "powershell", "cmd", "shell-session"), "shell"
    ),
    **dict.fromkeys(("output", "stdout", "stderr", "log", "traceback", "pycon", "pytb"), "output"),
    **dict.fromkeys(("diff", "patch"), "diff"),
}


def kind_of(info: str) -> Kind:
    """What an info string says that a block holds."""
    return _KINDS.get(language_of(info), "other")


def fits(path: str, kind: Kind) -> bool:
    """Whether a block of this kind can be that file: a shell block under the heading `train.py` is how to run it."""
    if kind == "shell":
        return path.endswith((".sh", ".bash", ".bat", ".ps1")) or path.rpartition("/")[2] in _BARE_NAMES
    if kind == "python":
        return path.endswith((".py", ".pyi")) or not re.search(r"\.(?:md|txt|toml|ya?ml|json|cfg|ini|csv)$", path)
    return kind == "other"
