"""reStructuredText, with Sphinx's directives as far as they hold code or text. Nothing is included, nothing is run."""

import io
from typing import TYPE_CHECKING, Any

from ingest.readers.outline import Outline, Section

if TYPE_CHECKING:
    from docutils import nodes

SETTINGS = {
    "_disable_config": True,
    "doctitle_xform": False,
    "file_insertion_enabled": False,
    "halt_level": 6,
    "input_encoding": "unicode",
    "raw_enabled": False,
    "report_level": 6,
    "syntax_highlight": "none",
}
"""Above all: no file of this machine is read, whatever a document asks to include."""
CODE = ("code", "code-block", "sourcecode", "testcode", "doctest", "ipython", "jupyter-execute")
CONTAINERS = ("tabs", "tab", "dropdown", "seealso", "versionadded", "versionchanged", "deprecated", "grid", "card")


def read_rst(text: str) -> list[Section]:
    """The sections of a reStructuredText document."""
    from docutils.core import publish_doctree

    _know_sphinx()
    tree = publish_doctree(text, settings_overrides=SETTINGS | {"warning_stream": io.StringIO()})
    outline = Outline()
    _Walk(text, outline).children(tree, level=1)
    return outline.finish()


class _Walk:
    """Goes through a document's nodes in their order."""

    def __init__(self, text: str, outline: Outline) -> None:
        self._lines = [line.strip() for line in text.split("\n")]
        self._outline = outline
        self._at = 0

    def children(self, node: "nodes.Node", *, level: int) -> None:
        from docutils import nodes

        for child in node.children:
            if isinstance(child, nodes.section):
                self.children(child, level=level + 1)
            elif isinstance(child, nodes.title):
                self._outline.heading(level - 1, child.astext(), line=self._find(child.astext()))
            elif isinstance(child, nodes.literal_block | nodes.doctest_block):
                code = child.astext()
                self._outline.code(code, line=self._find(code), language=_language(child))
            elif isinstance(child, nodes.system_message | nodes.comment):
                continue
            elif isinstance(child, nodes.TextElement):
                self._outline.prose(child.astext())
            else:
                self.children(child, level=level)

    def _find(self, text: str) -> int:
        """Where this text begins: docutils does not say it for every node."""
        first = text.strip().partition("\n")[0].strip()
        for number in range(self._at, len(self._lines)):
            if self._lines[number] == first:
                self._at = number
                break
        return self._at + 1


def _language(node: "nodes.Element") -> str:
    from docutils import nodes

    if isinstance(node, nodes.doctest_block):
        return "pycon"
    return next((name for name in node.get("classes", []) if name != "code"), "")


def _know_sphinx() -> None:
    """Make docutils read the directives of Sphinx that it does not bring; it keeps them in a table of its own."""
    from docutils import nodes
    from docutils.parsers.rst import Directive, directives

    class Options(dict[str, Any]):
        """Takes whatever options a document gives."""

        def __missing__(self, name: str) -> Any:
            return directives.unchanged

    class Code(Directive):
        has_content, optional_arguments, option_spec = True, 1, Options(name=directives.unchanged)

        def run(self) -> list[nodes.Node]:
            code = "\n".join(self.content)
            return [nodes.literal_block(code, code, classes=["code", *self.arguments])]

    class Container(Directive):
        has_content, optional_arguments, final_argument_whitespace = True, 1, True
        option_spec = Options(name=directives.unchanged)

        def run(self) -> list[nodes.Node]:
            inner = nodes.container()
            self.state.nested_parse(self.content, self.content_offset, inner)
            return [inner]

    for names, directive in ((CODE, Code), (CONTAINERS, Container)):
        for name in names:
            directives.register_directive(name, directive)
