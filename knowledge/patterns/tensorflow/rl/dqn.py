# /// pattern
# id = "tf.rl.dqn"
# topic = "rl.q-learning"
# twin = "pt.rl.dqn"
# questions = [
#     "DQN in keras with replay buffer and target network",
#     "deep q learning tensorflow from scratch",
#     "copy weights to the target network keras",
#     "q values grow without limit keras dqn",
#     "double dqn tensorflow",
#     "model.predict in a dqn loop is slow",
#     "deep q netwrok keras",
# ]
# apis = ["tf.function", "tf.GradientTape", "keras.losses.huber", "keras.Model.set_weights", "tf.gather"]
# replaces = ["keras-rl DQNAgent", "model.predict and model.fit for each step", "tf_agents"]
# why = """The target is reward + discount * value of the best next action, and reward alone where the episode
# terminated: nothing comes after. A slow copy of the network gives that value, so the target does not run away with
# each step. The whole update is one compiled function: predict and fit for each step cost far more than the
# arithmetic."""
# pitfalls = """truncated is a limit of time, not an end: there the next value counts. The target is made outside of the
# tape. The target network is cloned, and its weights are set: assignment is a second name."""
# when_not = "Continuous actions: SAC or PPO. Real studies: an established implementation; details decide."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the target network moved with the online one"
# ///
"""Double DQN with a replay buffer and a slowly following target network, checked against exact values."""

import keras
import numpy as np
import tensorflow as tf

LENGTH, DISCOUNT = 5, 0.9


def step(place: int, action: int) -> tuple[int, float, bool]:
    """A corridor of places 0..5: action 1 goes on, 0 goes back; reaching 5 gives 1 and terminates."""
    place = min(place + 1, LENGTH) if action else max(place - 1, 0)
    return place, float(place == LENGTH), place == LENGTH


class Replay:
    """The last `size` steps; when full, the oldest is written over."""

    def __init__(self, size: int) -> None:
        self.size, self.count = size, 0
        self.places, self.actions, self.after = (np.zeros(size, "int32") for _ in range(3))
        self.rewards, self.goes_on = np.zeros(size, "float32"), np.zeros(size, "float32")

    def add(self, place: int, action: int, reward: float, after: int, terminated: bool) -> None:
        row = self.count % self.size
        self.places[row], self.actions[row], self.rewards[row] = place, action, reward
        self.after[row], self.goes_on[row] = after, not terminated
        self.count += 1

    def sample(self, rng: np.random.Generator, batch: int) -> tuple[np.ndarray, ...]:
        """Places, actions, rewards, next places, 0 where terminated: (batch,) each."""
        rows = rng.integers(min(self.count, self.size), size=batch)
        return self.places[rows], self.actions[rows], self.rewards[rows], self.after[rows], self.goes_on[rows]


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    online = keras.Sequential([keras.Input((LENGTH + 1,)), keras.layers.Dense(2, use_bias=False)])  # a table
    target = keras.models.clone_model(online)
    target.set_weights(online.get_weights())
    optimizer = keras.optimizers.Adam(0.02)
    optimizer.build(online.trainable_variables)

    @tf.function
    def update(
        places: tf.Tensor, actions: tf.Tensor, rewards: tf.Tensor, after: tf.Tensor, goes_on: tf.Tensor
    ) -> tf.Tensor:
        """One step of both networks; the mean loss of the batch."""
        next_places = tf.one_hot(after, LENGTH + 1)  # (N, 6)
        chosen = tf.argmax(online(next_places), axis=1)  # the online network chooses, the target network values
        goal = rewards + DISCOUNT * goes_on * tf.gather(target(next_places), chosen, batch_dims=1)  # (N,)
        with tf.GradientTape() as tape:
            values = tf.gather(online(tf.one_hot(places, LENGTH + 1)), actions, batch_dims=1)
            loss = tf.reduce_mean(keras.losses.huber(goal[:, None], values[:, None]))
        optimizer.apply(tape.gradient(loss, online.trainable_variables), online.trainable_variables)
        for slow, fast in zip(target.variables, online.variables, strict=True):
            slow.assign(0.95 * slow + 0.05 * fast)
        return loss

    replay, place = Replay(2000), 0
    for number in range(1000):
        table = online.get_weights()[0]  # (6, 2)
        action = int(table[place].argmax()) if number % 2 else int(rng.integers(2))  # explore in every other step
        after, reward, terminated = step(place, action)
        replay.add(place, action, reward, after, terminated)
        place = 0 if terminated or number % 50 == 49 else after  # a limit of 50 steps truncates, it does not terminate
        if number >= 100:
            update(*replay.sample(rng, 64))

    learnt = online.get_weights()[0][:LENGTH]  # (5, 2)
    exact = DISCOUNT ** np.arange(LENGTH - 1, -1, -1)
    np.testing.assert_allclose(learnt[:, 1], exact, atol=0.1)
    assert (learnt.argmax(axis=1) == 1).all()
    print("value of going on:", learnt[:, 1].round(2))
