"""What is known of a run's end: as its supervisor tells it, or as the host has to say where no supervisor could."""

from pydantic import BaseModel


class Ended(BaseModel):
    """Why a run was ended from outside of the program."""

    name: str
    """A limit, or "cancelled", "forged", "supervisor"."""
    sentence: str
    allowed: float = 0.0
    used: float | None = None


class Facts(BaseModel):
    """Nothing of this passes through the program."""

    wall_s: float
    exit_code: int | None = None
    signal: int | None = None
    ended_by: Ended | None = None
    met: dict[str, float] = {}
    """Limits that were used to the last unit, with what was used."""
    cpu_s: float = 0.0
    peak_bytes: int = 0
    artifacts_refused: list[str] = []
    artifacts_found: int = 0
    artifact_bytes: int = 0


def brought_down(wall_s: float) -> Facts:
    """Of a run whose supervisor ended before it could tell any."""
    sentence = "It ended together with the process that watched it."
    return Facts(wall_s=wall_s, ended_by=Ended(name="supervisor", sentence=sentence))


def cancelled(wall_s: float) -> Facts:
    """Of a run that was cancelled while its supervisor was stuck."""
    return Facts(wall_s=wall_s, ended_by=Ended(name="cancelled", sentence="It was cancelled."))


def out_of_time(wall_s: float, limit_s: float) -> Facts:
    """Of a run that went over its limit of wall time while its supervisor was stuck."""
    sentence = f"It was ended after its limit of {limit_s:g} seconds."
    return Facts(wall_s=wall_s, ended_by=Ended(name="wall", sentence=sentence, allowed=limit_s, used=round(wall_s, 1)))
