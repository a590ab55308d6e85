"""What is there and what is not: sandbox, frameworks, index and its parts, model; each with what mends it."""

from pydantic import BaseModel

from assistant.errors import EXPLAINED_ERRORS
from assistant.settings import Settings
from knowledge.connection import Server
from knowledge.errors import IndexUnavailable
from knowledge.patterns import REPOSITORY
from sandbox.doctor import diagnose
from sandbox.errors import SandboxError

ANSWER_S = 10.0
"""What an endpoint may take for the first word that it says to the doctor."""


class Need(BaseModel):
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str | None = None
    needed: bool = True
    """False where gradproof works without it."""


def diagnose_all(settings: Settings) -> list[Need]:
    """Every mechanism, tried for real."""
    probes = diagnose(
        settings.runtimes(),
        kind=settings.sandbox,
        docker_image=settings.docker_image,
        docker_runtime=settings.docker_runtime,
    )
    sandbox = [Need(**probe.model_dump()) for probe in probes]
    server = settings.qdrant()
    return [
        *sandbox,
        _embedding(settings),
        *([_server(server)] if server else []),
        _index(settings),
        _model(settings),
    ]


def _embedding(settings: Settings) -> Need:
    """Loads the model, whose files are checked then."""
    from knowledge.embed import open_embedder

    try:
        embedder = open_embedder(settings.embedding_model)
    except IndexUnavailable as error:
        return _unavailable("embedding model", error)
    return Need(name="embedding model", ok=True, detail=f"{embedder.name}, {embedder.dim} numbers, {embedder.folder}")


def _server(server: Server) -> Need:
    """Asks it who it is, and what it holds."""
    from knowledge.connection import look_at

    try:
        seen = look_at(server)
    except IndexUnavailable as error:
        return _unavailable("index server", error)
    holds = "no index yet"
    if seen.manifest:
        holds = f"{seen.records} patterns and notes in {seen.manifest.collection}, made with {seen.manifest.embedder}"
    detail = f"Qdrant {seen.version} at {server.address}, {server.collection}: {holds}"
    return Need(name="index server", ok=True, detail=detail)


def _unavailable(name: str, error: IndexUnavailable) -> Need:
    """What is wrong, and after the semicolon what mends it."""
    detail, _, remedy = str(error).partition("; ")
    return Need(name=name, ok=False, detail=detail, remedy=remedy or None)


def _index(settings: Settings) -> Need:
    from assistant.app import open_assistant

    try:
        with open_assistant(settings) as assistant:
            found = assistant.search("train a small network", k=1)
    except SandboxError as error:
        return Need(name="index", ok=False, detail=str(error))
    except IndexUnavailable as error:
        return _unavailable("index", error)
    except EXPLAINED_ERRORS as error:
        return Need(name="index", ok=False, detail=str(error), remedy="gradproof ingest --rebuild")
    ok, server = bool(found.results), settings.qdrant()
    detail = (
        f"{server.address if server else settings.home / 'index'}, a query took {found.took_ms:.0f} ms"
        if ok
        else "no pattern is vetted for these versions"
    )
    return Need(name="index", ok=ok, detail=detail, remedy=None if ok else f"gradproof ingest {REPOSITORY}")


def _model(settings: Settings) -> Need:
    """Asks the endpoint what it can do, which tells whether it can be used."""
    from assistant.app import NO_MODEL, open_assistant

    hurried = settings.model_copy(update={"model_timeout": min(settings.model_timeout, ANSWER_S)})
    try:
        endpoint = settings.endpoint()
        if endpoint is None:
            detail = "none is configured, so the embedded drafter writes every project"
            return Need(name="model", ok=False, detail=detail, remedy=NO_MODEL, needed=False)
        with open_assistant(hurried) as assistant:
            able = assistant.open_model().abilities
    except EXPLAINED_ERRORS as error:
        return Need(name="model", ok=False, detail=str(error), needed=False)
    return Need(name="model", ok=True, detail=f"{endpoint.model} at {endpoint.address}: {able}", needed=False)
