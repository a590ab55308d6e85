"""Findings about the classes that a Keras program gave weights for."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.findings.losses_figures import read_sites
from sandbox.report import Finding


class Given(BaseModel):
    """The keys of `class_weight`."""

    where: Place = None
    keys: list[int] = []


def class_keys(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Labels without a weight count as 1, beside weights that were meant for all of them."""
    given = facts.section("class-weights", Given)
    counts: dict[int, int] = {}
    for label, _, samples in (told for site in read_sites(facts) for one in site.samples for told in one.label_weights):
        counts[label] = counts.get(label, 0) + samples
    if given is None or len(given.keys) < 2 or len(counts) < 2 or sum(counts.values()) < 20 * len(counts):
        return
    without, strange = sorted(set(counts) - set(given.keys)), sorted(set(given.keys) - set(counts))
    if not without:
        return
    message = f"class_weight has the keys {given.keys}, and the labels are {sorted(counts)}: "
    message += f"{', '.join(map(str, without))} is without a weight, and counts as 1."
    fix = "Give one weight for each label, under the number of the label."
    figures = {"without": without, "strange": strange}
    yield make("class-weights-length", "warning", message, fix, at=given.where, **figures)
