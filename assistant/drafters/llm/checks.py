"""What a draft will be held against, in words for a model: every check, and the faults that are found most."""

from assistant.schema import Framework

CHECKS: dict[str, str] = {
    "program-runs": "the entry ends by itself, with exit status 0 and within the time limit; no sys.exit, no os._exit",
    "model-builds": "a model with parameters is built and called",
    "forward-pass": "the model is called, raises nothing and gives finite outputs",
    "backward-pass": "gradients reach the trainable parameters and are finite",
    "training-steps": "an optimiser really makes steps, through to the end of training",
    "parameters-update": "parameters differ after training from before",
    "loss-finite": "no loss is NaN or infinite",
    "loss-falls": "the loss does not rise over the run",
    "evaluation": "after training, the model predicts samples it was not trained on, and they are compared with their "
    "targets, batch by batch from a DataLoader or with model.evaluate; the metrics are recomputed from those "
    "predictions, so printed figures count for nothing; classification and regression fail without it",
    "model-loads": "its state can be saved and loaded again, with the same outputs",
    "eval-determinism": "in evaluation mode the same batch gives the same outputs",
    "batch-independence": "a sample's output does not depend on the other samples of its batch",
    "tensorboard-logs": "where TensorBoard is used, event files with scalars, steps that rise and finite values",
    "tests-pass": "pytest passes on tests/, and at least one test runs; the project's configuration of pytest is not "
    "read, and hooks that choose tests are not accepted",
    "scope-kept": "what the user named is seen in the run: framework, kind of problem, architecture, sizes, loss, "
    "optimiser, data, with all rows of an attached file; a repair gives none of it up, and no test, no evaluation and "
    "not half of the model or of the training data either",
    "target-reached": "the metric on held-out data that the user asked for, where one was",
    "inference-time": "the time for one batch that the user asked for, where one was",
    "training-time": "the training time that the user asked for, where one was",
}
"""Check id -> what it looks at."""

_BOTH = (
    "a train split that overlaps the test split",
    "predictions and targets of shapes that broadcast, such as (N, 1) with (N,)",
    "an attention or padding mask the wrong way round; inputs that are NaN, as after division by a deviation of zero",
    "softmax over a single unit, or outputs that are the same for every sample",
    "an exception swallowed, as by any `except Exception` that does not raise again; a warning hidden, a metric "
    "written down by hand, a test that is skipped or cannot fail",
    "layers with dropout or batch statistics trained in evaluation mode or evaluated in training mode",
)
FAULTS: dict[Framework, tuple[str, ...]] = {
    "pytorch": (
        "softmax before CrossEntropyLoss, sigmoid before BCEWithLogitsLoss, logits into BCELoss or NLLLoss",
        "missing zero_grad, backward or step, or in the wrong order; an optimiser without the model's parameters",
        "layers in a plain list or dictionary instead of nn.ModuleList or nn.ModuleDict",
        "losses summed with their graphs: use loss.item() or loss.detach()",
        *_BOTH,
    ),
    "tensorflow": (
        "a loss whose from_logits disagrees with the last layer",
        "a model called outside of the tape, or gradients that are not applied",
        "monitoring a name that is not logged, such as val_loss without validation data",
        "Keras 2 calls that Keras 3 removed: Adam(lr=…), fit_generator, saving to .h5",
        *_BOTH,
    ),
}
