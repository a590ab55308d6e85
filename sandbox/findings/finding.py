"""How a finding is made, and small readings of untrusted figures that all findings share."""

from typing import Any

from sandbox.evidence import Place
from sandbox.faults.catalogue import faults
from sandbox.report import Finding, Severity


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
    """The message of an exception or warning, shortened."""
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    return " ".join(lines[-1:] if text.startswith("in user code") else lines[:2])[:400]
