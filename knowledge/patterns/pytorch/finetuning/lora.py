# /// pattern
# id = "pt.finetuning.lora"
# topic = "finetuning.lora"
# twin = "tf.finetuning.lora"
# questions = [
#   "implement LoRA from scratch in pytorch",
#   "add low-rank adapters to the linear layers of a model",
#   "merge LoRA weights into the base model",
#   "parameter-efficient fine-tuning without peft",
#   "freeze the base model and train only adapters",
#   "LoRA does not learn anything, loss stays the same",
#   "what are r and alpha in LoRA",
#   "LORA finetunning torch",
# ]
# apis = ["torch.nn.Linear", "torch.nn.Module.named_children", "torch.nn.Module.requires_grad_"]
# replaces = ["peft.LoraConfig", "peft.get_peft_model", "merge_and_unload"]
# why = """Only the low-rank change up @ down of each weight is trained (arXiv 2106.09685). With up at zero the model
# starts as it was; down is random, since with both at zero neither has a gradient. Merged, the model costs what it did
# before, and gives the same outputs."""
# pitfalls = """Freeze the base before adding adapters, and give the optimiser only what requires a gradient. The scale
# is alpha / rank: with another rank and the same alpha the learning rate can stay."""
# when_not = "Models of the transformers library: peft does the same and saves adapters alone."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the adapter cannot learn"
# ///
"""LoRA: low-rank adapters on the frozen linear layers of a model, and their merge into its weights."""

import torch
from torch import nn


class LoRALinear(nn.Module):
    """A frozen linear layer plus scale * up(down(x)), of which up starts at zero."""

    def __init__(self, base: nn.Linear, *, rank: int, alpha: float) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.down = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))
        self.scale = alpha / rank

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., in_features) to (..., out_features)."""
        return self.base(x) + self.scale * (x @ self.down.T) @ self.up.T

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """The base layer with the adapter added to its weight."""
        self.base.weight += self.scale * self.up @ self.down
        return self.base


def add_lora(module: nn.Module, *, rank: int, alpha: float) -> None:
    """Put an adapter on each nn.Linear inside of module, in place."""
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            setattr(module, name, LoRALinear(child, rank=rank, alpha=alpha))
        else:
            add_lora(child, rank=rank, alpha=alpha)


def merge_lora(module: nn.Module) -> None:
    """Replace each adapter by a plain layer that gives the same, in place."""
    for name, child in module.named_children():
        if isinstance(child, LoRALinear):
            setattr(module, name, child.merged())
        else:
            merge_lora(child)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(16, 64), nn.Tanh(), nn.Sequential(nn.Linear(64, 64), nn.Tanh()), nn.Linear(64, 1))
    model.requires_grad_(False)
    x = torch.randn(256, 16)
    before, weights = model(x), {name: value.clone() for name, value in model.state_dict().items()}

    add_lora(model, rank=4, alpha=8)
    torch.testing.assert_close(model(x), before)  # it starts as it was
    adapters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    assert sum(p.numel() for p in adapters) == 4 * (16 + 64) + 4 * (64 + 64) + 4 * (64 + 1)

    targets = before + x[:, :1] * x[:, 1:2]  # the new task: what the model gave, and a product
    optimizer = torch.optim.Adam(adapters, lr=0.01)
    losses = []
    for _ in range(200):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0], losses
    assert model[0].base.weight.equal(weights["0.weight"]) and model[2][0].base.weight.equal(weights["2.0.weight"])

    adapted = model(x).detach()
    merge_lora(model)
    assert [type(layer) for layer in model] == [nn.Linear, nn.Tanh, nn.Sequential, nn.Linear]
    torch.testing.assert_close(model(x), adapted, atol=1e-4, rtol=1e-4)
    change = model[0].weight - weights["0.weight"]
    assert torch.linalg.matrix_rank(change, rtol=1e-4) == 4
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f} with {sum(p.numel() for p in adapters)} trained numbers")
