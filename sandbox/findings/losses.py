"""Findings about loss functions: what they were given, and what became of their value."""

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.findings.losses_activation import ACTIVATION_RULES
from sandbox.findings.losses_figures import Site, read_sites
from sandbox.findings.losses_rows import ROW_RULES, broadcast
from sandbox.findings.losses_targets import TARGET_RULES
from sandbox.findings.losses_terms import TERM_RULES
from sandbox.findings.losses_values import VALUE_RULES
from sandbox.findings.losses_weights import WEIGHT_RULES
from sandbox.report import Finding

SiteRule = Callable[[Site, Evidence, Facts, Maker], Finding | None]


def contracts(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What the loss functions were given against what they expect; each fault once, on a line that trains."""
    told: set[str] = set()
    for site in read_sites(facts):
        for rules in (ACTIVATION_RULES, TARGET_RULES, ROW_RULES, VALUE_RULES, TERM_RULES, WEIGHT_RULES):
            found = _first(rules, site, evidence, facts, make)
            if found is not None and found.id not in told:
                told.add(found.id)
                yield found
    outer = facts.notes.get("outer-difference")
    if outer is not None and "loss-broadcasting" not in told:
        yield _outer(outer.where, (outer.model_extra or {}).get("shapes"), make)


def _first(rules: tuple[SiteRule, ...], site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """Of the rules of one file only the first that applies: it names the cause of what the others would say."""
    return next((found for rule in rules if (found := rule(site, evidence, facts, make)) is not None), None)


def _outer(at: Place, shapes: Any, make: Maker) -> Finding:
    return broadcast(make, at, shapes)
