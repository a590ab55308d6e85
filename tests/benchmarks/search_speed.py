"""What a search costs: warm, from a cold start, and as the index grows to 100,000 patterns.

    python tests/benchmarks/search_speed.py                       all parts, up to 100,000 patterns; some twenty minutes
    python tests/benchmarks/search_speed.py --parts warm,cold     a minute
    python tests/benchmarks/search_speed.py --sizes 1000,10000 --json --out figures.json

The questions are those of tests/data/retrieval. Larger indexes hold copies of gradproof's own patterns under other
names, each text's vector moved at random by 0.9 of its length: no two are equal, the nearest are near as in real ones.
Recall is the share of the ten best of an exact search that are found. Every size is built in a process of its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from retrieval_labels import read_queries

from assistant.search import search_patterns
from knowledge.edge import EdgeStore, write_shard
from knowledge.embed import open_embedder
from knowledge.index import build_index, open_index
from knowledge.patterns import REPOSITORY, read_patterns
from knowledge.points import meanings
from knowledge.schema import Pattern
from knowledge.search import Index

Figures = dict[str, Any]
COPY = " · "
"""Stands between a text and the number of its copy."""
MOVED = 0.9
COLD_RUNS = 7
ASKED = 200


def main() -> None:
    options = _options()
    if options.grown:
        return print(json.dumps(grown(int(options.grown))))
    parts = options.parts.split(",")
    figures: Figures = {"cores": os.cpu_count()}
    if "warm" in parts:
        figures["warm"] = warm()
    if "cold" in parts:
        figures["cold"] = cold()
    if "growth" in parts:
        figures["growth"] = [_in_a_process(size) for size in options.sizes.split(",")]
    text = json.dumps(figures, indent=2)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    print(text if options.json else page(figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="warm,cold,growth")
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--grown", help=argparse.SUPPRESS)
    return parser.parse_args()


def warm() -> Figures:
    """Milliseconds of a search in a process that has searched before, and of its embedding alone."""
    embedder = open_embedder()
    with tempfile.TemporaryDirectory() as home:
        build_index(read_patterns(REPOSITORY), Path(home), embedder)
        with open_index(Path(home), embedder=embedder) as index:
            return {
                "patterns": len(index),
                "search": _times(lambda query: search_patterns(query, index, k=5, framework=None)),
                "embedding": _times(lambda query: embedder.embed([query])),
            }


def cold() -> Figures:
    """Seconds of `gradproof search` from its start to its end, beside a Python that does nothing."""
    with tempfile.TemporaryDirectory() as home:
        command = [
            sys.executable,
            "-c",
            "from assistant.cli import main; main()",
            "search",
            "clip gradients by norm",
            "--json",
        ]
        environment = {**os.environ, "GRADPROOF_HOME": home}
        first, *rest = [_seconds(command, environment) for _ in range(COLD_RUNS + 1)]
        nothing = [_seconds([sys.executable, "-c", "pass"], environment) for _ in range(COLD_RUNS)]
    return {
        "first_with_index_built_s": round(first, 2),
        "median_s": round(float(np.median(rest)), 2),
        "python_alone_s": round(float(np.median(nothing)), 3),
    }


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - started


def _in_a_process(size: str) -> Figures:
    command = [sys.executable, __file__, "--grown", size]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


class Moved:
    """The real vectors of the patterns' texts, moved at random for each copy; the real ones for all other texts."""

    name, dim, english_only = "moved", 384, True

    def __init__(self, originals: list[str]) -> None:
        self._real = open_embedder()
        texts = list(dict.fromkeys(originals))
        self._known = dict(zip(texts, self._real.embed(texts), strict=True))

    def embed(self, texts: list[str]) -> np.ndarray:
        """See knowledge.embed.Embedder."""
        if all(COPY not in text for text in texts):
            return self._real.embed(texts)
        rows = np.stack([self._known[text.rpartition(COPY)[0]] for text in texts])
        for row, text in zip(rows, texts, strict=True):
            row += np.random.default_rng(zlib.crc32(text.encode())).normal(0, MOVED / self.dim**0.5, self.dim)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def embed_query(self, text: str) -> np.ndarray:
        """See knowledge.embed.Embedder."""
        return self._real.embed_query(text)


def grown(size: int) -> Figures:
    """An index of this many patterns: what it takes to build, and what a search in it costs and finds."""
    patterns = read_patterns(REPOSITORY)
    embedder = Moved([text for pattern in patterns for text in meanings(pattern)])
    copies = [_copy(patterns[number % len(patterns)], number) for number in range(size)]
    with tempfile.TemporaryDirectory() as folder:
        before, started = _peak_mb(), time.perf_counter()
        shard = Path(folder) / "shard"
        write_shard(shard, copies, embedder=embedder, vectors=Path(folder) / "vectors.npz")
        built = time.perf_counter() - started
        disk = sum(path.stat().st_blocks * 512 for path in shard.rglob("*") if path.is_file())
        with (
            Index(EdgeStore(shard), embedder=embedder) as index,
            Index(EdgeStore(shard, exact=True), embedder=embedder) as exact,
        ):
            figures = _times(lambda query: index.search(query, k=10))
            slow = _times(lambda query: exact.search(query, k=10))
            recall = _recall(index, exact)
    return {
        "patterns": size,
        "vectors": sum(len(meanings(copy)) for copy in copies),
        "build_s": round(built, 1),
        "build_peak_mb": round(_peak_mb() - before),
        "disk_mb": round(disk / 1e6),
        "search": figures,
        "exact": slow,
        "recall@10": recall,
    }


def _copy(pattern: Pattern, number: int) -> Pattern:
    """Another pattern of the same kind: every text that is embedded carries the number."""
    mark = f"{COPY}{number}"
    lists = {field: [f"{text}{mark}" for text in getattr(pattern, field)] for field in ("questions", "errors")}
    texts = {field: f"{getattr(pattern, field)}{mark}" for field in ("title", "why")}
    return pattern.model_copy(update={**lists, **texts, "id": f"{pattern.id}-{number}", "status": "vetted"})


def _recall(index: Index, exact: Index) -> float:
    shares = []
    for query in _questions():
        wanted = {hit.pattern.id for hit in exact.search(query, k=10)}
        if wanted:
            shares.append(len(wanted & {hit.pattern.id for hit in index.search(query, k=10)}) / len(wanted))
    return round(float(np.mean(shares)), 4)


def _questions() -> list[str]:
    return [query.query for query in read_queries() if query.in_scope][:ASKED]


def _times(call: Callable[[str], object]) -> Figures:
    """Milliseconds of each question: asked first, of files that were just opened, and asked again.

    Between the two so many others are asked that no answer is remembered.
    """
    first, again = ([_ms(call, question) for question in _questions()] for _ in range(2))
    return {
        "first_p50_ms": round(float(np.percentile(first, 50)), 2),
        "p50_ms": round(float(np.percentile(again, 50)), 2),
        "p95_ms": round(float(np.percentile(again, 95)), 2),
    }


def _ms(call: Callable[[str], object], question: str) -> float:
    started = time.perf_counter()
    call(question)
    return 1000 * (time.perf_counter() - started)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def page(figures: Figures) -> str:
    """The figures as lines."""
    lines = [f"{part}: {json.dumps(figures[part])}" for part in ("warm", "cold") if part in figures]
    return "\n".join([*lines, *(json.dumps(row) for row in figures.get("growth", []))])


if __name__ == "__main__":
    main()
