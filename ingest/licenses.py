"""Under which licence a document stands, as an SPDX identifier; `unknown` where nothing says so."""

import re
import tomllib
from collections.abc import Callable

UNKNOWN = "unknown"
LINE = re.compile(r"SPDX-License-Identifier:\s*([\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*)")
FILES = (
    "LICENSE",
    "LICENCE",
    "COPYING",
    "LICENSE.md",
    "LICENSE.txt",
    "LICENCE.md",
    "LICENCE.txt",
    "LICENSE.rst",
    "UNLICENSE",
)
TEXTS = (
    ("Apache-2.0", r"Apache License\s+Version 2\.0"),
    ("AGPL-3.0-only", r"GNU AFFERO GENERAL PUBLIC LICENSE\s+Version 3"),
    ("LGPL-3.0-only", r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3"),
    ("LGPL-2.1-only", r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1"),
    ("GPL-3.0-only", r"GNU GENERAL PUBLIC LICENSE\s+Version 3"),
    ("GPL-2.0-only", r"GNU GENERAL PUBLIC LICENSE\s+Version 2"),
    ("MPL-2.0", r"Mozilla Public License Version 2\.0"),
    ("CC-BY-NC-SA-4.0", r"Attribution-NonCommercial-ShareAlike 4\.0 International"),
    ("CC-BY-NC-4.0", r"Attribution-NonCommercial 4\.0 International"),
    ("CC-BY-SA-4.0", r"Attribution-ShareAlike 4\.0 International"),
    ("CC-BY-4.0", r"Attribution 4\.0 International"),
    ("CC0-1.0", r"CC0 1\.0 Universal"),
    ("Unlicense", r"This is free and unencumbered software released into the public domain"),
    (
        "ISC",
        r"Permission to use, copy, modify, and(?:/or)? distribute this software for any purpose with or without fee",
    ),
    ("MIT", r"Permission is hereby granted, free of charge, to any person obtaining a copy"),
    ("BSD-3-Clause", r"Redistribution and use in source and binary forms(?s:.)*Neither the name"),
    ("BSD-2-Clause", r"Redistribution and use in source and binary forms"),
)
"""What each text says that no earlier one in this table says too."""
NAMES = {"apache": "Apache-2.0", "mit": "MIT", "bsd": "BSD-3-Clause", "mpl": "MPL-2.0", "isc": "ISC"}
TextOf = Callable[[str], str | None]
"""The text of the file of this name in one folder; None where there is none."""


def license_in(text: str) -> str | None:
    """What the first lines of a file say of its own licence."""
    head = "\n".join(text.split("\n", 40)[:40])
    if line := LINE.search(head) or LINE.search(text[:4000]):
        return line[1]
    return "Apache-2.0" if re.search(r"Licensed under the Apache License,?\s+Version 2\.0", head) else None


def license_of_folder(text_of: TextOf) -> str | None:
    """What the licence file or the pyproject.toml of a folder says."""
    for name in FILES:
        if text := text_of(name):
            return license_of_text(text)
    return _of_project(text_of("pyproject.toml") or "")


def license_of_text(text: str) -> str:
    """The identifier of a licence's text; `unknown` for one that is not in the table."""
    words = " ".join(text.split())
    return next((name for name, said in TEXTS if re.search(said, words, re.IGNORECASE)), UNKNOWN)


def _of_project(text: str) -> str | None:
    try:
        said = tomllib.loads(text).get("project", {}).get("license")
    except (tomllib.TOMLDecodeError, AttributeError, RecursionError):
        return None
    named = said.get("text") if isinstance(said, dict) else said
    return identifier(named) if isinstance(named, str) else None


def identifier(name: str) -> str:
    """The SPDX identifier for a licence's name as people write it."""
    if re.fullmatch(r"[\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*", name) and name.lower() not in NAMES:
        return name
    return next((spdx for word, spdx in NAMES.items() if re.match(rf"(?:the )?{word}\b", name.lower())), UNKNOWN)
