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
    "learns": "a copy of the trained model can learn the answers of a small batch in another order",
    "repeats": "a second run has the same losses in its first steps: every source of chance is seeded",
    "scope-kept": "what the user named is seen in the run: framework, kind of problem, architecture, sizes, loss, "
    "optimiser, data, with all rows of an attached file; a repair gives none of it up, and no test, no evaluation and "
    "not half of the model or of the training data either",
    "target-reached": "the metric on held-out data that the user asked for, where one was",
    "inference-time": "the time for one batch that the user asked for, where one was",
    "training-time": "the training time that the user asked for, where one was",
}
"""Check id -> what it looks at."""

_BOTH: dict[str, tuple[str, ...]] = {
    "a train split that overlaps the test split, or statistics fitted before the split": (
        "train-test-overlap", "fitted-before-split",
    ),
    "predictions and targets of shapes that broadcast, such as (N, 1) with (N,)": ("loss-broadcasting",),
    "a reshape where a transpose is needed, or a softmax or mean over the wrong axis": (
        "axes-scrambled", "softmax-over-wrong-axis", "features-averaged", "batch-mixing",
    ),
    "an attention or padding mask the wrong way round or missing; inputs that are NaN, as after division by a "
    "deviation of zero": (
        "causal-mask-inverted", "causal-mask-missing", "padding-mask-inverted", "attention-sees-nothing",
        "non-finite-input",
    ),
    "softmax over a single unit, or outputs that are the same for every sample": ("constant-output",),
    "layers with dropout or batch statistics trained in evaluation mode or evaluated in training mode": (
        "training-in-eval-mode", "evaluation-in-train-mode",
    ),
    "training data that is not shuffled; random numbers drawn without a seed": (
        "training-data-not-shuffled", "seed-missing",
    ),
    "an exception swallowed, as by any `except Exception` that does not raise again; a warning hidden, a metric "
    "written down by hand, a test that is skipped or cannot fail": (),
}  # fmt: skip
FAULTS: dict[Framework, dict[str, tuple[str, ...]]] = {
    "pytorch": {
        "softmax before CrossEntropyLoss, sigmoid before BCEWithLogitsLoss, logits into BCELoss or NLLLoss": (
            "softmax-before-cross-entropy", "sigmoid-before-bce-with-logits", "logits-into-bce", "logits-into-nll",
        ),
        "missing zero_grad, backward or step, or in the wrong order; an optimiser without the model's parameters": (
            "missing-zero-grad", "missing-backward", "optimizer-step-missing", "step-before-backward",
            "optimizer-bound-to-other-parameters", "parameters-not-optimized",
        ),
        "a schedule that is never stepped, or at another pace than it was made for": (
            "scheduler-never-stepped", "schedule-at-wrong-pace",
        ),
        "layers in a plain list or dictionary instead of nn.ModuleList or nn.ModuleDict": ("layers-not-registered",),
        "losses summed with their graphs: use loss.item() or loss.detach()": ("growing-graph",),
        **_BOTH,
    },
    "tensorflow": {
        "a loss whose from_logits disagrees with the last layer": (
            "logits-without-from-logits", "probabilities-with-from-logits",
        ),
        "a model called outside of the tape, or gradients that are not applied": (
            "no-gradients", "optimizer-step-missing",
        ),
        "monitoring a name that is not logged, such as val_loss without validation data": ("monitor-not-available",),
        "Keras 2 calls that Keras 3 removed: Adam(lr=…), fit_generator, saving to .h5": ("removed-api",),
        **_BOTH,
    },
}  # fmt: skip
"""What is found most, in words -> the faults of the catalogue that the words stand for; none for what lint and the
scope lock look for."""
