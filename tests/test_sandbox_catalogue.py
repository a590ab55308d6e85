"""Every case of the abuse catalogue has a test that could fail, here or elsewhere, or a reason why it has none."""

import ast
import importlib

import pytest
from sandbox_backends import ROOT

CATALOGUE = {"A": 13, "B": 9, "C": 16, "D": 15, "E": 18, "F": 19, "G": 12, "H": 20, "I": 11, "J": 9}
"""Family -> how many cases it has. Reading, writing, network, processes, resources, kernel, artifacts, verdict, warm
interpreter, GPU."""
TABLES = {
    "test_sandbox_reads": ("CASES", "OWN"),
    "test_sandbox_writes": ("CASES",),
    "test_sandbox_network": ("CASES",),
    "test_sandbox_processes": ("CASES",),
    "test_sandbox_memory": ("CASES",),
    "test_sandbox_resources": ("CASES",),
    "test_sandbox_kernel": ("CASES",),
    "test_sandbox_artifacts": ("CASES",),
    "test_sandbox_evidence": ("CASES", "OBSERVED"),
    "test_sandbox_between_runs": ("CASES", "ODD"),
}
"""Module -> its tables of cases, each of which parametrises a test."""
ELSEWHERE = {
    "A13": "test_sandbox_jobs.py::test_a_job_that_cannot_be_is_refused_with_a_sentence",
    "E13 shown": "test_web_content.py::test_text_of_others_is_escaped",
    "E16 read": "test_sandbox_jobs.py::test_a_source_that_bursts_a_compiler_is_read_without_harm",
    "G8 host": "test_sandbox_artifacts.py::test_the_host_never_unpickles",
    "G11": "test_web_page.py::test_text_of_programs_and_models_stays_inert_and_nothing_else_is_asked",
    "H2": "test_verify_verdict.py::test_a_program_without_its_last_frame_failed_whatever_its_exit_status",
    "H6": "gaming/torch_replaces_backward",
    "H6 comparison": "gaming/torch_replaces_allclose",
    "H7": "gaming/torch_trains_only_where_live_objects_tell_of_observers",
    "H7 frames": "gaming/torch_trains_only_where_the_stack_tells_of_observers",
    "H9": "gaming/torch_lies_about_its_class",
    "H11": "gaming/torch_answers_a_constant",
    "H12": "gaming/torch_differentiates_a_counter",
    "H12 detached": "gaming/torch_detached_loss_and_noise",
    "H13": "gaming/torch_returns_zeros_after_an_exception",
    "H14": "test_verify_verdict.py::test_a_frame_that_is_not_as_it_should_be_is_left_out_and_counted",
    "H19": "test_llm_prompt.py::test_an_exceptions_text_stays_inside_the_markers",
    "H20": "test_lint.py::test_a_configuration_among_the_files_does_not_change_the_rules",
    "I11": "test_sandbox_between_runs.py::test_an_interpreter_does_not_initialise_cuda",
    "J1": "test_sandbox_gpu_abuse.py::test_memory_that_is_taken_and_held_is_a_limit_and_comes_back",
    "J2": "test_sandbox_gpu_abuse.py::test_a_kernel_that_never_ends_ends_with_its_run_or_is_told_of",
    "J3": "test_sandbox_gpu_abuse.py::test_a_context_that_one_run_has_broken_is_not_the_next_ones",
    "J4": "test_sandbox_gpu_abuse.py::test_what_one_run_wrote_to_the_gpus_memory_is_not_there_for_the_next",
    "J5": "test_sandbox_gpu_abuse.py::test_the_card_is_not_a_programs_to_control",
    "J6": "test_sandbox_gpu_abuse.py::test_the_one_device_that_cuda_finds_is_the_runs_own",
    "J8": "test_sandbox_gpu_abuse.py::test_training_on_the_gpu_is_told_apart_from_training_beside_it",
    "J9": "test_sandbox_gpu_abuse.py::test_compilers_work_and_what_they_make_is_gone_with_the_run",
}
"""Case -> the test of it, or the draft that test_gaming.py runs and finds not verified."""
NO_TEST_OF_ITS_OWN = {
    "F15": "locks on files that runs share for reading are a channel between runs, and carry nothing of the host",
    "F19": "rowhammer, timing and the like are faults of the machine that no sandbox of processes can mend",
    "H10": "inputs and references are the program's own: nothing is compared with a tensor that it could write to",
    "H15": "B1 and B2: the observers' files are read-only, and a fresh interpreter is forked for each run",
    "H17": "D2: the verdict is reached by the host, which no program can see; there is no second process to kill",
    "J7": "the driver's own calls are a part of the kernel: docker with gVisor has a filter for them",
    "I8": "forks of one interpreter share its layout of memory, until it is started anew after some hundred runs",
}


def numbers(keys: list[str]) -> set[str]:
    """A key is the number of a case, and may say which part of it."""
    return {key.split()[0] for key in keys}


def covered() -> set[str]:
    tables = [getattr(importlib.import_module(module), name) for module, names in TABLES.items() for name in names]
    return numbers([key for table in tables for key in table])


def test_every_case_is_tried_or_has_its_reason() -> None:
    every = {f"{family}{number + 1}" for family in CATALOGUE for number in range(CATALOGUE[family])}
    known = covered() | numbers(list(ELSEWHERE)) | set(NO_TEST_OF_ITS_OWN)
    assert sorted(every - known) == []
    assert sorted(known - every) == []
    assert sorted(set(NO_TEST_OF_ITS_OWN) & (covered() | numbers(list(ELSEWHERE)))) == []


@pytest.mark.parametrize("case", ELSEWHERE)
def test_a_case_that_is_tried_elsewhere_is_there(case: str) -> None:
    place = ELSEWHERE[case]
    if place.startswith("gaming/"):
        path = ROOT / "tests" / "data" / place
        assert path.is_dir() or path.with_suffix(".py").is_file()
        return
    file, name = place.split("::")
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
