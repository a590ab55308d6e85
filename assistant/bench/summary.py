"""From the lines of a run to one row per arm."""

from collections import Counter
from math import sqrt
from statistics import fmean

from assistant.bench.schema import Arm, ArmSummary, Result
from assistant.model.schema import Usage

_Z = 1.959964
"""Of the normal distribution, for 95%."""


def summarise(results: list[Result], arm: Arm) -> ArmSummary:
    """One arm's row."""
    mine = [result for result in results if result.arm == arm]
    verified = sum(result.outcome == "verified" for result in mine)
    usage = sum((result.usage for result in mine), Usage())
    drafted = [result.attempts for result in mine if result.attempts]
    return ArmSummary(
        arm=arm,
        questions=len(mine),
        verified=verified,
        share=verified / len(mine) if mine else None,
        interval=wilson(verified, len(mine)),
        outcomes=dict(Counter(result.outcome for result in mine)),
        attempts=fmean(drafted) if drafted else None,
        tokens=usage.tokens,
        tokens_estimated=usage.estimated,
        cost=usage.cost,
        seconds=fmean(result.seconds for result in mine) if mine else None,
        model_s=fmean(result.usage.seconds for result in mine) if mine else None,
    )


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's 95% score interval for a share (E. B. Wilson, JASA 22, 1927); the whole range without a trial."""
    if trials == 0:
        return 0.0, 1.0
    share, z2 = successes / trials, _Z**2 / trials
    middle = (share + z2 / 2) / (1 + z2)
    reach = _Z * sqrt(share * (1 - share) / trials + z2 / (4 * trials)) / (1 + z2)
    return max(0.0, middle - reach), min(1.0, middle + reach)
