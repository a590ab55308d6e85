"""Starting sizes for each family of models: small enough to train on a CPU, each with the source of its shape."""

from pydantic import BaseModel

FEWEST_PATCHES = 16
"""Fewest patches that are worth attending to: a 4x4 grid."""


class Family(BaseModel):
    """Why a family of models suits its data, and where its sizes start."""

    reason: str
    hidden_dim: int
    width: str
    """What `hidden_dim` counts."""
    num_layers: int
    depth: str
    """What `num_layers` counts."""
    dropout: float = 0.1
    activation: str | None = "relu"
    """None where the family leaves no choice."""
    attends: bool = False
    """Whether it has attention heads."""


FAMILIES = {
    "unet": Family(
        reason="skip connections give back the positions that pooling lost (Ronneberger et al. 2015, arXiv:1505.04597)",
        hidden_dim=16,
        width="channels of the first level, doubled at each level; the paper starts at 64",
        num_layers=3,
        depth="halvings of the image; the paper has 4",
        dropout=0.0,
    ),
    "vit": Family(
        reason="attention between patches (Dosovitskiy et al. 2020, arXiv:2010.11929); it needs more images than a CNN",
        hidden_dim=64,
        width="size of a patch's embedding; the paper's smallest has 768",
        num_layers=4,
        depth="encoder blocks; the paper's smallest has 12",
        activation="gelu",
        attends=True,
    ),
    "bert": Family(
        reason="an encoder that reads both ways (Devlin et al. 2018, arXiv:1810.04805)",
        hidden_dim=128,
        width="BERT-Tiny's (Turc et al. 2019, arXiv:1908.08962)",
        num_layers=2,
        depth="BERT-Tiny's (Turc et al. 2019, arXiv:1908.08962)",
        activation="gelu",
        attends=True,
    ),
    "gpt": Family(
        reason="a decoder that predicts the next token (Radford et al. 2019, 'Language Models are Unsupervised "
        "Multitask Learners')",
        hidden_dim=128,
        width="enough for characters or a small vocabulary; the paper's smallest has 768",
        num_layers=4,
        depth="decoder blocks; the paper's smallest has 12",
        activation="gelu",
        attends=True,
    ),
    "transformer": Family(
        reason="attention relates all pairs of positions (Vaswani et al. 2017, arXiv:1706.03762)",
        hidden_dim=64,
        width="size of a position's embedding; the paper has 512",
        num_layers=2,
        depth="blocks; the paper has 6",
        attends=True,
    ),
    "lstm": Family(
        reason="carries along what came earlier (Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735)",
        hidden_dim=64,
        width="size of the state",
        num_layers=1,
        depth="stacked layers; a second one seldom pays on small data",
        activation=None,
    ),
    "resnet": Family(
        reason="skip connections keep gradients alive in deeper stacks (He et al. 2015, arXiv:1512.03385)",
        hidden_dim=32,
        width="channels of the first stage; the paper has 64",
        num_layers=2,
        depth="stages",
    ),
    "cnn": Family(
        reason="convolutions share weights over positions, which suits few samples",
        hidden_dim=32,
        width="channels of the first layer",
        num_layers=3,
        depth="convolutions, each of which sees further",
    ),
    "mlp": Family(
        reason="assumes no order among its inputs",
        hidden_dim=64,
        width="units of a layer",
        num_layers=2,
        depth="hidden layers",
    ),
}


def attention_heads(hidden_dim: int) -> int:
    """The most heads, up to four, that divide the width and leave each at least 16 numbers; else one."""
    return next((heads for heads in (4, 2) if hidden_dim % heads == 0 and hidden_dim // heads >= 16), 1)


def patch_size(side: int) -> int:
    """The largest of 16, 8, 4 and 2 that divides the image's side and leaves at least 4x4 patches; else one pixel."""
    return next((size for size in (16, 8, 4, 2) if side % size == 0 and (side // size) ** 2 >= FEWEST_PATCHES), 1)


def halvings(depth: int, sides: list[int]) -> int:
    """At most `depth`, as often as each side can be halved without a rest; at least once."""
    return max(1, next((n for n in range(depth, 0, -1) if all(side % 2**n == 0 for side in sides)), 1))
