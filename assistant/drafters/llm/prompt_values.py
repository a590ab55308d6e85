"""The request, the design and what is installed, as the values that every prompt is filled with."""

import json
from typing import Any

from assistant.drafters.base import Brief
from assistant.drafters.llm.attached import data_blocks, data_told
from assistant.drafters.llm.checks import CHECKS, FAULTS
from assistant.drafters.llm.facts import RuntimeFacts
from assistant.prompts.quote import Quoter, cap_lines, fenced, quoted_name
from assistant.request.fields import field_values

MOST_WORDS = 200
"""Lines of the user's own words that are shown."""
TITLES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow/Keras"}
WORDS = "ml_task.problem_description"


def system_values(
    brief: Brief, facts: RuntimeFacts, quoter: Quoter, *, time_limit_s: float, repairing: bool
) -> dict[str, Any]:
    """What the system prompt says."""
    framework = brief.request.framework or "pytorch"
    return {
        "framework": framework,
        "framework_title": TITLES[framework],
        "time_limit": f"{time_limit_s:g}",
        "modules": facts.modules,
        "checks": CHECKS,
        "faults": FAULTS[framework],
        "repairing": repairing,
        "opening": quoter.opening,
        "closing": quoter.closing,
    }


def request_values(brief: Brief, facts: RuntimeFacts, quoter: Quoter) -> dict[str, Any]:
    """What is asked for, and with which numbers."""
    request, design = brief.request, brief.design
    words = cap_lines(request.ml_task.problem_description, most=MOST_WORDS, width=2000)
    return {
        "words": fenced(words),
        "invariants": _invariants(brief),
        "understood": _understood(brief),
        "unplanned": brief.unplanned,
        "architecture": design.architecture,
        "modality": design.modality,
        "problem": design.problem,
        "choices": [f"{one.name} = {one.value}: {one.reason}" for one in design.choices],
        "data_told": data_told(brief),
        "data_blocks": data_blocks(brief, quoter),
        "python": facts.python,
        "versions": [f"{name} {version}" for name, version in facts.versions.items()],
    }


def _invariants(brief: Brief) -> list[str]:
    values = field_values(brief.request)
    framework = [] if "framework" in brief.request.stated else [f"framework = {json.dumps(brief.request.framework)}"]
    return framework + [_line(name, values.get(name)) for name in brief.request.stated if name != WORDS]


def _understood(brief: Brief) -> list[str]:
    said = {*brief.request.stated, WORDS, "framework", "context.codebase_path"}
    return [_line(name, value) for name, value in field_values(brief.request).items() if name not in said and value]


def _line(name: str, value: Any) -> str:
    return f"{name} = {quoted_name(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
