"""The scope lock: what the user named may not change."""

from assistant.request.fields import field_values
from assistant.schema import PythonMLDLRequest


def changed_invariants(before: PythonMLDLRequest, after: PythonMLDLRequest) -> list[str]:
    """Dotted names among `before.stated` whose values differ in `after`."""
    old, new = field_values(before), field_values(after)
    return [name for name in before.stated if old.get(name) != new.get(name)]
