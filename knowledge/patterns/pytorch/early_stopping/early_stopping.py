# /// pattern
# id = "pt.early-stopping.early-stopping"
# topic = "train.early-stopping"
# role = "early-stopping"
# provides = "early-stopping"
# entry = "EarlyStopping"
# twin = "tf.early-stopping.early-stopping"
# questions = [
#   "early stopping in pytorch",
#   "stop training when validation loss does not improve",
#   "patience and min_delta",
#   "keep the best model weights torch",
#   "restore best weights like keras in pytorch",
#   "my best state_dict changes while training goes on",
#   "earlystoping callback pytorch",
# ]
# apis = ["torch.nn.Module.state_dict"]
# replaces = ["keras.callbacks.EarlyStopping"]
# why = """The validation loss, not the training loss, tells when a network starts to memorise. update() says whether
# this is the best value so far, which is the moment to save the weights."""
# pitfalls = """state_dict() hands out the live tensors: save them to a file or deepcopy them, or the best becomes the
# last."""
# when_not = "A cosine schedule at its end: the last epochs, with small steps, usually bring the best result."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the best weights changed"
# ///
"""Stop when a value that should fall has not done so for some epochs."""

from typing import Any


class EarlyStopping:
    """Counts the epochs since the best value; a fall of min_delta or less, or a NaN, is no improvement."""

    def __init__(self, *, patience: int, min_delta: float = 0.0) -> None:
        self.patience = patience
        self.min_delta = min_delta
        self.best = float("inf")
        self.epochs_without_improvement = 0

    def update(self, value: float) -> bool:
        """Take the value of one epoch; True when it is a new best."""
        if value < self.best - self.min_delta:
            self.best = value
            self.epochs_without_improvement = 0
            return True
        self.epochs_without_improvement += 1
        return False

    @property
    def should_stop(self) -> bool:
        """True after `patience` epochs in a row without improvement."""
        return self.epochs_without_improvement >= self.patience

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs to go on counting."""
        return {"best": self.best, "epochs_without_improvement": self.epochs_without_improvement}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state_dict()."""
        self.best = state["best"]
        self.epochs_without_improvement = state["epochs_without_improvement"]


if __name__ == "__main__":
    stopper = EarlyStopping(patience=2, min_delta=0.01)
    history = []
    for val_loss in [1.0, 0.8, 0.795, 0.7, float("nan"), 0.75, 0.6]:
        history.append(stopper.update(val_loss))
        if stopper.should_stop:
            break
    assert history == [True, True, False, True, False, False]
    assert stopper.best == 0.7

    resumed = EarlyStopping(patience=2)
    resumed.load_state_dict(stopper.state_dict())
    assert resumed.should_stop and resumed.best == 0.7
    print(f"stopped after {len(history)} epochs, best {stopper.best}")
