# /// pattern
# id = "pt.rl.ppo"
# topic = "rl.policy-gradient"
# questions = [
#   "PPO clipped loss in pytorch",
#   "proximal policy optimization from scratch",
#   "actor critic with clipped ratio and value loss",
#   "ppo ratio is always 1",
#   "old log probs must be detached ppo",
#   "entropy bonus and value coefficient in ppo",
#   "why the minimum in the ppo objective",
#   "proximal policy optimzation torch",
# ]
# apis = ["torch.distributions.Categorical", "torch.clamp", "torch.minimum", "torch.nn.functional.mse_loss"]
# replaces = ["stable_baselines3.PPO", "ppo_update"]
# why = """Several steps on the same episodes: each action's log probability when it was played is kept, and the ratio
# to the present one weighs its advantage. Clipped to 1 +- 0.2 and with the minimum of both, an action that has moved
# far enough gives no more gradient (arXiv 1707.06347), while a wrong move can still be taken back."""
# pitfalls = """Old log probabilities are numbers, taken while playing: recomputed in the update the ratio is always 1
# and nothing is clipped. Normalise advantages in each batch."""
# when_not = "Costly steps in a simulator without noise: SAC, or planning, needs fewer."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: nothing is ever clipped"
# ///
"""PPO: a shared actor and critic, a clipped ratio, and several passes over the same steps."""

import torch
from torch import nn
from torch.distributions import Categorical
from torch.nn import functional as F


class ActorCritic(nn.Module):
    """Observations (N, D) to action logits (N, A) and values (N,)."""

    def __init__(self, observation_dim: int, actions: int, *, width: int = 32) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(observation_dim, width), nn.Tanh())
        self.actor, self.critic = nn.Linear(width, actions), nn.Linear(width, 1)

    def forward(self, observations: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.body(observations)
        return self.actor(features), self.critic(features)[:, 0]


def clipped_policy_loss(
    new: torch.Tensor, old: torch.Tensor, advantages: torch.Tensor, *, clip: float = 0.2
) -> torch.Tensor:
    """Log probabilities (N,) now and when played, and advantages (N,), to a scalar that is to fall."""
    ratio = (new - old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


def ppo_loss(
    model: ActorCritic,
    observations: torch.Tensor,
    actions: torch.Tensor,
    old: torch.Tensor,
    advantages: torch.Tensor,
    returns: torch.Tensor,
) -> torch.Tensor:
    """Policy, value and entropy terms of one batch."""
    logits, values = model(observations)
    policy = Categorical(logits=logits)
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    surrogate = clipped_policy_loss(policy.log_prob(actions), old, advantages)
    return surrogate + 0.5 * F.mse_loss(values, returns) - 0.01 * policy.entropy().mean()


if __name__ == "__main__":
    torch.manual_seed(0)
    old = torch.zeros(4)
    new = torch.tensor([1.5, 1.5, 0.5, 0.5]).log().requires_grad_()  # ratios
    advantages = torch.tensor([1.0, -1.0, 1.0, -1.0])
    loss = clipped_policy_loss(new, old, advantages)
    assert abs(loss.item() + (1.2 - 1.5 + 0.5 - 0.8) / 4) < 1e-6
    loss.backward()
    # A good action made likelier and a bad one made rarer have moved enough; the other two can be taken back.
    assert new.grad.eq(0).tolist() == [True, False, False, True]

    model = ActorCritic(3, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    rewards_seen, furthest = [], 0.0
    for _ in range(25):
        observations = torch.randn(128, 3)  # episodes of one step: choose the largest of three numbers
        with torch.no_grad():
            logits, values = model(observations)
            policy = Categorical(logits=logits)
            actions = policy.sample()
            old = policy.log_prob(actions)  # as it was when played
        rewards = (actions == observations.argmax(dim=1)).float()
        for _ in range(3):  # passes over the same steps
            for rows in torch.randperm(128).split(64):
                batch = (part[rows] for part in (observations, actions, old, rewards - values, rewards))
                optimizer.zero_grad()
                ppo_loss(model, *batch).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 0.5)
                optimizer.step()
        with torch.no_grad():
            ratio = (Categorical(logits=model(observations)[0]).log_prob(actions) - old).exp()
        furthest = max(furthest, ratio.sub(1).abs().quantile(0.5).item())
        rewards_seen.append(rewards.mean().item())
    print(
        f"right choices {rewards_seen[0]:.2f} -> {rewards_seen[-1]:.2f}, median change of a ratio up to {furthest:.2f}"
    )
    assert rewards_seen[0] < 0.55 and sum(rewards_seen[-5:]) / 5 > 0.75
    assert furthest < 0.4  # one round of updates leaves most actions near to where they were
