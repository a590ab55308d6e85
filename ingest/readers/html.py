"""HTML pages: the main part's headings, prose and code, without navigation and without what a reader cannot see."""

import re
from typing import TYPE_CHECKING

from ingest.readers.outline import Outline, Section

if TYPE_CHECKING:
    from bs4 import Tag

DROPPED = "script, style, template, noscript, nav, footer, form, button, svg, a.headerlink, .linenos, .lineno, [hidden]"
MAIN = ("main", "[role=main]", "article", "body")
HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
LANGUAGE = re.compile(r"^(?:language|lang|highlight|brush:?)-?([\w+#]+)$")
OF_NO_LANGUAGE = {"default", "none", "text", "source", "highlight", "notranslate"}


def read_html(text: str) -> list[Section]:
    """The sections of a page."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(text, "html.parser")
    unseen = [tag for tag in page.select("[style]") if HIDDEN.search(str(tag.get("style")))]
    for tag in [*page.select(DROPPED), *unseen]:
        tag.decompose()
    main = next((found for name in MAIN if (found := page.select_one(name))), page)
    outline = Outline()
    _read(main, outline)
    return outline.finish()


def _read(tag: "Tag", outline: Outline) -> None:
    from bs4 import NavigableString, Tag
    from bs4.element import PreformattedString

    loose: list[str] = []
    for child in [*tag.children, None]:
        if isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            loose.append(str(child))
        elif isinstance(child, Tag) and _is_inline(child):
            loose.append(child.get_text())
        elif child is None or isinstance(child, Tag):
            outline.prose(" ".join("".join(loose).split()))
            loose = []
            if child is not None:
                _read_block(child, outline)


def _read_block(tag: "Tag", outline: Outline) -> None:
    line = tag.sourceline or 1
    if re.fullmatch(r"h[1-6]", tag.name):
        outline.heading(int(tag.name[1]), tag.get_text(), line=line)
    elif tag.name == "pre":
        outline.code(tag.get_text(), line=line, language=_language(tag))
    else:
        _read(tag, outline)


def _is_inline(tag: "Tag") -> bool:
    """Whether it is part of a sentence: then nothing in it stands on lines of its own."""
    blocks = ["address", "blockquote", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li", "main", "ol"]
    blocks += ["article", "aside", "figure", "header", "p", "pre", "section", "table", "tbody", "td", "th", "tr", "ul"]
    return tag.name not in blocks and tag.find(blocks) is None


def _language(tag: "Tag") -> str:
    """What the classes of the code, or of the boxes around it, name; the innermost decides."""
    inner = tag.find("code")
    for near in [one for one in (inner, tag, tag.parent, tag.parent and tag.parent.parent) if one]:
        for word in " ".join(near.get("class") or []).replace("brush: ", "brush-").split():
            found = LANGUAGE.match(word)
            if found and found[1] not in OF_NO_LANGUAGE:
                return found[1]
    return ""
