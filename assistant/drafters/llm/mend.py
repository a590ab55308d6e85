"""One repair: edits that do not apply are sent back once, then whole files are demanded."""

from pydantic import BaseModel

from assistant.drafters.base import Failure
from assistant.drafters.llm.changes import differs
from assistant.drafters.llm.edits import FilesRevised, read_revision
from assistant.drafters.llm.exchange import Exchange
from assistant.drafters.llm.reply import NO_FILE
from assistant.prompts import render
from assistant.prompts.quote import Quoter
from assistant.schema import Files


class Mended(BaseModel):
    """The project after a repair, as far as the model's changes could be applied."""

    files: Files
    prose: str = ""
    problems: list[str] = []


def mend(exchange: Exchange, failure: Failure, quoter: Quoter, *, model: str) -> Mended:
    """Ask for the changes until all of them apply and something changes, or no call is left.

    What applies is kept from one answer to the next. Raises ModelUnavailable where no answer held a file or
    an edit.
    """
    before = files = failure.draft.files
    prose, problems, usable, asked = "", [], False, 0
    while exchange.may_ask:
        reply = exchange.ask()
        revision = read_revision(reply.text, files, complete=reply.ended == "complete")
        asked += 1
        files, prose, problems = revision.files, prose or revision.prose, revision.problems
        usable = usable or bool(revision.given)
        rejected = [one for one in revision.rejected if not isinstance(before.get(one.path), bytes)]
        if differs(before, files) and not rejected:
            break
        exchange.object(_objection(revision, failure, quoter, whole=asked > 1))
    if not usable:
        raise exchange.failure(
            f"The model {model!r} answered a repair {asked} times without a file or an edit that could be used; ask "
            "again, or set GRADPROOF_MODEL to a model that writes code."
        )
    return Mended(files=files, prose=prose, problems=problems)


def _objection(revision: FilesRevised, failure: Failure, quoter: Quoter, *, whole: bool) -> str:
    """What the model is told of an answer that could not be used as it was, precisely."""
    return render(
        "not_applied",
        nothing=not revision.given,
        unchanged=bool(revision.given) and not revision.rejected,
        problems=[problem for problem in revision.problems if problem != NO_FILE],
        rejected=revision.rejected,
        rejected_told=quoter.data("edits that were not applied", "\n".join(one.reason for one in revision.rejected)),
        names=sorted({one.path for one in revision.rejected}),
        fault=failure.repair.fault,
        whole=whole,
    )
