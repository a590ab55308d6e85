# /// pattern
# id = "pt.migration.integer-division"
# topic = "migration.tensors"
# questions = [
#   "tensors used as indices must be long, int, byte or bool tensors",
#   "integer division of tensors pytorch",
#   "index divided by 2 became float",
#   "torch.div rounding_mode floor or trunc",
#   "__floordiv__ on negative numbers torch",
#   "interger tensor division rounds",
# ]
# errors = [
#   "IndexError: tensors used as indices must be long, int, byte or bool tensors",
#   "RuntimeError: result type Float can't be cast to the desired output type Long",
# ]
# apis = ["torch.div"]
# replaces = ["integer tensor / integer", "torch.div on integers", "tensor.__floordiv__"]
# why = """Since 1.5 / is true division and gives floats, as in Python 3. // rounds down, as Python does, where it once
# cut towards zero: -7 // 2 is -4. Where rounding matters, say it with rounding_mode."""
# pitfalls = "x /= 2 on an integer tensor raises, x //= 2 does not. torch.floor_divide is //."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises IndexError: tensors used as indices must be long, int, byte or bool tensors"
# ///
"""Division of integer tensors that stays integer."""

import torch


def row_and_column(index: torch.Tensor, *, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Flat indices (N,) of a grid to its rows and columns, (N,) each, as integers."""
    return index // width, index % width


if __name__ == "__main__":
    grid = torch.arange(12).reshape(3, 4)
    index = torch.tensor([0, 5, 11])
    rows, columns = row_and_column(index, width=4)
    assert rows.dtype == torch.int64 and grid[rows, columns].tolist() == [0, 5, 11]
    assert (index / 4).dtype == torch.float32

    values = torch.tensor([7, -7])
    assert (values // 2).tolist() == [7 // 2, -7 // 2] == [3, -4]  # as Python rounds
    assert torch.div(values, 2, rounding_mode="trunc").tolist() == [int(7 / 2), int(-7 / 2)] == [3, -3]
    assert torch.equal(values // 2 * 2 + values % 2, values)  # // and % belong together
    print(f"rows {rows.tolist()}, columns {columns.tolist()}")
