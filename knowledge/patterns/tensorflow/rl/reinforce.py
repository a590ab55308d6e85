# /// pattern
# id = "tf.rl.reinforce"
# topic = "rl.policy-gradient"
# twin = "pt.rl.reinforce"
# questions = [
#     "REINFORCE policy gradient in keras",
#     "policy gradient tensorflow GradientTape",
#     "reinforcement learning from scratch keras 3",
#     "environment with reset and step, terminated and truncated, tensorflow",
#     "sample an action from logits in tensorflow",
#     "keras rl loss has no gradient None",
#     "reinforcment lerning keras",
# ]
# apis = ["tf.GradientTape", "keras.ops.log_softmax", "keras.ops.take_along_axis"]
# replaces = ["keras-rl", "gym.make", "tf_agents"]
# why = """Play first, without a tape; then compute the log probabilities of the chosen actions for the whole batch
# inside of one: one compiled step instead of one for each move. Each is weighted by its discounted return minus the
# batch's mean, which only lowers the noise."""
# pitfalls = """Batches differ in length: give the compiled step a signature with None, or it is traced anew each time.
# The sign is minus, since optimisers descend."""
# when_not = "Costly steps: PPO uses each of them several times. Known algorithms: a library."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the chosen action became rarer"
# ///
"""REINFORCE with a baseline, on an environment of one's own with gymnasium's interface."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Corridor:
    """Find the goal at one end of a corridor; its side is seen from the start. Interface as gymnasium.Env."""

    def __init__(self, *, length: int = 4, max_steps: int = 12) -> None:
        self.length, self.max_steps = length, max_steps

    def reset(self, *, seed: int | None = None) -> tuple[np.ndarray, dict]:
        """Observation float32 (2,): place in [-1, 1] and side of the goal."""
        if seed is not None:
            self.rng = np.random.default_rng(seed)
        self.place, self.steps = 0, 0
        self.goal = self.length * self.rng.choice([-1, 1])
        return self._observe(), {}

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        """Action 0 is left, 1 is right; each step costs 0.1, the goal gives 1."""
        self.place, self.steps = self.place + 2 * action - 1, self.steps + 1
        reward = 1.0 if self.place == self.goal else -0.1
        return self._observe(), reward, abs(self.place) == self.length, self.steps >= self.max_steps, {}

    def _observe(self) -> np.ndarray:
        return np.array([self.place / self.length, np.sign(self.goal)], "float32")


def returns(rewards: list[float], *, discount: float) -> list[float]:
    """Discounted sum of the rewards from each step on."""
    gains: list[float] = []
    for reward in reversed(rewards):
        gains.append(reward + discount * (gains[-1] if gains else 0.0))
    return gains[::-1]


def play(env: Corridor, weights: list[np.ndarray], rng: np.random.Generator) -> tuple[list, list, list]:
    """Observations, drawn actions and rewards of one episode; two layers by hand are faster than a call of a model."""
    observations, actions, rewards, done = [], [], [], False
    observation, _ = env.reset()
    while not done:
        logits = np.tanh(observation @ weights[0] + weights[1]) @ weights[2] + weights[3]
        action = int(rng.random() < 1 / (1 + np.exp(logits[0] - logits[1])))
        observations.append(observation)
        observation, reward, terminated, truncated, _ = env.step(action)
        actions.append(action)
        rewards.append(reward)
        done = terminated or truncated
    return observations, actions, rewards


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    by_sum = [sum(0.9 ** (k - t) * r for k, r in enumerate([1.0, 2.0, 4.0]) if k >= t) for t in range(3)]
    np.testing.assert_allclose(returns([1.0, 2.0, 4.0], discount=0.9), by_sum)

    policy = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(2, kernel_initializer="zeros"),
        ]
    )
    optimizer = keras.optimizers.Adam(0.02)
    optimizer.build(policy.trainable_variables)

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, 2), tf.float32),
            tf.TensorSpec((None, 1), tf.int32),
            tf.TensorSpec((None, 1), tf.float32),
        ]
    )
    def update(observations: tf.Tensor, actions: tf.Tensor, advantages: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            log_probabilities = ops.take_along_axis(ops.log_softmax(policy(observations)), actions, axis=1)
            loss = -ops.mean(log_probabilities * advantages)
        optimizer.apply(tape.gradient(loss, policy.trainable_variables))

    env, rng, totals = Corridor(), np.random.default_rng(0), []
    env.reset(seed=0)
    for _ in range(50):
        weights = policy.get_weights()
        episodes = [play(env, weights, rng) for _ in range(8)]
        gains = np.concatenate([returns(rewards, discount=0.95) for _, _, rewards in episodes])
        advantages = (gains - gains.mean()) / (gains.std() + 1e-6)  # the baseline: the mean of the batch
        seen = np.concatenate([observations for observations, _, _ in episodes])
        chosen = np.concatenate([actions for _, actions, _ in episodes])
        update(seen, chosen[:, None].astype("int32"), advantages[:, None].astype("float32"))
        totals.append(sum(sum(rewards) for _, _, rewards in episodes) / 8)

    start, end = totals[0], np.mean(totals[-5:])  # the first batch was played at random
    print(f"reward for an episode: {start:.2f} -> {end:.2f}, at best 0.70")
    assert start < 0.2 and end > 0.5
