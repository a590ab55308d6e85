"""Optimiser, batches and the other settings of training, held against those that were asked for."""

import math

from assistant.scope.case import Case, Outcome, Rule
from assistant.scope.sources import identifiers, numbers, plain
from sandbox.seen import SeenOptimizer

OPTIMIZERS = {
    "adam", "adamw", "sgd", "lion", "rmsprop", "adagrad", "adadelta", "adamax", "nadam", "radam", "lbfgs", "ftrl",
    "adafactor", "asgd", "rprop", "muon", "lamb",
}  # fmt: skip
STOPS = ("patience", "early", "stop")


def optimizer(asked: str, case: Case) -> Outcome | None:
    """By the nearest class with a known name, for an optimiser may extend one of the framework's."""
    seen = [name for one in case.seen.optimizers if (name := _known(one))]
    return Outcome(asked in seen, ", ".join(dict.fromkeys(seen))) if seen else None


def _known(one: SeenOptimizer) -> str | None:
    return next((name.lower() for name in one.family if name.lower() in OPTIMIZERS), None)


def learning_rate(asked: float, case: Case) -> Outcome | None:
    """As constructed, or as used at some time: a warm-up begins lower, a schedule ends lower."""
    constructed = [
        rate for one in case.seen.optimizers for name in ("lr", "learning_rate") for rate in _option(one, name)
    ]
    ranges = [one.learning_rates for one in case.seen.optimizers if len(one.learning_rates) == 2]
    if not constructed and not ranges:
        return None
    among = any(math.isclose(rate, asked, rel_tol=1e-3) for rate in constructed)
    within = any(low * 0.99 <= asked <= high * 1.01 for low, high in ranges)
    told = sorted({f"{rate:g}" for rate in (*constructed, *(high for _, high in ranges))})
    return Outcome(among or within, ", ".join(told))


def _option(one: SeenOptimizer, name: str) -> list[float]:
    return one.options.get(name, [])


def weight_decay(asked: float, case: Case) -> Outcome | None:
    """In one of the optimiser's groups, or as a penalty of the layers."""
    values = [value for one in case.seen.optimizers for value in _option(one, "weight_decay")]
    if not values or case.seen.regularized:
        return None
    kept = any(math.isclose(value, asked, rel_tol=1e-3, abs_tol=1e-12) for value in values)
    return Outcome(kept, ", ".join(f"{value:g}" for value in sorted(set(values))))


def batch_size(asked: int, case: Case) -> Outcome | None:
    """The commonest training batch, or several before each step; fewer samples than asked make a smaller one."""
    seen = case.seen
    if not seen.batch_sizes:
        return None
    usual = seen.batch_sizes[0][0]
    steps = max((one.steps for one in seen.optimizers), default=0)
    gathered = round(usual * seen.backwards / steps) if steps else usual
    small = usual < asked and seen.epoch_samples is not None and seen.epoch_samples <= asked
    return Outcome(asked in (usual, gathered) or small, f"batches of {usual}")


def num_epochs(asked: int, case: Case) -> Outcome | None:
    """Fewer are right where training may stop early or was bounded, more where several models are trained in turn."""
    epochs = case.seen.epochs
    if epochs is None or _is_bounded(case):
        return None
    stopped = epochs < asked and (_may_stop(case) or _has_callback(case, "earlystopping"))
    if stopped or (epochs > asked and len(case.seen.optimizers) > 1):
        return None
    return Outcome(epochs == asked, f"{epochs} passes over the training data")


def _is_bounded(case: Case) -> bool:
    return any(one.evidence.get("bounded") for one in case.report.checks if one.id == "training-steps")


def _may_stop(case: Case) -> bool:
    return case.request.training_config.early_stopping.enabled


def _has_callback(case: Case, name: str) -> bool:
    return any(plain(one.name) == name for one in case.seen.callbacks)


