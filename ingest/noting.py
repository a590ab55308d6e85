"""What of a document becomes notes: the sections whose code was not admitted, or that have none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from ingest.instructions import quoted, says
from ingest.naming import folder_slug, plain, short_hash, slug, stem_words, titled, topic_for
from ingest.pieces import Piece
from ingest.programs import Program
from ingest.python_source import only_imports
from ingest.readers import Section
from ingest.reading import Reading, framework_in, uses_a_framework
from ingest.similarity import NearDuplicates, text_runs
from knowledge.notes import Note, NoteCode
from knowledge.patterns import hash_of

FEWEST_WORDS = 25
LONGEST_TEXT, LONGEST_CODE = 8_000, 8_000
MOST_NOTES = 100
"""Of one document."""
NO_PROGRAM = "it holds no program"


def notes_of(reading: Reading, *, admitted: Iterable[Program], reasons: Iterable[tuple[Program, str]]) -> list[Note]:
    """One for each section that is worth keeping and that no admitted program stands for."""
    if reading.is_pattern or not reading.is_relevant or (reading.is_file and not uses_a_framework(reading)):
        return []
    covered = {piece.first for program in admitted for piece in program.pieces}
    why = {piece.section: reason for program, reason in reasons for piece in program.pieces}
    pieces_of = _by_section(reading.pieces)
    taken: Counter[str] = Counter()
    notes: list[Note] = []
    for number, section in enumerate(reading.sections):
        pieces = pieces_of[number]
        left = [piece for piece in pieces if piece.first not in covered]
        if not _is_worth_keeping(section, left, in_pattern=bool(pieces) and not left and not reading.flags):
            continue
        name = slug(f"{stem_words(reading)} {_last_heading(reading, section)}", otherwise="section")
        taken[name] += 1
        reason = why.get(number) or reading.faults.get(number) or NO_PROGRAM
        notes.append(_note(reading, section, pieces, name=name, number=taken[name], reason=reason))
        if len(notes) == MOST_NOTES:
            break
    return notes


def _by_section(pieces: Iterable[Piece]) -> dict[int, list[Piece]]:
    grouped: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        grouped[piece.section].append(piece)
    return grouped


def _is_worth_keeping(section: Section, left: Sequence[Piece], *, in_pattern: bool) -> bool:
    """Whether it holds code that was not admitted, or enough text that is in no pattern."""
    has_code = any(not only_imports(piece.code) for piece in left)
    return has_code or (not in_pattern and len(section.prose.split()) >= FEWEST_WORDS)


def _last_heading(reading: Reading, section: Section) -> str:
    return plain(section.headings[-1]) if section.headings and not reading.flags else ""


def _note(reading: Reading, section: Section, pieces: list[Piece], *, name: str, number: int, reason: str) -> Note:
    framework = framework_in(reading, pieces)
    headings = [plain(heading) for heading in section.headings]
    text = section.prose if len(section.prose) <= LONGEST_TEXT else section.prose[: LONGEST_TEXT - 1] + "…"
    code = _code(section)
    ends = (block.line if reading.by_cells else block.line + block.code.count("\n") for block in section.blocks)
    last = max([section.line, *ends])
    document = reading.document
    return Note(
        id=f"note.{folder_slug(reading)}.{name}-{short_hash(document.place, name, str(number))}",
        title=stem_words(reading).capitalize() if reading.flags else titled(reading, headings),
        framework=framework,
        topic=topic_for(reading, headings),
        text=quoted(text) if reading.flags else text,
        code=code,
        document=document.place,
        source=document.cited + reading.where(section.line, last),
        license=reading.license,
        flags=reading.flags,
        sha256=hash_of(section.prose, "\0".join(block.code for block in code)),
        reason=f"{reason}; {says(reading.flags)}" if reading.flags else reason,
    )


def _code(section: Section) -> list[NoteCode]:
    """The blocks, as far as there is room for them; the first that does not fit is cut and says so."""
    room, kept = LONGEST_CODE, []
    for block in section.blocks:
        if room <= 0:
            break
        short = block.code if len(block.code) <= room else block.code[:room] + "\n# … cut here"
        kept.append(NoteCode(language=block.language, code=short, line=block.line))
        room -= len(block.code)
    return kept


class NoteDuplicates:
    """Keeps of the same section in several documents only the first."""

    def __init__(self, known: Iterable[Note]) -> None:
        self._near = NearDuplicates()
        for note in known:
            self.is_new(note)

    def is_new(self, note: Note) -> bool:
        runs = text_runs(" ".join([note.text, *(block.code for block in note.code)]))
        return self._near.add(note.id, runs) is None
