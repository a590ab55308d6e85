"""How a finding is made, and small readings of untrusted figures that all findings share."""

import re
from typing import Any

from sandbox.evidence import Place
from sandbox.faults.catalogue import faults
from sandbox.report import Finding, Severity

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""What a terminal reads as bold."""


class Maker:
    """Makes findings of the catalogue's faults; the entry stands in where no line is known."""

    def __init__(self, entry: str) -> None:
        self.entry = entry

    def __call__(
        self,
        id: str,
        severity: Severity,
        message: str,
        fix: str,
        *,
        at: Place = None,
        no: str | None = None,
        **figures: Any,
    ) -> Finding:
        """`no` names another entry of the catalogue than the fault's own, where the figures say so."""
        fault, (file, line) = faults()[id], at or (self.entry, None)
        return Finding(
            id=id,
            catalogue=no or fault.number,
            severity=severity,
            file=file,
            line=line,
            message=message,
            why=fault.why,
            evidence=figures,
            fix=fix,
        )


def number(value: Any, otherwise: float = 0.0) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return otherwise


def one_line(text: str) -> str:
    """The message of an exception or warning, shortened; of what Keras wraps around it nothing is kept."""
    text = COLOUR.sub("", text).partition("Arguments received by")[0]
    if text.startswith("in user code"):
        text = re.sub(r"^\s*\w+(Error|Exception): ", "", re.split(r"\n\s*\n", text.rstrip(), maxsplit=2)[-1])
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    told = [line for line in lines if not line.startswith("Exception encountered when calling")] or lines
    return " ".join(told[:2])[:400]
