# /// pattern
# id = "pt.rl.gae"
# topic = "rl.advantages"
# questions = [
#   "generalized advantage estimation in pytorch",
#   "GAE with terminated and truncated episodes",
#   "compute advantages from rewards and values",
#   "lambda in gae, bias and variance",
#   "advantages leak from one episode into the next",
#   "bootstrap the value at a time limit",
#   "genralized advantage estimaton ppo",
# ]
# apis = ["torch.zeros_like"]
# replaces = ["compute_returns_and_advantage", "done flag of gym"]
# why = """An advantage is the sum of the surprises from here on, each discounted by discount * lam (arXiv 1506.02438):
# lam = 0 trusts the critic, lam = 1 the rewards. terminated takes away the next value; the end of an episode, by either
# reason, stops the sum. At a time limit the next value still counts."""
# pitfalls = """The next value at a truncation is that of the last observation of that episode, not of the first of the
# next. Advantages get no gradient; returns for the critic are advantages + values."""
# when_not = "Whole short episodes: the discounted return minus a baseline is enough."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the next episode leaked in"
# ///
"""Generalised advantage estimation over steps of many episodes, which terminate or are cut off by a limit of time."""

import torch


def advantages(
    rewards: torch.Tensor,
    values: torch.Tensor,
    next_values: torch.Tensor,
    terminated: torch.Tensor,
    truncated: torch.Tensor,
    *,
    discount: float = 0.99,
    lam: float = 0.95,
) -> torch.Tensor:
    """Steps (T, N) of N environments, in order, to (T, N); next_values are of the observation that step() returned."""
    surprise = rewards + discount * next_values * ~terminated - values  # (T, N)
    goes_on = ~(terminated | truncated)
    result, following = torch.zeros_like(rewards), torch.zeros_like(rewards[0])
    for t in reversed(range(len(rewards))):
        following = surprise[t] + discount * lam * goes_on[t] * following
        result[t] = following
    return result


if __name__ == "__main__":
    torch.manual_seed(0)
    steps, discount, lam = 7, 0.9, 0.8
    rewards, values = torch.randn(2, steps, 1)
    next_values = torch.cat([values[1:], torch.randn(1, 1)])
    next_values[5] = 0.7  # of the observation where the episode was cut off, not of the next episode's first
    terminated, truncated = torch.zeros(2, steps, 1, dtype=torch.bool)
    terminated[2], truncated[5] = True, True  # episodes are steps 0-2, 3-5 and 6, the last one still going on
    found = advantages(rewards, values, next_values, terminated, truncated, discount=discount, lam=lam)

    for first, last in ((0, 2), (3, 5), (6, 6)):
        for t in range(first, last + 1):
            by_sum = 0.0
            for k in range(t, last + 1):
                following = 0.0 if k == 2 else next_values[k].item()  # nothing comes after a terminated step
                surprise = rewards[k].item() + discount * following - values[k].item()
                by_sum += (discount * lam) ** (k - t) * surprise
            assert abs(found[t].item() - by_sum) < 1e-5

    whole = advantages(rewards, values, next_values, terminated, truncated, discount=discount, lam=1.0)
    returns = [(rewards[t:3, 0] * discount ** torch.arange(3 - t)).sum() for t in range(3)]
    torch.testing.assert_close(whole[:3, 0], torch.stack(returns) - values[:3, 0])  # lam = 1: return minus value
    one_step = advantages(rewards, values, next_values, terminated, truncated, discount=discount, lam=0.0)
    torch.testing.assert_close(one_step, rewards + discount * next_values * ~terminated - values)
    print(found[:, 0])
