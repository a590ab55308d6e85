"""The gate: a draft is run in the sandbox, watched, and held against what the user demanded."""

from collections.abc import Callable
from typing import Any

from assistant.drafters.base import Draft
from assistant.schema import PythonMLDLRequest
from assistant.targets import judge_targets
from assistant.turn import Turn
from sandbox.base import Sandbox
from sandbox.report import RunReport
from sandbox.schema import Limits
from sandbox.verify import verify


def prove(
    draft: Draft,
    request: PythonMLDLRequest,
    sandbox: Sandbox,
    turn: Turn,
    *,
    on_event: Callable[[str, dict[str, Any]], None],
) -> RunReport:
    """Run the whole training of a draft, and its tests; what was seen, and the verdict computed from it."""
    report = verify(
        draft.files,
        framework=request.framework,
        sandbox=sandbox,
        entry=draft.entry,
        limits=Limits(wall_s=turn.time_limit_s),
        on_event=on_event,
        cancel=turn.cancel,
    )
    return judge_targets(request.ml_task.performance_requirements, report)
