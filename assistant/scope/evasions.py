"""Code that makes a verdict look better than it is. Static, so it sees what a run does not reach."""

from collections.abc import Callable, Iterator

from assistant.schema import Files
from assistant.scope.asserts import find_idle_tests
from assistant.scope.hooks import find_test_hooks
from assistant.scope.kept_answers import find_kept_answers
from assistant.scope.leaks import find_labels_in_inputs, find_training_data_as_test_data
from assistant.scope.reported import find_made_up_figures
from assistant.scope.snooping import find_snooping
from assistant.scope.sources import Source, read_sources
from assistant.scope.stored import find_stored_weights
from assistant.scope.swallowed import (
    find_early_exits,
    find_ends_at_a_loss,
    find_hidden_warnings,
    find_swallowed_failures,
)
from assistant.scope.tampering import find_patches
from sandbox.report import Finding

RULES: tuple[Callable[[Source], Iterator[Finding]], ...] = (
    find_swallowed_failures,
    find_early_exits,
    find_hidden_warnings,
    find_patches,
    find_snooping,
    find_stored_weights,
    find_kept_answers,
    find_made_up_figures,
    find_training_data_as_test_data,
    find_labels_in_inputs,
    find_ends_at_a_loss,
    find_test_hooks,
)


def find_evasions(files: Files, before_files: Files | None = None) -> list[Finding]:
    """What hides a failure, makes up a figure, reaches into what is watched, or keeps a test from failing.

    `critical` has no honest use. A test that was switched off by a repair of `before_files` is critical, too.
    """
    sources = read_sources(files)
    found = [finding for source in sources for rule in RULES for finding in rule(source)]
    idle = {(one.file, str(one.evidence.get("test"))): one for source in sources for one in find_idle_tests(source)}
    earlier = {
        (one.file, str(one.evidence.get("test")))
        for source in read_sources(before_files or {})
        for one in find_idle_tests(source)
    }
    for key, one in idle.items():
        switched_off = before_files is not None and key not in earlier
        found.append(one.model_copy(update={"severity": "critical"}) if switched_off else one)
    return found
