# /// pattern
# id = "pt.rl.dqn"
# topic = "rl.q-learning"
# twin = "tf.rl.dqn"
# questions = [
#   "DQN with replay buffer and target network in pytorch",
#   "deep q learning from scratch",
#   "q values explode in dqn",
#   "why a target network in dqn",
#   "double dqn target",
#   "bootstrapping at the end of an episode, terminated or truncated",
#   "experience replay buffer torch",
#   "deep q netwrok",
# ]
# apis = ["torch.Tensor.gather", "torch.Tensor.lerp_", "torch.no_grad", "torch.nn.functional.smooth_l1_loss"]
# replaces = ["collections.deque replay memory", "done flag of gym"]
# why = """The target is reward + discount * value of the best next action, and reward alone where the episode
# terminated: nothing comes after. A slow copy of the network gives that value, so the target does not run away with
# each step, and replay mixes old and new steps. Choosing by one network and valuing by the other (double DQN) does not
# overrate."""
# pitfalls = """truncated is a limit of time, not an end: there the next value counts. No gradient through the target.
# Store observations as they are and fetch batches by index."""
# when_not = "Continuous actions: SAC or PPO. Real studies: an established implementation; details decide."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the value of the last step"
# ///
"""Double DQN with a replay buffer and a slowly following target network, checked against exact values."""

import copy

import torch
from torch import nn
from torch.nn import functional as F

LENGTH, DISCOUNT = 5, 0.9


def step(place: int, action: int) -> tuple[int, float, bool]:
    """A corridor of places 0..5: action 1 goes on, 0 goes back; reaching 5 gives 1 and terminates."""
    place = min(place + 1, LENGTH) if action else max(place - 1, 0)
    return place, float(place == LENGTH), place == LENGTH


def observe(places: torch.Tensor) -> torch.Tensor:
    """Places (N,) to one-hot observations (N, 6)."""
    return F.one_hot(places, LENGTH + 1).float()


class Replay:
    """The last `size` steps; when full, the oldest is written over."""

    def __init__(self, size: int) -> None:
        self.size, self.count = size, 0
        self.places, self.actions, self.after = (torch.zeros(size, dtype=torch.int64) for _ in range(3))
        self.rewards, self.terminated = torch.zeros(size), torch.zeros(size, dtype=torch.bool)

    def add(self, place: int, action: int, reward: float, after: int, terminated: bool) -> None:
        row = self.count % self.size
        self.places[row], self.actions[row], self.rewards[row] = place, action, reward
        self.after[row], self.terminated[row] = after, terminated
        self.count += 1

    def sample(self, batch: int) -> tuple[torch.Tensor, ...]:
        """Places, actions, rewards, next places, terminated: (batch,) each."""
        rows = torch.randint(min(self.count, self.size), (batch,))
        return self.places[rows], self.actions[rows], self.rewards[rows], self.after[rows], self.terminated[rows]


@torch.no_grad()
def targets(
    online: nn.Module, target: nn.Module, rewards: torch.Tensor, after: torch.Tensor, terminated: torch.Tensor
) -> torch.Tensor:
    """What Q should be, (N,): the online network chooses the next action, the target network values it."""
    chosen = online(observe(after)).argmax(dim=1, keepdim=True)  # (N, 1)
    following = target(observe(after)).gather(1, chosen)[:, 0]
    return rewards + DISCOUNT * following * ~terminated


if __name__ == "__main__":
    torch.manual_seed(0)
    online = nn.Linear(LENGTH + 1, 2, bias=False)  # one number for each place and action: a table
    nn.init.uniform_(online.weight, 0, 0.1)
    target = copy.deepcopy(online).requires_grad_(False)
    optimizer = torch.optim.Adam(online.parameters(), lr=0.02)
    replay, place, losses = Replay(2000), 0, []
    for number in range(1200):
        greedy = online(observe(torch.tensor([place]))).argmax().item()
        action = greedy if number % 2 else torch.randint(2, ()).item()  # explore in every other step
        after, reward, terminated = step(place, action)
        replay.add(place, action, reward, after, terminated)
        place = 0 if terminated or number % 50 == 49 else after  # a limit of 50 steps truncates, it does not terminate
        if number < 100:
            continue
        places, actions, rewards, next_places, ends = replay.sample(64)
        optimizer.zero_grad()
        values = online(observe(places)).gather(1, actions[:, None])[:, 0]
        loss = F.smooth_l1_loss(values, targets(online, target, rewards, next_places, ends))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        target.weight.lerp_(online.weight.detach(), 0.05)

    learnt = online(observe(torch.arange(LENGTH))).detach()  # (5, 2)
    exact = torch.tensor([DISCOUNT ** (LENGTH - 1 - place) for place in range(LENGTH)])
    torch.testing.assert_close(learnt[:, 1], exact, atol=0.05, rtol=0)
    torch.testing.assert_close(learnt[1:, 0], exact[:-1] * DISCOUNT, atol=0.1, rtol=0)  # back, and the same way again
    assert learnt.argmax(dim=1).eq(1).all()
    print("value of going on:", [round(value, 2) for value in learnt[:, 1].tolist()])
