"""Points without a step: TensorBoard draws all of them at 0."""

from tempfile import TemporaryDirectory

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.utils.tensorboard import SummaryWriter

with TemporaryDirectory() as folder:
    with SummaryWriter(folder) as writer:
        for epoch in range(3):
            writer.add_scalar("loss", 1 / (epoch + 1))  # wrong: global_step=epoch
    points = EventAccumulator(folder).Reload().Scalars("loss")
steps = [point.step for point in points]
assert len(set(steps)) == 3, f"every point is at the same step: {steps}"
