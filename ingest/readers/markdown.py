"""Markdown, CommonMark with tables: MyST's code cells and the front matter of site generators among it."""

import re
from typing import TYPE_CHECKING

from ingest.readers.outline import Outline, Section

if TYPE_CHECKING:
    from markdown_it.token import Token

FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.DOTALL)
MYST = re.compile(r"\{(code-cell|code-block|code|sourcecode|testcode|ipython)\}")


def read_markdown(text: str) -> list[Section]:
    """The sections of a Markdown document."""
    outline = Outline()
    add_markdown(text, outline)
    return outline.finish()


def add_markdown(text: str, outline: Outline, *, line: int | None = None, with_code: bool = True) -> None:
    """Read Markdown into an outline. `line` stands for every place in it; without, each has its own.

    Without `with_code` its code is prose: an illustration beside the code that counts.
    """
    from markdown_it import MarkdownIt

    text = FRONT_MATTER.sub(lambda found: "\n" * found[0].count("\n"), text)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    in_heading = False
    for number, token in enumerate(tokens):
        here = line or (token.map[0] + 1 if token.map else 1)
        if token.type == "heading_open" and token.level == 0:
            outline.heading(int(token.tag[1]), tokens[number + 1].content, line=here)
            in_heading = True
        elif token.type in ("fence", "code_block"):
            _code(token, outline, first=line or here + (token.type == "fence"), with_code=with_code)
        elif token.type == "inline" and not in_heading:
            outline.prose(token.content)
        in_heading = in_heading and token.type != "heading_close"


def _code(token: "Token", outline: Outline, *, first: int, with_code: bool) -> None:
    code = re.sub(r"\A(?::[\w-]+:.*\n)+", "", token.content) if token.info.startswith("{") else token.content
    if with_code:
        outline.code(code, line=first + token.content.count("\n") - code.count("\n"), language=_language(token))
    else:
        outline.prose(code)


def _language(token: "Token") -> str:
    """The first word of a fence's info, in the ways that Markdown's tools write it."""
    if token.type == "code_block":
        return ""
    info = MYST.sub("", token.info.strip())
    words = re.findall(r"[\w+#-]+", info)
    return words[0] if words else ("python" if "code-cell" in token.info else "")
