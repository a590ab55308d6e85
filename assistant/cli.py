"""The command line. Each command imports what it needs when it runs, so that `--help` is instant."""

import itertools
import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from assistant.options import FRAMEWORKS, SECONDS, finite, pairs, project_options, shared_options, sizes


def main() -> None:
    """Run the command and leave with its exit status; every error is one sentence on standard error."""
    from assistant.errors import BAD_REQUEST, EXPLAINED_ERRORS, INTERRUPTED, exit_status

    try:
        status = gradproof(standalone_mode=False)
    except EXPLAINED_ERRORS as error:
        status = _fail(str(error), exit_status(error))
    except click.exceptions.Abort:
        status = _fail("interrupted", INTERRUPTED)
    except click.ClickException as error:
        status = _fail(error.format_message(), BAD_REQUEST)
    except KeyboardInterrupt:
        status = _fail("interrupted", INTERRUPTED)
    sys.exit(status or 0)


def _fail(sentence: str, status: int) -> int:
    click.echo(f"gradproof: {sentence}", err=True)
    if "--json" in itertools.takewhile(lambda word: word != "--", sys.argv):
        click.echo(json.dumps({"status": "error", "error": sentence, "exit_status": status}))
    return status


INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C, or a request to end, sets before anything else: what runs in the sandbox ends at once."""
    cancel = threading.Event()

    def interrupt(_signal: int, _frame: object) -> None:
        cancel.set()
        raise KeyboardInterrupt

    wanted = [number for number in INTERRUPTS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in wanted}
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gradproof", prog_name="gradproof")
def gradproof() -> None:
    """Write PyTorch and TensorFlow/Keras code, and prove it before it speaks."""


@gradproof.command()
@click.argument("question", nargs=-1)
@click.option("--framework", type=FRAMEWORKS)
@click.option("--thread", help="Continue this conversation.")
@click.option(
    "--file", "files", multiple=True, type=click.Path(path_type=Path), help="Attach a file or folder; repeatable."
)
@project_options
@shared_options
def ask(
    question: tuple[str, ...],
    framework: str | None,
    thread: str | None,
    files: tuple[Path, ...],
    as_json: bool,
    **options: Any,
) -> int:
    """Answer QUESTION with a project that was run and checked. `-` reads it from standard input."""
    text = sys.stdin.read() if question == ("-",) else " ".join(question)
    turn = {"framework": framework, "attachments": list(files)}
    return _answer(text, thread or _new_thread(), turn, as_json=as_json, **options)


@gradproof.command()
@click.argument("file", type=click.Path(path_type=Path))
@project_options
@shared_options
def request(file: Path, as_json: bool, **options: Any) -> int:
    """Answer the structured request in FILE, a JSON document."""
    from assistant.errors import RequestError
    from assistant.request.json_request import read_request

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{str(file)!r} cannot be read ({error}); give a JSON file") from error
    asked = read_request(text, name=str(file))
    question = asked.ml_task.problem_description or f"the request in {file.name}"
    turn = {"request": asked, "attachments": _data_of(asked.ml_task.dataset_info.dataset_path, beside=file)}
    return _answer(question, _new_thread(), turn, as_json=as_json, **options)


def _data_of(dataset_path: str | None, *, beside: Path) -> list[Path]:
    """The data file that a request names: as it stands, or relative to the request's own folder."""
    candidates = [Path(dataset_path), beside.parent / dataset_path] if dataset_path else []
    return [path for path in candidates if path.is_file()][:1]


