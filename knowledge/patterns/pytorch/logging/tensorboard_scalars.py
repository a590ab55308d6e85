# /// pattern
# id = "pt.logging.tensorboard"
# topic = "train.logging"
# role = "logging"
# provides = "tensorboard"
# entry = "log_scalars"
# twin = "tf.logging.tensorboard"
# questions = [
#   "tensorboard in pytorch",
#   "log loss and accuracy with SummaryWriter",
#   "plot the learning rate in tensorboard",
#   "tensorboard shows only one point",
#   "add_scalar global_step",
#   "compare train and validation loss torch tensorboard",
#   "tensorbord loging pytorch",
# ]
# errors = ["ModuleNotFoundError: No module named 'tensorboard'", "No dashboards are active for the current data set"]
# apis = ["torch.utils.tensorboard.SummaryWriter", "torch.utils.tensorboard.SummaryWriter.add_scalar"]
# replaces = ["tensorboardX"]
# why = """One point per epoch and name; the part of a name before the slash groups the curves in one card. Used as a
# context manager, the writer puts its last points on disk whatever happens."""
# pitfalls = "Without global_step every point lands on step 0 and the curve is a vertical line."
# when_not = "Every batch of a long run: log every hundredth."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: every point is at the same step"
# ///
"""Training curves for TensorBoard. Look at them with `tensorboard --logdir <folder>`."""

from torch.utils.tensorboard import SummaryWriter


def log_scalars(writer: SummaryWriter, scalars: dict[str, float], epoch: int) -> None:
    """Write one point for each name, such as "loss/train" or "accuracy/val"."""
    for name, value in scalars.items():
        writer.add_scalar(name, value, global_step=epoch)


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with TemporaryDirectory() as folder:
        with SummaryWriter(folder) as writer:
            for epoch in range(3):
                log_scalars(writer, {"loss/train": 1 / (epoch + 1), "loss/val": 1.5 / (epoch + 1)}, epoch)
        events = EventAccumulator(folder).Reload()
        points = [(point.step, round(point.value, 3)) for point in events.Scalars("loss/train")]
    assert events.Tags()["scalars"] == ["loss/train", "loss/val"]
    assert points == [(0, 1.0), (1, 0.5), (2, 0.333)]
    print(points)
