"""The embedded index while its builders die and its readers live in other processes."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from index_corpus import Scattered, lesson

from knowledge.index import build_index, open_index

BUILDER = Path(__file__).with_name("index_corpus.py")
READER = """
import sys, time
from pathlib import Path
from index_corpus import Scattered
from knowledge.index import open_index

end, opened = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end:
    with open_index(Path(sys.argv[1]), embedder=Scattered()) as index:
        assert len(index) == 60, len(index)
        assert index.search("teach me lesson 7", vetted_only=False)[0].pattern.id == "pt.topic.number-7"
    opened += 1
print(opened)
"""


def builder(home: Path, *, rebuilds: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, BUILDER, home, "", "60", str(rebuilds)], stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_reader_in_another_process_sees_whole_indexes_only(tmp_path: Path) -> None:
    build_index([lesson(number) for number in range(60)], tmp_path, Scattered())
    command = [sys.executable, "-c", READER, str(tmp_path), "6"]
    reader = subprocess.Popen(command, cwd=BUILDER.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with builder(tmp_path, rebuilds=8) as building:
        said, failed = reader.communicate(timeout=120)
        building.wait(120)
    assert reader.returncode == 0, failed
    assert int(said) > 1


@pytest.mark.slow
def test_builders_that_are_killed_at_any_moment_leave_a_whole_index(tmp_path: Path) -> None:
    lessons = [lesson(number) for number in range(60)]
    build_index(lessons, tmp_path, Scattered())
    chance = random.Random(0)
    for _ in range(12):
        with builder(tmp_path, rebuilds=1000) as building:
            time.sleep(chance.uniform(0.3, 4.0))
            building.kill()
        with open_index(tmp_path, embedder=Scattered()) as index:
            assert len(index) == 60
    build_index(lessons, tmp_path, Scattered(), rebuild=True)
    assert sum(path.is_dir() for path in (tmp_path / "index").iterdir()) == 2