def _answer(
    question: str,
    thread_id: str,
    turn: dict[str, Any],
    *,
    out: Path | None,
    force: bool,
    time_limit: float,
    as_json: bool,
    **options: Any,
) -> int:
    from assistant.app import open_assistant
    from assistant.errors import DECLINED, NOT_VERIFIED, VERIFIED
    from assistant.project import check_output_folder, write_project
    from assistant.show import follow, show_answer

    if out:
        check_output_folder(out, force=force)
    with open_assistant() as assistant, interruptible() as cancel:
        turn = {**turn, **options, "time_limit_s": time_limit, "cancel": cancel}
        events = assistant.stream(question, thread_id=thread_id, **turn)
        response = follow(events, quiet=as_json)
        if out and response.deliverables.files_created:
            response = response.model_copy(update={"project_path": str(out.resolve())})
            write_project(out, assistant.project_files(thread_id), response, force=force)
    show_answer(response, as_json=as_json)
    statuses = {"verified": VERIFIED, "explained": VERIFIED, "not_verified": NOT_VERIFIED}
    return statuses.get(response.outcome, DECLINED)


@gradproof.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.option("--framework", type=FRAMEWORKS)
@click.option("--entry", help="The script of a folder that trains.")
@click.option("--env", multiple=True, metavar="NAME=VALUE", callback=pairs, help="A variable of its environment.")
@click.option("--shape", metavar="3,32,32", callback=sizes, help="Of one input, for a file that only defines a model.")
@click.option(
    "--with", "beside", multiple=True, type=click.Path(path_type=Path), help="Show it this file or folder too."
)
@click.option("--max-steps", type=click.IntRange(1), help="End the training loop after so many optimiser steps.")
@click.option(
    "--time-limit", type=SECONDS, callback=finite, default=120.0, show_default=True, help="Seconds it may run."
)
@click.option("--sarif", type=click.Path(path_type=Path), help="Write the report to this file as SARIF 2.1.0.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the report to this file as a page.")
@click.option("--explain", metavar="FAULT", help="Say what a finding's id, or a number such as C1, stands for.")
@shared_options
def verify(path: Path | None, explain: str | None, as_json: bool, **options: Any) -> int:
    """Check training code that exists: a script or a project folder, as it is, with the ARGS that follow a "--"."""
    from assistant.errors import VERIFIED, RequestError

    if explain is not None:
        from assistant.report.explain import explain as explain_fault

        explain_fault(explain, as_json=as_json)
        return VERIFIED
    if path is None:
        raise RequestError("nothing to verify; name a script or a project folder, or give --explain FAULT")
    return _verify(path, as_json=as_json, **options)


def _verify(
    path: Path,
    *,
    args: tuple[str, ...],
    beside: tuple[Path, ...],
    sarif: Path | None,
    html: Path | None,
    time_limit: float,
    as_json: bool,
    **options: Any,
) -> int:
    from assistant.app import open_assistant
    from assistant.errors import NOT_VERIFIED, VERIFIED
    from assistant.show import Progress, show_report
    from assistant.verifying import open_program, verify_program, write_report

    program = open_program(path, beside=beside, writes=(sarif, html))
    with open_assistant() as assistant, interruptible() as cancel, Progress(quiet=as_json) as progress:
        report = verify_program(
            program,
            assistant,
            path=str(path),
            argv=args,
            time_limit_s=time_limit,
            on_event=lambda kind, data: progress.show("verify", kind, data) if kind != "check" else None,
            cancel=cancel,
            **options,
        )
    write_report(report, program, sarif=sarif, html=html)
    show_report(report, program.files, as_json=as_json)
    return VERIFIED if report.status == "passed" else NOT_VERIFIED


@gradproof.command()
@click.argument("query", nargs=-1, required=True)
@click.option("-k", "count", type=click.IntRange(1, 50), default=5, show_default=True, help="Results at the most.")
@click.option("--framework", type=FRAMEWORKS)
@shared_options
def search(query: tuple[str, ...], count: int, framework: Any, as_json: bool) -> int:
    """Find vetted patterns."""
    from assistant.app import open_assistant
    from assistant.errors import NOT_VERIFIED, VERIFIED, RequestError
    from assistant.show import show_results
    from ingest.decode import writable

    words = writable(" ".join(query)).strip()
    if not words:
        raise RequestError("the query is empty; name an API, an error text or what is to be done")
    with open_assistant() as assistant:
        found = assistant.search(words, k=count, framework=framework)
    show_results(found, as_json=as_json)
    return VERIFIED if found.results or found.outdated or found.notes else NOT_VERIFIED


