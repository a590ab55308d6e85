"""Wrong: step() unpacked as in old gym; the end of an episode is two values now."""


class Corridor:
    """As gymnasium.Env: walk from 0 to 3."""

    def reset(self) -> tuple[int, dict]:
        self.place = 0
        return self.place, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict]:
        self.place += action
        return self.place, 1.0, self.place == 3, False, {}


env = Corridor()
observation, info = env.reset()
observation, reward, done, info = env.step(1)  # wrong: observation, reward, terminated, truncated, info
