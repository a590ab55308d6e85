"""How well the search finds what answers a question, beside its two halves alone on the same patterns.

    python tests/benchmarks/retrieval.py                     the half of the questions that nothing was tuned on
    python tests/benchmarks/retrieval.py --split tune        the other half
    python tests/benchmarks/retrieval.py --by kind --misses  by kind of question; and what was not found
    python tests/benchmarks/retrieval.py --json --out figures.json

A hit is a pattern that answers (grade 2). nDCG@10 counts answers 3 and help 1. Intervals are of 95 %, by bootstrap over
questions. Questions that no pattern answers are left out and counted; `--misses` lists them.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import bootstrap

sys.path.insert(0, str(Path(__file__).parents[1]))

from retrieval_labels import Query, Subject, read_queries

from knowledge.embed import open_embedder
from knowledge.index import build_index, open_index
from knowledge.patterns import REPOSITORY, read_patterns
from knowledge.points import open_bm25
from knowledge.query import meant_framework
from knowledge.schema import Pattern
from knowledge.search import Asked, Index, Rankings, Store

Search = Callable[[Query], list[str]]
Figures = dict[str, Any]
DEPTH = 10


def main() -> None:
    options = _options()
    patterns = read_patterns(REPOSITORY)
    subjects = [Subject(pattern) for pattern in patterns]
    queries = read_queries(None if options.split == "all" else options.split)
    told = [pattern.model_copy(update={"questions": [], "errors": [], "replaces": []}) for pattern in patterns]
    with (
        tempfile.TemporaryDirectory() as home,
        _opened(Path(home) / "all", patterns) as index,
        _opened(Path(home) / "told", told) as without_questions,
    ):
        figures = measure(queries, subjects, index, without_questions, by=options.by)
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    print(text if options.json else page(figures, misses=options.misses))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=["held-out", "tune", "all"], default="held-out")
    parser.add_argument("--by", choices=["framework", "kind", "area"], action="append", default=[])
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def _opened(home: Path, patterns: list[Pattern]) -> Index:
    build_index(patterns, home, open_embedder())
    return open_index(home, embedder=open_embedder())


def measure(
    queries: list[Query], subjects: list[Subject], index: Index, without_questions: Index, *, by: list[str]
) -> Figures:
    """Figures of each way to search, over all questions and by group."""
    inside = [query for query in queries if query.in_scope]
    grades = {query.query: _graded(query, subjects) for query in inside}
    covered = [query for query in inside if 2 in grades[query.query].values()]
    ways = _ways(index, without_questions)
    found = {way: {query.query: search(query) for query in queries} for way, search in ways.items()}
    scores = {way: [_scores(found[way][query.query], grades[query.query]) for query in covered] for way in ways}
    ours = list(zip(scores["gradproof"], covered, strict=True))
    groups = sorted({f"{field}: {getattr(query, field)}" for field in by for query in covered})
    in_group = {group: [one for one, query in ours if _belongs(query, group)] for group in groups}
    return {
        "patterns": len(subjects),
        "questions": len(covered),
        "unanswered": [query.query for query in inside if query not in covered],
        "ways": {way: _summary(scores[way]) for way in ways},
        "above": {way: _interval(_gains(scores["gradproof"], scores[way])) for way in list(ways)[1:]},
        "groups": {group: _summary(some) for group, some in in_group.items()},
        "abstention": _abstention(
            [query for query in queries if query not in inside or query in covered], found["gradproof"]
        ),
        "missed": [_miss(query, found["gradproof"], grades) for one, query in ours if not one["hit@5"]],
    }


def _gains(ours: list[Figures], others: list[Figures]) -> list[float]:
    return [mine["ndcg@10"] - other["ndcg@10"] for mine, other in zip(ours, others, strict=True)]


def _graded(query: Query, subjects: list[Subject]) -> dict[str, int]:
    """Id -> grade of the patterns that answer or help."""
    return {one.pattern.id: grade for one in subjects if (grade := query.grade(one))}


def _belongs(query: Query, group: str) -> bool:
    field, _, value = group.partition(": ")
    return str(getattr(query, field)) == value


def _ways(index: Index, without_questions: Index) -> dict[str, Search]:
    """The search as it is, and each of its two rankings alone with the same filter on the framework.

    The questions that belong to each pattern help words as much as they help meaning; "told" is without them.
    """
    embedder, bm25 = open_embedder(), open_bm25()

    def ranked(query: Query, store: Store) -> Rankings:
        framework = query.framework or meant_framework(query.query)
        words = bm25.embed_query(query.query)
        wanted: dict[str, str | list[str]] = {"framework": framework} if framework else {}
        sparse = (words.indices, words.values) if words.indices else None
        return store.rank(Asked(embedder.embed_query(query.query).tolist(), sparse, wanted, DEPTH))

    def named(ranking: dict[str, float], store: Store) -> list[str]:
        kept = store.read(ranking)
        return [json.loads(kept[id].record)["id"] for id in ranking]

    whole, told = index.store, without_questions.store
    return {
        "gradproof": lambda query: [
            hit.pattern.id for hit in index.search(query.query, framework=query.framework, vetted_only=False, k=DEPTH)
        ],
        "dense": lambda query: named(ranked(query, whole).meaning, whole),
        "bm25": lambda query: named(ranked(query, whole).words, whole),
        "dense, told": lambda query: named(ranked(query, told).meaning, told),
        "bm25, told": lambda query: named(ranked(query, told).words, told),
    }


def _scores(found: list[str], grades: dict[str, int]) -> Figures:
    answers = [number for number, id in enumerate(found) if grades.get(id) == 2]
    first = min(answers, default=None)
    ideal = _gain(sorted(grades.values(), reverse=True)[:DEPTH])
    return {
        "hit@1": float(first == 0),
        "hit@3": float(first is not None and first < 3),
        "hit@5": float(first is not None and first < 5),
        "mrr": 0.0 if first is None else 1 / (first + 1),
        "ndcg@10": _gain([grades.get(id, 0) for id in found]) / ideal,
    }


def _gain(grades: list[int]) -> float:
    """Järvelin and Kekäläinen (2002), with 2^grade - 1 for the gain."""
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def _summary(scores: list[Figures]) -> Figures:
    return {"questions": len(scores)} | {name: _interval([one[name] for one in scores]) for name in scores[0]}


def _interval(values: list[float]) -> list[float]:
    """Mean, and the interval of 95 % around it; the mean alone for too few values."""
    mean = round(float(np.mean(values)), 3)
    if len(set(values)) < 2:
        return [mean, mean, mean]
    drawn = bootstrap((np.array(values),), np.mean, n_resamples=2000, method="percentile", rng=np.random.default_rng(0))
    return [mean, round(float(drawn.confidence_interval.low), 3), round(float(drawn.confidence_interval.high), 3)]


def _abstention(queries: list[Query], found: dict[str, list[str]]) -> Figures:
    """Of the questions left unanswered, how many are out of scope; and of those out of scope, how many are left."""
    silent = [query for query in queries if not found[query.query]]
    outside = [query for query in queries if not query.in_scope]
    right = [query for query in silent if not query.in_scope]
    return {
        "out_of_scope": len(outside),
        "precision": round(len(right) / max(len(silent), 1), 3),
        "recall": round(len(right) / max(len(outside), 1), 3),
        "wrongly_silent": [query.query for query in silent if query.in_scope],
        "wrongly_answered": [query.query for query in outside if found[query.query]],
    }


def _miss(query: Query, found: dict[str, list[str]], grades: dict[str, dict[str, int]]) -> Figures:
    answers = [id for id, grade in grades[query.query].items() if grade == 2]
    return {"query": query.query, "kind": query.kind, "found": found[query.query][:5], "answers": answers[:6]}


def page(figures: Figures, *, misses: bool) -> str:
    """The figures as a table."""
    names = ["hit@1", "hit@3", "hit@5", "mrr", "ndcg@10"]
    lines = [
        f"{figures['patterns']} patterns, {figures['questions']} questions that one of them answers",
        "",
        f"{'':28}{'n':>4}" + "".join(f"{name:>20}" for name in names),
    ]
    for name, row in {**figures["ways"], **figures["groups"]}.items():
        cells = "".join(f"{_with_interval(row[key]):>20}" for key in names)
        lines.append(f"{name:28}{row['questions']:>4}{cells}")
    silent = figures["abstention"]
    lines += [
        "",
        *(f"above {way} in nDCG@10: {_with_interval(gain)}" for way, gain in figures["above"].items()),
        f"abstention on {silent['out_of_scope']} questions out of scope: "
        f"precision {silent['precision']:.2f}, recall {silent['recall']:.2f}",
    ]
    return "\n".join([*lines, *(_missing(figures) if misses else [])])


def _with_interval(figures: list[float]) -> str:
    mean, low, high = figures
    return f"{mean:.2f} ({low:.2f}–{high:.2f})"


def _missing(figures: Figures) -> list[str]:
    lists = {
        "not among the first five": [json.dumps(miss, ensure_ascii=False) for miss in figures["missed"]],
        "wrongly silent": figures["abstention"]["wrongly_silent"],
        "wrongly answered": figures["abstention"]["wrongly_answered"],
        "answered by no pattern": figures["unanswered"],
    }
    return [line for name, rows in lists.items() for line in ("", f"{name}:", *(f"  {row}" for row in rows))]


if __name__ == "__main__":
    main()
