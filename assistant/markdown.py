"""The answer as a person reads it: the verdict first, then the evidence."""

from assistant.repair import Repair
from assistant.schema import PythonMLDLResponse
from knowledge.deprecations.asked import Outdated
from knowledge.schema import Hit
from sandbox.report import RunReport

VERIFIED, NOT_VERIFIED = "**Verified.**", "**Not verified.**"
VERDICTS = (VERIFIED, NOT_VERIFIED)
"""How the answer about a project begins."""
NOTE = "Note"
"""Title of what the user should hear first."""
UNITS = {
    "baseline_accuracy": "accuracy of the most frequent class",
    "rmse": "rmse, in standard deviations of the target",
}
"""Composed projects standardise the target, so that is what the checks see."""
MARKS = {"passed": "✓", "failed": "✗", "skipped": "–"}


def outdated_in_markdown(outdated: list[Outdated]) -> str:
    """What became of the old names in a question, each with where that is written."""
    return "\n\n".join(f"{old.told} ({old.source})" for old in outdated)


def explain_in_markdown(hits: list[Hit]) -> str:
    """The patterns that answer a question, best first, each with its reason and the first with its program."""
    parts = [_pattern_in_markdown(hit) for hit in hits[:1]]
    if also := "\n".join(f"- {hit.pattern.title} (`{hit.pattern.id}`)" for hit in hits[1:]):
        parts.append(f"See also:\n\n{also}")
    return "\n\n".join(parts)


def explanation_in_markdown(response: PythonMLDLResponse, text: str) -> str:
    """An explanation, with what happened on the way and who wrote it."""
    by = [] if response.drafter == "llm" else ["*Answered from vetted patterns.*"]
    return "\n\n".join(section for section in [text, _list(NOTE, response.remarks), *by, _asked(response)] if section)


def _pattern_in_markdown(hit: Hit) -> str:
    pattern = hit.pattern
    record = pattern.vetting
    parts = [
        f"**{pattern.title}** (`{pattern.id}`, {pattern.proof})",
        pattern.why,
        f"```python\n{pattern.code.strip()}\n```",
    ]
    if pattern.pitfalls:
        parts.append(f"Watch out: {pattern.pitfalls}")
    if pattern.wrong and record and record.wrong_outcome:
        parts.append(f"Not like this; it {record.wrong_outcome}:\n\n```python\n{pattern.wrong.strip()}\n```")
    return "\n\n".join(parts)


def project_in_markdown(
    response: PythonMLDLResponse, report: RunReport | None, repair: Repair | None, *, prose: str = ""
) -> str:
    """Verdict, checks, figures, patterns, assumptions, next steps; `prose` is a model's own words on its draft."""
    sections = [
        _verdict(response, report),
        _list(NOTE, response.remarks),
        _refusals(repair) if response.outcome == "not_verified" else "",
        _related(repair) if response.outcome == "not_verified" else "",
        _checks(report),
        _figures(response),
        _design(response),
        _attempts(response),
        _patterns(response),
        _list("Assumed", response.assumptions),
        _list("Next", response.next_steps),
        _prose(prose),
        _drafter(response),
        _asked(response),
    ]
    return "\n\n".join(section for section in sections if section)


def _verdict(response: PythonMLDLResponse, report: RunReport | None) -> str:
    if report is None:
        return f"{NOT_VERIFIED} The draft did not get past lint, so it was not run."
    failed = [check.message for check in report.checks if check.status == "failed"]
    critical = [finding.message for finding in report.findings if finding.severity == "critical"]
    if response.outcome == "verified":
        return f"{VERIFIED} {_headline(report)}{_warning(report)}"
    return f"{NOT_VERIFIED} {' '.join(critical[:2] or failed[:2])}"


def _headline(report: RunReport) -> str:
    measured = report.metrics.evaluation
    steps = f"Trained for {report.metrics.training_steps} steps in the sandbox"
    if "accuracy" in measured:
        return f"{steps}; accuracy on {report.metrics.evaluation_samples} held-out samples: {measured['accuracy']:.1%}."
    if "r2" in measured:
        return f"{steps}; on {report.metrics.evaluation_samples} held-out samples: R² {measured['r2']:.3f}."
    return f"{steps}."


