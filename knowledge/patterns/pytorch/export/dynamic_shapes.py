# /// pattern
# id = "pt.export.dynamic-shapes"
# topic = "export.graph"
# twin = "tf.export.signatures"
# questions = [
#   "torch.export dynamic_shapes Dim example",
#   "export a model with variable sequence length",
#   "Constraints violated torch.export specialized to a constant",
#   "Dim.AUTO or Dim with min and max",
#   "Could not guard on data-dependent expression export",
#   "torch.cond in an exported model",
#   "exported program fails with another batch size",
#   "torch export dinamic shape",
# ]
# errors = ["torch._dynamo.exc.UserError: Constraints violated (batch)!"]
# apis = ["torch.export.export", "torch.export.Dim", "torch.cond", "torch.export.ExportedProgram.module"]
# replaces = ["dynamic_axes", "torch.jit.trace with another size"]
# why = """Sizes that are not declared are those of the example, for ever. A Dim names a size that varies, and export
# proves that the model holds for all of it: where the code bakes a size in (a reshape with a number, a comparison) it
# refuses and says what it found. A choice that depends on a value must be in the graph with both branches:
# torch.cond."""
# pitfalls = """An example size of 0 or 1 is taken for a constant. Give Dim a max where a buffer bounds the length. The
# mode is captured: eval() first."""
# when_not = "One fixed size, as on a phone: leave it static, which is faster."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises UserError: Constraints violated (batch)!"
# ///
"""torch.export for any batch size and length, with a branch on a value inside the graph."""

import torch
from torch import nn
from torch.export import Dim, ExportedProgram, export


class Pooled(nn.Module):
    """Sequences (B, T, 4) to logits (B, 2), T up to 32; loud input is scaled down."""

    def __init__(self) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.randn(32, 4))
        self.output = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.positions[: x.shape[1]]
        x = torch.cond(x.abs().max() > 100, lambda x: x / 100, lambda x: x.clone(), (x,))
        return self.output(x.mean(dim=1))


def export_model(model: nn.Module) -> ExportedProgram:
    """For batches of any size and lengths of 2 to 32."""
    sizes = {"x": {0: Dim("batch"), 1: Dim("time", min=2, max=32)}}
    return export(model.eval(), (torch.randn(3, 5, 4),), dynamic_shapes=sizes)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = Pooled()
    exported = export_model(model).module()
    for batch, time in ((3, 5), (1, 32), (7, 2)):
        for loudness in (1, 1000):
            x = loudness * torch.randn(batch, time, 4)
            by_hand = x + model.positions[:time]
            by_hand = by_hand / 100 if by_hand.abs().max() > 100 else by_hand
            by_hand = by_hand.mean(dim=1) @ model.output.weight.T + model.output.bias
            torch.testing.assert_close(exported(x), by_hand)
    refused = []
    for shape in ((3, 33, 4), (3, 5, 6)):  # too long; another width
        try:
            exported(torch.randn(shape))
        except (RuntimeError, AssertionError) as error:
            refused.append(str(error))
    assert len(refused) == 2
    print("refused:", refused[0].splitlines()[0][:90])