def early_stopping(asked: bool, case: Case) -> Outcome | None:
    """Seen as a callback; in a loop of its own only its complete absence from the code decides."""
    if _has_callback(case, "earlystopping"):
        return Outcome(asked, "an EarlyStopping callback")
    if not asked:
        return None
    words = identifiers([one for one in case.sources if not one.is_test])
    return None if any(stop in word for word in words for stop in STOPS) else Outcome(False, "nothing that stops early")


def patience(asked: int, case: Case) -> Outcome | None:
    stops = [one for one in case.seen.callbacks if plain(one.name) == "earlystopping" and "patience" in one.figures]
    told = ", ".join(f"{one.figures['patience']:g}" for one in stops)
    return Outcome(any(one.figures["patience"] == asked for one in stops), told) if stops else None


def gradient_clipping(asked: float | None, case: Case) -> Outcome | None:
    """A limit that was given to the framework; or gradients that were larger when the optimiser got them."""
    seen = case.seen
    told = ", ".join(f"{limit:g}" for limit in seen.clipping) or "no clipping"
    if asked is None:
        return Outcome(not seen.clipping, told)
    if seen.clipping:
        return Outcome(any(math.isclose(limit, asked, rel_tol=1e-3) for limit in seen.clipping), told)
    if seen.largest_norm is None or not math.isfinite(seen.largest_norm) or seen.largest_norm <= asked * 1.05:
        return None
    return Outcome(False, f"no clipping, and gradients with a norm of {seen.largest_norm:.3g}")


def mixed_precision(asked: bool, case: Case) -> Outcome | None:
    """Prepared is enough: there may be no device here that gains from it."""
    seen = case.seen.mixed_precision
    if not asked:
        return Outcome(seen != "used", seen or "none")
    if seen:
        return Outcome(True, seen)
    words = identifiers([one for one in case.sources if not one.is_test])
    hinted = any(part in word for word in words for part in ("autocast", "mixed", "float16", "bfloat16", "dtypepolicy"))
    return None if hinted else Outcome(False, "single precision throughout")


def seed(asked: int, case: Case) -> Outcome | None:
    """Among the numbers that a generator was seeded with; one that no observer sees is at least written down."""
    if asked in case.seen.seeds:
        return Outcome(True, str(asked))
    if float(asked) in numbers(case.sources):
        return None
    told = ", ".join(map(str, case.seen.seeds[:5]))
    return Outcome(False, f"seeded with {told}" if told else "no seed")


def tensorboard(asked: bool, case: Case) -> Outcome | None:
    return Outcome(bool(case.seen.logs) == asked, f"{len(case.seen.logs)} event files")


def log_dir(asked: str, case: Case) -> Outcome | None:
    return _below(asked, case.seen.logs, "event files")


def checkpoint_dir(asked: str, case: Case) -> Outcome | None:
    return _below(asked, case.seen.checkpoints, "saved states") if case.seen.checkpoints else None


def _below(folder: str, paths: list[str], what: str) -> Outcome:
    parts = f"/{folder.strip('/')}/"
    kept = any(parts in f"/{path.replace(chr(92), '/')}" for path in paths)
    return Outcome(kept, f"{what} at {', '.join(paths[:3])}" if paths else f"no {what}")


RULES: dict[str, Rule] = {
    "training_config.optimizer": optimizer,
    "training_config.learning_rate": learning_rate,
    "training_config.weight_decay": weight_decay,
    "training_config.batch_size": batch_size,
    "training_config.num_epochs": num_epochs,
    "training_config.early_stopping.enabled": early_stopping,
    "training_config.early_stopping.patience": patience,
    "training_config.gradient_clipping": gradient_clipping,
    "training_config.mixed_precision": mixed_precision,
    "training_config.seed": seed,
    "experiment_config.tensorboard_enabled": tensorboard,
    "experiment_config.tensorboard_log_dir": log_dir,
    "experiment_config.checkpoint_dir": checkpoint_dir,
}