def _warning(report: RunReport) -> str:
    """Code that works and a model that learned nothing are two things; the second is said beside the first."""
    measured = report.metrics.evaluation
    if "accuracy" in measured and measured["accuracy"] <= measured.get("baseline_accuracy", 0.0):
        return (
            f" That is no better than always answering the most frequent class ({measured['baseline_accuracy']:.1%})."
        )
    if measured.get("r2", 1.0) <= 0:
        return " That is no better than always answering the mean."
    return ""


def _refusals(repair: Repair | None) -> str:
    if not repair or not repair.refused:
        return ""
    names = ", ".join(name.rpartition(".")[2] for name in repair.refused)
    return f"A change of {names} would mend it, but you named it, so it was left alone. Ask again with another value."


def _checks(report: RunReport | None) -> str:
    if report is None:
        return ""
    rows = [f"| {MARKS[check.status]} | {check.id} | {_cell(check.message)} |" for check in report.checks]
    table = "\n".join(["| | check | seen |", "| --- | --- | --- |", *rows])
    findings = [
        f"{item.severity}: {item.message}" + (f" ({item.file}:{item.line})" if item.line else "")
        for item in report.findings
    ]
    return "\n\n".join(filter(None, [table, _list("Findings", findings)]))


def _figures(response: PythonMLDLResponse) -> str:
    seen = response.metrics
    figures = {
        "Parameters": f"{seen.num_parameters:,}" if seen.num_parameters is not None else None,
        "FLOPs per sample": f"{seen.flops:,}" if seen.flops is not None else None,
        "Model size": f"{seen.model_size_mb:.3f} MB" if seen.model_size_mb is not None else None,
        "Inference": f"{seen.inference_time_ms:.2f} ms for a batch of {seen.inference_batch_size} (median)"
        if seen.inference_time_ms is not None
        else None,
        "Training step": f"{seen.step_time_ms:.2f} ms (median)" if seen.step_time_ms is not None else None,
        "Peak memory": f"{seen.peak_memory_mb:.0f} MB" if seen.peak_memory_mb is not None else None,
        **{UNITS.get(name, name): f"{value:.4f}" for name, value in seen.evaluation.items()},
    }
    rows = [f"| {name} | {value} |" for name, value in figures.items() if value]
    return "\n".join(["| measured | |", "| --- | --- |", *rows]) if rows else ""


def _design(response: PythonMLDLResponse) -> str:
    """A composed project is built by its design; a model was only told it."""
    title = "Design" if response.drafter == "embedded" else "Design that the model was given"
    return _list(title, [f"{choice.name} = {choice.value}: {choice.reason}" for choice in response.design])


def _patterns(response: PythonMLDLResponse) -> str:
    """Which of what it was shown a model used is not known."""
    if response.drafter == "llm":
        return _list("The model was shown", [f"{item.title} (`{item.id}`)" for item in response.patterns])
    return _list("Built from", [f"{item.title} (`{item.id}`): {item.used_for}" for item in response.patterns])


def _attempts(response: PythonMLDLResponse) -> str:
    repairs = [f"Attempt {attempt.n}: {attempt.repair}" for attempt in response.attempts if attempt.repair]
    return _list("Repairs", repairs)


def _related(repair: Repair | None) -> str:
    if not repair:
        return ""
    return _list("About this fault", [f"{hit.pattern.title} (`{hit.pattern.id}`)" for hit in repair.related])


def _prose(prose: str) -> str:
    """Quoted, so that nobody takes a model's claims for what was seen."""
    quoted = "\n".join(f"> {line}".rstrip() for line in prose.strip().splitlines())
    return f"In the model's own words, which nothing checked:\n\n{quoted}" if quoted else ""


def _drafter(response: PythonMLDLResponse) -> str:
    if response.drafter == "llm":
        return f"*Drafted by {response.model}; the verdict is computed from what the sandbox saw.*"
    return "*Drafted by the embedded drafter from vetted patterns.*"


def _asked(response: PythonMLDLResponse) -> str:
    """What the model cost, or that none was asked."""
    used = response.usage
    if not used.calls:
        return "*No model was asked.*"
    about = "about " if used.estimated else ""
    times = "once" if used.calls == 1 else f"{used.calls} times"
    cost = f", cost {used.cost:.4g}" if used.cost is not None else ""
    return (
        f"*{response.model} was asked {times} in {used.seconds:.1f} s: {about}{used.input_tokens:,} tokens "
        f"in, {about}{used.output_tokens:,} out{cost}.*"
    )


def _list(title: str, items: list[str]) -> str:
    return f"{title}:\n\n" + "\n".join(f"- {item}" for item in items) if items else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
