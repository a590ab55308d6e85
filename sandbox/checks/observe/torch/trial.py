"""The short training of a copy of a PyTorch model. Runs inside the jail."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from observe.probe import NotApplicable
from observe.torch.calls import first_tensor, to_numpy
from observe.torch.subject import Subject
from observe.trial import ROWS, trial


def learns(subject: Subject) -> dict[str, Any]:
    """In evaluation mode, so that neither dropout nor the other samples of the batch come in between."""
    answers = to_numpy(subject(lambda value: value[:ROWS]))

    def begin(targets: np.ndarray, rate: float) -> Callable[[], float]:
        try:
            module = copy.deepcopy(subject.module)
        except (RuntimeError, TypeError) as error:
            raise NotApplicable(f"The model cannot be copied: {error}"[:200]) from error
        trained = [one for one in module.parameters() if one.requires_grad and one.is_floating_point()]
        if not trained:
            raise NotApplicable("Nothing of the model is trainable.")
        optimizer = torch.optim.Adam(trained, lr=rate)
        wanted = torch.as_tensor(targets)
        args, kwargs = subject.arguments(lambda value: value[:ROWS])

        def step() -> float:
            output = first_tensor(module(*args, **kwargs))
            loss = (output - wanted.to(output)).square().mean()
            optimizer.zero_grad()
            if loss.requires_grad:
                loss.backward()
                optimizer.step()
            return float(loss.detach())

        return step

    with torch.enable_grad():
        return trial(answers, begin)
