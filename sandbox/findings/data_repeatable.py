"""Findings about what differs from run to run: seeds."""

from collections.abc import Iterator

from sandbox.evidence import Evidence, Facts
from sandbox.findings.data_figures import Repeatable
from sandbox.findings.finding import Maker
from sandbox.report import Finding, Severity

SEED = {
    "random": "random.seed(…)",
    "numpy": "np.random.seed(…), or a np.random.default_rng(…) of your own",
    "torch": "torch.manual_seed(…)",
    "tensorflow": "keras.utils.set_random_seed(…)",
}
NAMES = {"random": "Python's random", "numpy": "numpy's random", "torch": "torch", "tensorflow": "TensorFlow"}


def repeatable(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Whether a second run would give the same figures."""
    seen = facts.section("repeatable", Repeatable)
    if seen is None:
        return
    if facts.steps:
        yield from _seeds(evidence, seen, make)


def _seeds(evidence: Evidence, seen: Repeatable, make: Maker) -> Iterator[Finding]:
    drawn = [one for one in seen.drawn if one in SEED]
    partly = bool(seen.seeded or seen.mentioned or seen.late)
    severity: Severity = "warning" if partly or evidence.contract is not None else "info"
    if drawn:
        names = " and ".join(NAMES[one] for one in drawn)
        others = ", though other things in it are seeded" if partly else ""
        message = f"The program draws from {names} and never seeds that generator{others}."
        fix = f"Call {' and '.join(SEED[one] for one in drawn)} first."
        at = (seen.mentioned or [None])[0] or next((place for _, place in seen.seeded), None)
        yield make("seed-missing", severity, message, fix, at=at, drawn=drawn)
    elif seen.unseeded:
        message = "A numpy generator is made without a seed, so that each run draws other numbers."
        fix = "Give it a seed: np.random.default_rng(0)."
        yield make("seed-missing", severity, message, fix, at=seen.unseeded[0])
    elif seen.late:
        name, place = seen.late[0]
        message = f"{NAMES.get(name, name)} is seeded after it was drawn from: what came before differs in each run."
        fix = "Seed at the top of the program, before the model and the data are made."
        yield make("seed-missing", "warning", message, fix, at=place, late=[one for one, _ in seen.late])
