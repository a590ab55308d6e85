"""The loss that was named, held against the functions that training differentiated."""

import re

from assistant.scope.case import Case, Outcome, Rule
from assistant.scope.sources import called_names, identifiers, plain, scopes_at

NAMES: dict[str, str] = {
    "cross_entropy": r"crossentropy|^nll|^bce",
    "binary_cross_entropy": r"binarycrossentropy|^bce",
    "nll": r"^nll|crossentropy",
    "mse": r"^mse|meansquarederror",
    "mae": r"^mae|^l1|meanabsoluteerror",
    "smooth_l1": r"smoothl1|huber",
    "huber": r"huber|smoothl1",
    "focal": r"focal",
    "dice": r"dice",
    "hinge": r"hinge|multimargin|softmargin|marginranking",
    "kl_divergence": r"kldiv|kullback",
    "ctc": r"^ctc",
    "triplet": r"triplet",
    "contrastive": r"contrastive|infonce|ntxent",
    "quantile": r"quantile|pinball",
    "poisson": r"poisson",
}
"""What each is called in code, without case and underscores."""
WRITTEN_OUT = ("mse", "mae", "nll", "cross_entropy", "binary_cross_entropy", "hinge", "quantile", "poisson")
"""Losses that are often a line of arithmetic without a name."""


def loss(asked: str, case: Case) -> Outcome | None:
    """By the names of the functions that were called, and of the functions and classes around those calls."""
    pattern = re.compile(NAMES[asked])
    used = list(dict.fromkeys(one.name for one in case.seen.losses))
    around = [scope for one in case.seen.losses for scope in scopes_at(case.sources, one.file, one.line)]
    if any(pattern.search(plain(name)) for name in [*used, *around]):
        return Outcome(True, ", ".join(used))
    if any(pattern.search(name) for name in called_names(case.sources)):
        return None
    if not used:
        named = any(pattern.search(name) for name in identifiers(case.sources))
        return None if named or asked in WRITTEN_OUT else Outcome(False, "no loss of that name")
    return Outcome(False, ", ".join(used))


RULES: dict[str, Rule] = {"training_config.loss": loss}
