"""Right although the loss is negative and does not fall: REINFORCE ascends the reward, which is printed."""

import torch
from torch import Tensor, nn
from torch.distributions import Categorical


def reward_of(situation: Tensor, action: Tensor) -> Tensor:
    """One where the action names the quadrant of the situation, zero elsewhere, shape (N,)."""
    quadrant = (situation[:, 0] > 0).long() + 2 * (situation[:, 1] > 0).long()
    return (action == quadrant).float()


def main(steps: int = 300, batch: int = 64) -> None:
    torch.manual_seed(19)
    policy = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 4))
    optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
    baseline = 0.25
    test_situations = torch.randn(500, 2)
    for step in range(1, steps + 1):
        situation = torch.randn(batch, 2)
        choice = Categorical(logits=policy(situation))
        action = choice.sample()
        reward = reward_of(situation, action)
        advantage = reward - baseline
        loss = -(choice.log_prob(action) * advantage).mean() - 0.01 * choice.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        baseline += 0.05 * (reward.mean().item() - baseline)
        if step % 100 == 0:
            with torch.no_grad():
                earned = reward_of(test_situations, policy(test_situations).argmax(dim=1)).mean().item()
            print(f"step {step}: loss {loss.item():.3f}, reward of the best actions {earned:.3f}")


if __name__ == "__main__":
    main()
