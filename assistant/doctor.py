"""What is there and what is not: sandbox, frameworks, index, model endpoint; each with the command that mends it."""

from pydantic import BaseModel

from assistant.settings import Settings
from knowledge.errors import IndexUnavailable
from sandbox.doctor import diagnose


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
    sandbox = [Need(**probe.model_dump()) for probe in diagnose(settings.runtimes())]
    return [*sandbox, _index(settings), _model(settings)]


def _index(settings: Settings) -> Need:
    from assistant.app import open_assistant

    try:
        with open_assistant(settings) as assistant:
            found = assistant.search("train a small network", k=1)
    except IndexUnavailable as error:
        return Need(name="index", ok=False, detail=str(error), remedy="gradproof ingest --rebuild")
    ok = bool(found.results)
    detail = (
        f"{settings.home / 'index'}, a query took {found.took_ms:.0f} ms"
        if ok
        else "no pattern is vetted for these versions"
    )
    return Need(name="index", ok=ok, detail=detail, remedy=None if ok else "gradproof ingest knowledge/patterns")


def _model(settings: Settings) -> Need:
    if settings.model_configured:
        where = settings.openai_base_url or "the default endpoint"
        return Need(name="model", ok=True, detail=f"{settings.model} at {where}", needed=False)
    return Need(
        name="model",
        ok=False,
        needed=False,
        detail="no endpoint is configured, so the embedded drafter is used",
        remedy="set OPENAI_BASE_URL, OPENAI_API_KEY and GRADPROOF_MODEL",
    )