@gradproof.command(context_settings={"ignore_unknown_options": True})
@click.option("--timeout", type=SECONDS, callback=finite, default=60.0, show_default=True, help="Seconds.")
@click.option("--memory", type=click.IntRange(16), default=4096, show_default=True, help="Megabytes.")
@click.option("--framework", type=click.Choice(["pytorch", "tensorflow", "none"]), help="Which warm interpreter.")
@click.option(
    "--with", "beside", multiple=True, type=click.Path(path_type=Path), help="Show it this file or folder too."
)
@click.option("--artifacts", type=click.Path(path_type=Path), help="Write what it made or changed to this new folder.")
@shared_options
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def run(
    file: Path,
    args: tuple[str, ...],
    timeout: float,
    memory: int,
    framework: str | None,
    beside: tuple[Path, ...],
    artifacts: Path | None,
    as_json: bool,
) -> int:
    """Run FILE in the sandbox, without checks. Options not listed here are its own, as is all that follows `--`.

    Its standard input is empty.
    """
    from assistant.app import open_assistant
    from assistant.errors import NOT_VERIFIED, VERIFIED, RequestError
    from assistant.project import check_output_folder, write_files
    from assistant.show import show_run
    from sandbox.errors import ProgramError
    from sandbox.schema import Job, Limits
    from sandbox.sources import guess_runtime, read_program

    try:
        program = read_program(file, beside=beside)
    except ProgramError as error:
        raise RequestError(str(error)) from error
    if program.entry is None:
        raise RequestError(f"{str(file)!r} is a folder; give a script, and the folder with --with")
    if artifacts:
        check_output_folder(artifacts, force=False, option="--artifacts")
    runtime = guess_runtime(program.files) if framework is None else {"none": "python"}.get(framework, framework)
    job = Job(
        runtime=runtime,
        argv=[program.entry, *args],
        files=program.files,
        collect=["**/*"],
        limits=Limits(wall_s=timeout, memory_mb=memory),
    )
    with open_assistant() as assistant, interruptible() as cancel:
        result = assistant.open_sandbox().run(job, cancel=cancel)
    if artifacts:
        write_files(artifacts, {artifact.path: artifact.content for artifact in result.artifacts}, force=False)
    show_run(result, as_json=as_json)
    return VERIFIED if result.status == "ok" else NOT_VERIFIED


@gradproof.command()
@click.argument("sources", nargs=-1)
@click.option("--rebuild", is_flag=True, help="Make the index anew from what is known, and vet nothing again.")
@click.option("--retry", is_flag=True, help="Run what was rejected before once more.")
@click.option("--again", is_flag=True, help="Run everything once more, as after an upgrade of a framework.")
@shared_options
def ingest(sources: tuple[str, ...], rebuild: bool, retry: bool, again: bool, as_json: bool) -> int:
    """Read SOURCES into the index; only what passes in the sandbox is admitted as vetted.

    A source is a file (Python, a notebook, Markdown, reStructuredText, HTML), a folder, a git repository, or an
    address to clone: git+https://…
    """
    from assistant.app import open_assistant
    from assistant.errors import NOT_VERIFIED, VERIFIED, RequestError
    from assistant.show import Progress, show_ingested
    from ingest.admit import ingest as ingest_sources
    from ingest.git import is_address
    from knowledge.embed import open_embedder

    if not sources and not rebuild:
        raise RequestError("nothing to read; name a document, a folder or a repository, or give --rebuild")
    if missing := [source for source in sources if not source or not (is_address(source) or Path(source).exists())]:
        raise RequestError(f"{missing[0]!r} does not exist; give a document, a folder or a repository")
    with open_assistant() as assistant, Progress(quiet=as_json) as progress:
        report = ingest_sources(
            list(sources),
            home=assistant.settings.home,
            sandbox=assistant.open_sandbox() if sources else None,
            interpreters={name: assistant.installed(name).interpreter for name in ("pytorch", "tensorflow")},
            rebuild=rebuild,
            rerun="everything" if again else "rejected" if retry else "nothing",
            embedder=open_embedder(assistant.settings.embedding_model),
            server=assistant.settings.qdrant(),
            on_event=progress.count,
        )
    show_ingested(report, as_json=as_json)
    return VERIFIED if report.holds or not sources else NOT_VERIFIED


