# /// pattern
# id = "pt.performance.graph-breaks"
# topic = "performance.compile"
# questions = [
#   "find graph breaks torch.compile",
#   "torch.compile is not faster",
#   "fullgraph=True Unsupported error",
#   "torch._dynamo.exc.Unsupported Tensor.item",
#   "data dependent control flow torch.compile",
#   "how do I see what torch.compile captured",
#   "print inside a compiled model breaks the graph",
#   "torch compile graph brakes",
# ]
# errors = ["torch._dynamo.exc.Unsupported: Data-dependent branching"]
# apis = ["torch.compile"]
# replaces = ["torch.jit.script", "torch.compile without fullgraph"]
# why = """Where Python must look at a tensor's value (an `if`, item(), print), the graph ends, Python goes on, and
# another graph begins: correct, but each break costs a launch and all fusion across it. fullgraph=True turns a silent
# break into an error that names the line; a backend of three lines counts the graphs. Both branches of an element-wise
# choice belong into torch.where."""
# pitfalls = """Put torch.compile around the model once, outside of the loop. Debug with backend="eager", which captures
# but compiles nothing and needs no C++ compiler; the default, inductor, needs one on a CPU. torch._dynamo.explain lists
# the breaks of a call; torch.cond keeps both branches in the graph."""
# when_not = "A break at a place that runs once an epoch costs nothing worth mending."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises Unsupported: Data-dependent branching"
# ///
"""Graph breaks of torch.compile: count them, refuse them, and write the branch as tensors."""

from collections.abc import Callable

import torch


class GraphCounter:
    """A backend for torch.compile that runs what was captured as it is, and keeps the graphs."""

    def __init__(self) -> None:
        self.graphs: list[torch.fx.GraphModule] = []

    def __call__(self, graph: torch.fx.GraphModule, _example_inputs: list[torch.Tensor]) -> Callable:
        self.graphs.append(graph)
        return graph.forward


def bounded_by_python(x: torch.Tensor) -> torch.Tensor:
    """x (N,), scaled to a norm of at most 1. The `if` looks at a value."""
    norm = x.norm()
    if norm > 1:
        x = x / norm
    return x.relu()


def bounded_by_tensors(x: torch.Tensor) -> torch.Tensor:
    """The same without looking: divide by the norm or by 1, whichever is larger."""
    return (x / x.norm().clamp(min=1)).relu()


if __name__ == "__main__":
    torch.manual_seed(0)
    long, short = torch.randn(8), 0.01 * torch.randn(8)

    counts = {}
    for function in (bounded_by_python, bounded_by_tensors):
        torch.compiler.reset()
        counter = GraphCounter()
        compiled = torch.compile(function, backend=counter)
        for x in (long, short):
            expected = (x / x.norm() if x.norm() > 1 else x).relu()
            torch.testing.assert_close(compiled(x), expected)
        counts[function.__name__] = len(counter.graphs)
    assert counts == {"bounded_by_python": 3, "bounded_by_tensors": 1}, counts  # up to the if, and one for each branch

    torch.compiler.reset()
    message = ""
    try:
        torch.compile(bounded_by_python, backend="eager", fullgraph=True)(long)
    except torch._dynamo.exc.Unsupported as error:
        message = str(error)
    assert "if norm > 1" in message  # the line that breaks the graph
    whole = torch.compile(bounded_by_tensors, backend="eager", fullgraph=True)
    torch.testing.assert_close(whole(long).norm(), (long / long.norm()).relu().norm())
    print(counts)
