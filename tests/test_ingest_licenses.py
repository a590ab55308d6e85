"""Licences are known by their text, and the nearest one holds."""

from pathlib import Path

import pytest
from ingest_documents import reading

from ingest.documents import find_documents
from ingest.licenses import license_in, license_of_text


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("MIT License\n\nPermission is hereby granted, free of charge, to any person\nobtaining a copy", "MIT"),
        ("   Apache License\n   Version 2.0, January 2004", "Apache-2.0"),
        ("Redistribution and use in source and binary forms ... Neither the name of", "BSD-3-Clause"),
        ("Redistribution and use in source and binary forms", "BSD-2-Clause"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("All rights reserved.", "unknown"),
    ],
)
def test_a_licence_is_known_by_its_text(text: str, spdx: str) -> None:
    assert license_of_text(text) == spdx


def test_the_licence_is_the_nearest_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("Apache License\nVersion 2.0")
    (tmp_path / "pyproject.toml").write_text('[project]\nlicense = "MIT"')
    for folder, licence in (("a", 'license = {text = "MIT"}'), ("b", None)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.md").write_text("text")
        if licence:
            (tmp_path / folder / "pyproject.toml").write_text(f"[project]\n{licence}")
    licences = {document.path: document.license for document in find_documents(str(tmp_path)).documents}
    assert licences == {"a/x.md": "MIT", "b/x.md": "Apache-2.0"}
    assert license_in("# SPDX-License-Identifier: BSD-3-Clause OR MIT\nimport torch") == "BSD-3-Clause OR MIT"
    assert reading("lesson.ipynb").license == "CC-BY-4.0"
    assert reading("guide.md").license == "unknown"


def test_a_project_file_that_is_nested_too_deep_says_nothing_of_the_licence(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("a = " + "[" * 5000)
    (tmp_path / "x.md").write_text("text")
    assert [document.license for document in find_documents(str(tmp_path)).documents] == [None]