@gradproof.command()
@click.option(
    "--questions",
    "questions_file",
    type=click.Path(path_type=Path),
    help="One question a line, in words or as JSON; a set of gradproof's own by default.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("bench.jsonl"),
    show_default=True,
    help="Keeps a JSON line per question and arm; a run that ended early goes on from it.",
)
@click.option("--arms", help="Some of draft, retrieval, repair and embedded, with commas; the first three by default.")
@click.option("--drafter", type=click.Choice(["llm", "embedded"]), default="llm", help="embedded needs no endpoint.")
@click.option("--attempts", type=click.IntRange(1, 20), default=3, show_default=True, help="Drafts where it repairs.")
@click.option("--limit", type=click.IntRange(1), help="Ask only the first so many questions.")
@click.option(
    "--time-limit", type=SECONDS, callback=finite, default=300.0, show_default=True, help="Seconds one draft may run."
)
@shared_options
def bench(
    questions_file: Path | None,
    out: Path,
    arms: str | None,
    drafter: Any,
    time_limit: float,
    as_json: bool,
    **options: Any,
) -> int:
    """Measure what a model is worth here: draft alone, with retrieval, and with retrieval and repairs."""
    from assistant.app import open_assistant
    from assistant.bench.questions import read_questions
    from assistant.bench.run import Plan, read_arms, run_bench
    from assistant.bench.show import show_report, show_result
    from assistant.errors import ConfigurationError, RequestError

    questions, chosen = read_questions(questions_file), read_arms(arms, drafter)
    plan = Plan(questions=questions, arms=chosen, time_limit_s=time_limit, **options)
    with open_assistant() as assistant, interruptible() as cancel:
        try:
            report = run_bench(assistant, plan, out, on_result=show_result, cancel=cancel)
        except (RequestError, ConfigurationError):  # Nothing was begun: the file may be another run's.
            raise
        except BaseException:
            if out.exists():
                click.echo(f"What is done is kept in {str(out)!r}; the same command goes on from there.", err=True)
            raise
    show_report(report, as_json=as_json)
    return 0


@gradproof.command()
@shared_options
def doctor(as_json: bool) -> int:
    """Say what is there and what is not, each with the command that mends it."""
    from assistant.doctor import diagnose_all
    from assistant.errors import UNAVAILABLE, VERIFIED
    from assistant.settings import read_settings
    from assistant.show import show_probes

    probes = diagnose_all(read_settings())
    show_probes(probes, as_json=as_json)
    return VERIFIED if all(probe.ok or not probe.needed for probe in probes) else UNAVAILABLE


@gradproof.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=7860, show_default=True)
def web(host: str, port: int) -> int:
    """Serve the chat page."""
    from assistant.web import serve

    serve(host=host, port=port)
    return 0


@gradproof.command()
@click.option("--thread", help="Continue this conversation.")
@click.option("--framework", type=FRAMEWORKS)
def chat(thread: str | None, framework: Any) -> int:
    """Converse in the terminal; an empty line or the end of input leaves."""
    from assistant.app import open_assistant
    from assistant.errors import EXPLAINED_ERRORS
    from assistant.show import follow, show_answer

    thread_id = thread or _new_thread()
    with open_assistant() as assistant, interruptible() as cancel:
        while question := _next_line():
            try:
                show_answer(
                    follow(assistant.stream(question, thread_id=thread_id, framework=framework, cancel=cancel)),
                    as_json=False,
                )
            except EXPLAINED_ERRORS as error:
                click.echo(f"gradproof: {error}", err=True)
    return 0


def _next_line() -> str:
    """What the user types next; empty at the end of input."""
    try:
        return input("you> ").strip()
    except EOFError:
        return ""


def _new_thread() -> str:
    return uuid4().hex[:12]
