"""What readers see in a document of each kind; nothing is run."""

import pytest
from ingest_documents import DATA, reading

from ingest.decode import decode
from ingest.errors import Unreadable
from ingest.readers import READERS, format_of
from ingest.readers.notebook import read_notebook
from ingest.readers.rst import read_rst


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("guide.md", ["Scaling rows", "Norms", "A layer", "What goes wrong", "Background"]),
        ("lesson.ipynb", ["Fitting a line", "Data"]),
        ("chapter.rst", ["Masks", "Reading it"]),
        ("page.html", ["Dropout", "Seen"]),
        ("gallery.py", ["Sorting a tensor", "The values"]),
    ],
)
def test_every_kind_of_document_is_split_at_its_headings(name: str, headings: list[str]) -> None:
    seen = [section.headings[-1] for section in reading(name).sections if section.headings]
    assert list(dict.fromkeys(seen)) == headings


@pytest.mark.parametrize(
    ("name", "line", "code"),
    [
        ("guide.md", 17, "x = torch.arange(1.0, 7.0)"),
        ("chapter.rst", 12, "import numpy as np"),
        ("page.html", 7, "import torch"),
        ("gallery.py", 15, "values, places"),
        ("lesson.ipynb", 4, "torch.manual_seed(0)"),
    ],
)
def test_code_is_found_with_its_line_or_its_cell(name: str, line: int, code: str) -> None:
    blocks = [block for section in reading(name).sections for block in section.blocks]
    assert [block.line for block in blocks if block.code.startswith(code)] == [line]


def test_no_file_of_this_machine_gets_into_a_document() -> None:
    sections = read_rst(
        ".. include:: /etc/passwd\n\n.. raw:: html\n   :file: /etc/passwd\n\n.. literalinclude:: /etc/passwd"
    )
    assert "root:" not in str(sections)


def test_what_a_reader_of_a_page_cannot_see_is_no_prose() -> None:
    prose = " ".join(section.prose for section in reading("page.html").sections)
    assert "off in evaluation mode, señor" in prose
    assert "Hidden words" not in prose and "Menu" not in prose and "ignored" not in prose


def test_the_outputs_of_a_notebook_are_not_read() -> None:
    assert not reading("lesson.ipynb").flags


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        '{"cells": 3}',
        '{"worksheets": 3}',
        '{"worksheets": [{"cells": 5}]}',
        '{"cells": [{"cell_type": "heading", "level": "abc"}]}',
        "{" * 100_000,
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable):
        read_notebook(text)


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        ("é".encode(), "é", "utf-8"),
        ("é".encode("utf-8-sig"), "é", "utf-8-sig"),
        ("é".encode("utf-16"), "é", "utf-16"),
        ("é “x”".encode("cp1252"), "é “x”", "cp1252"),
        (b"\x81\xe9", "\x81é", "latin-1"),
        (b"# -*- coding: cp1251 -*-\n" + "ж".encode("cp1251"), "# -*- coding: cp1251 -*-\nж", "cp1251"),
        (b"# coding: no-such-codec\n\xc3\xa9", "# coding: no-such-codec\né", "utf-8"),
        (b'<meta charset="iso-8859-2">\xb1', '<meta charset="iso-8859-2">ą', "iso-8859-2"),
        (b"a\r\nb\rc", "a\nb\nc", "utf-8"),
    ],
)
def test_encodings_are_found(data: bytes, text: str, encoding: str) -> None:
    found = decode(data)
    assert (found.text, found.encoding, found.repaired) == (text, encoding, 0)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Unreadable, match="not text"):
        decode(b"\x00\x01\x02")


def test_mojibake_is_mended_and_what_was_right_stays() -> None:
    found = decode((DATA / "mojibake.md").read_bytes())
    assert "(N, C) → (C, N)" in found.text
    assert "that is “cheap”" in found.text
    assert "x = torch.ones(2, 3)  # (2, 3) → (3, 2)" in found.text
    assert "Done ✅" in found.text
    assert "A naïve copy costs more: façade → été." in found.text
    assert found.repaired == 3


def test_readers_survive_what_is_cut_off_anywhere() -> None:
    for path in sorted(DATA.iterdir()):
        text = decode(path.read_bytes()).text
        for end in range(0, len(text), max(1, len(text) // 12)):
            try:
                READERS[format_of(path.name)](text[:end])
            except Unreadable:
                continue
