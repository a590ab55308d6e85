# /// pattern
# id = "pt.tensors.random-generator"
# topic = "tensors.random"
# twin = "tf.tensors.random-generator"
# questions = [
#   "torch.Generator with its own seed",
#   "random split that is the same every time pytorch",
#   "does manual_seed inside a function affect the rest",
#   "reproducible noise without touching the global seed",
#   "dropout mask is the same in every step",
#   "torch.random.fork_rng",
#   "seperate random stream torch generator",
# ]
# errors = ["Expected a 'cpu' device type for generator but found 'cuda'"]
# apis = ["torch.Generator", "torch.randperm", "torch.random.fork_rng"]
# replaces = ["torch.manual_seed inside functions", "torch.random.get_rng_state"]
# why = """manual_seed sets the one stream that everything draws from. Called in a function it winds back dropout,
# shuffling and initialisation too. A Generator is a stream of one's own: same numbers, no side effect."""
# pitfalls = """A generator lives on one device, and functions want one of the device they draw on. Dropout and
# nn.init.* by default draw from the global stream; fork_rng gives it back as it was. torch.utils.data.random_split
# takes a generator too."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: dropout drew the same mask"
# ///
"""A stream of random numbers of one's own, beside the global one."""

import torch


def split_indices(count: int, *, held_out: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The numbers 0 to count - 1, shuffled and cut in two, always alike for the same seed."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return order[held_out:], order[:held_out]


class AddNoise:
    """Adds normal noise; its stream can be saved and resumed."""

    def __init__(self, *, std: float, seed: int, device: str = "cpu") -> None:
        self.std = std
        self.generator = torch.Generator(device).manual_seed(seed)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        noise = torch.randn(x.shape, generator=self.generator, device=x.device)
        return x + self.std * noise


if __name__ == "__main__":
    torch.manual_seed(0)
    without = torch.rand(3)
    torch.manual_seed(0)
    train, test = split_indices(10, held_out=3, seed=1)
    assert sorted(train.tolist() + test.tolist()) == list(range(10)) and len(test) == 3
    assert test.equal(split_indices(10, held_out=3, seed=1)[1])
    assert torch.rand(3).equal(without)  # the global stream did not notice

    noise, x = AddNoise(std=0.1, seed=2), torch.zeros(4)
    first = noise(x)
    state = noise.generator.get_state()  # belongs in a checkpoint
    second = noise(x)
    assert not first.equal(second)
    noise.generator.set_state(state)
    assert noise(x).equal(second)

    before = torch.get_rng_state()
    with torch.random.fork_rng():  # for what takes no generator
        torch.manual_seed(3)
        torch.nn.Linear(2, 2)
    assert torch.get_rng_state().equal(before)
    print(test.tolist())
