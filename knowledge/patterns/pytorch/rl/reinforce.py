# /// pattern
# id = "pt.rl.reinforce"
# topic = "rl.policy-gradient"
# twin = "tf.rl.reinforce"
# questions = [
#   "REINFORCE policy gradient in pytorch",
#   "policy gradient with a baseline",
#   "write my own environment with the gymnasium interface",
#   "env.step returns 5 values instead of 4",
#   "difference between terminated and truncated",
#   "discounted returns reward to go",
#   "too many values to unpack (expected 4) gym",
#   "reinforcment learning policy gradiant torch",
# ]
# errors = ["ValueError: too many values to unpack (expected 4)"]
# apis = ["torch.distributions.Categorical"]
# replaces = ["gym.make", "env.seed", "obs, reward, done, info = env.step(action)"]
# why = """The loss is -log pi(action) times how much better than expected it turned out: the discounted return from
# there on, minus a baseline that does not depend on the action and only lowers the noise. reset() gives (obs, info) and
# step() five values: an episode ends where it is terminated or truncated."""
# pitfalls = """An action counts for what comes after it, not before. The advantage is a number, without a gradient; the
# sign is minus, since optimisers descend."""
# when_not = "Costly steps: PPO uses each of them several times. Known environments and algorithms: a library."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: too many values to unpack (expected 4)"
# ///
"""REINFORCE with a baseline, on an environment of one's own with gymnasium's interface."""

import torch
from torch import nn
from torch.distributions import Categorical


class Corridor:
    """Find the goal at one end of a corridor; its side is seen from the start. Interface as gymnasium.Env."""

    def __init__(self, *, length: int = 4, max_steps: int = 12) -> None:
        self.length, self.max_steps = length, max_steps
        self.generator = torch.Generator()

    def reset(self, *, seed: int | None = None) -> tuple[torch.Tensor, dict]:
        """Observation float32 (2,): place in [-1, 1] and side of the goal."""
        if seed is not None:
            self.generator.manual_seed(seed)
        self.place, self.steps = 0, 0
        self.goal = self.length if torch.rand((), generator=self.generator) < 0.5 else -self.length
        return self._observe(), {}

    def step(self, action: int) -> tuple[torch.Tensor, float, bool, bool, dict]:
        """Action 0 is left, 1 is right; each step costs 0.1, the goal gives 1."""
        self.place, self.steps = self.place + 2 * action - 1, self.steps + 1
        terminated = abs(self.place) == self.length
        reward = 1.0 if self.place == self.goal else -0.1
        return self._observe(), reward, terminated, self.steps >= self.max_steps, {}

    def _observe(self) -> torch.Tensor:
        return torch.tensor([self.place / self.length, float(self.goal > 0) * 2 - 1])


def returns(rewards: list[float], *, discount: float) -> torch.Tensor:
    """Discounted sum of the rewards from each step on, (T,)."""
    total, reversed_returns = 0.0, []
    for reward in reversed(rewards):
        total = reward + discount * total
        reversed_returns.append(total)
    return torch.tensor(reversed_returns[::-1])


def play(env: Corridor, policy: nn.Module) -> tuple[torch.Tensor, list[float]]:
    """One episode: log probabilities (T,) of the actions that were drawn, and their rewards."""
    observation, _ = env.reset()
    log_probabilities, rewards, done = [], [], False
    while not done:
        actions = Categorical(logits=policy(observation))
        action = actions.sample()
        observation, reward, terminated, truncated, _ = env.step(action.item())
        log_probabilities.append(actions.log_prob(action))
        rewards.append(reward)
        done = terminated or truncated
    return torch.stack(log_probabilities), rewards


if __name__ == "__main__":
    torch.manual_seed(0)
    by_sum = [sum(0.9 ** (k - t) * r for k, r in enumerate([1.0, 2.0, 4.0]) if k >= t) for t in range(3)]
    torch.testing.assert_close(returns([1.0, 2.0, 4.0], discount=0.9), torch.tensor(by_sum))

    env = Corridor()
    env.reset(seed=0)
    policy = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    nn.init.zeros_(policy[-1].weight)
    nn.init.zeros_(policy[-1].bias)  # begin at random
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)
    totals = []
    for _ in range(50):
        episodes = [play(env, policy) for _ in range(8)]
        gains = torch.cat([returns(rewards, discount=0.95) for _, rewards in episodes])  # (steps of all episodes,)
        advantages = (gains - gains.mean()) / (gains.std() + 1e-6)  # the baseline: the mean of the batch
        optimizer.zero_grad()
        loss = -(torch.cat([log_probability for log_probability, _ in episodes]) * advantages).mean()
        loss.backward()
        optimizer.step()
        totals.append(sum(sum(rewards) for _, rewards in episodes) / 8)

    start, end = totals[0], sum(totals[-5:]) / 5
    print(f"reward for an episode: {start:.2f} -> {end:.2f}, at best 0.70")
    assert start < 0.2 and end > 0.5
