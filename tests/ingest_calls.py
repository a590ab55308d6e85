"""Ingest as the command does it, with this interpreter and the embedding model that comes with gradproof."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.admit import ingest
from ingest.schema import IngestReport
from knowledge.embed import open_embedder
from knowledge.patterns import FRAMEWORKS
from sandbox.runtime import installed


def ingest_here(sources: Sequence[Path | str], **options: Any) -> IngestReport:
    interpreters = {name: installed(name, None).interpreter for name in FRAMEWORKS.values()}
    return ingest(sources, interpreters=interpreters, embedder=open_embedder(), **options)
