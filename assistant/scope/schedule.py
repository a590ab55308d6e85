"""The learning-rate schedule, held against the one that was asked for."""

from assistant.scope.case import Case, Outcome, Rule
from assistant.scope.sources import identifiers, plain

SCHEDULES = {
    "cosine": ("cosine",),
    "step": ("steplr", "piecewiseconstant", "staircase", "stepdecay"),
    "exponential": ("exponential",),
    "plateau": ("plateau",),
}
OTHER_SCHEDULES = ("linearlr", "polynomial", "constantlr", "cycliclr", "inversetime")


def lr_scheduler(asked: str | None, case: Case) -> Outcome | None:
    names = [plain(name) for name in case.seen.schedules]
    told = ", ".join(case.seen.schedules) or "no schedule"
    moved = any(len(set(one.learning_rates)) > 1 for one in case.seen.optimizers)
    if asked is None:
        return Outcome(not (names and moved), told)
    if any(word in name for name in names for word in SCHEDULES[asked]):
        return Outcome(True, told)
    if not names:
        return _by_hand(asked, case, moved=moved)
    others = [word for words in SCHEDULES.values() for word in words] + list(OTHER_SCHEDULES)
    return Outcome(False, told) if all(any(word in name for word in others) for name in names) else None


def _by_hand(asked: str, case: Case, *, moved: bool) -> Outcome | None:
    """A rate that was changed without a schedule's class may follow any curve; a plateau may never have come."""
    if moved or not case.seen.optimizers or not any(one.learning_rates for one in case.seen.optimizers):
        return None
    if asked == "plateau" and any("plateau" in name for name in identifiers(case.sources)):
        return None
    return Outcome(False, "the learning rate never changed")


RULES: dict[str, Rule] = {"training_config.lr_scheduler": lr_scheduler}
