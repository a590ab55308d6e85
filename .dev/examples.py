"""Run the wrong version of each fault's example, and record how it is reported.

python .dev/examples.py            all of them
python .dev/examples.py ID...      these alone; the others stay as they were
"""

import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from assistant.report.linted import with_lint
from sandbox.base import Sandbox
from sandbox.entry import Framework
from sandbox.faults.catalogue import faults
from sandbox.faults.examples import example, examples
from sandbox.faults.shown import RECORD
from sandbox.open import open_sandbox
from sandbox.report import Finding
from sandbox.schema import Limits
from sandbox.silence import silence
from sandbox.verify import verify


def main() -> None:
    chosen = sys.argv[1:] or list(faults())
    jobs = [(id, framework, text) for id in chosen for framework, text in examples(id).items()]
    recorded = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() and sys.argv[1:] else {}
    with open_sandbox() as sandbox, ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda job: _told(*job, sandbox), jobs))
    for (id, framework, _), sentence in zip(jobs, told, strict=True):
        if sentence is None:
            print(f"{framework}/{id}: not found in its own example")
        else:
            recorded.setdefault(framework, {})[id] = sentence
    ordered = {framework: dict(sorted(known.items())) for framework, known in sorted(recorded.items())}
    RECORD.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _told(id: str, framework: Framework, text: str, sandbox: Sandbox) -> str | None:
    files: dict[str, str | bytes] = {"train.py": example(text, "wrong")}
    limits = Limits(wall_s=90, memory_mb=2048)
    report = verify(files, framework=framework, sandbox=sandbox, limits=limits, tests=False)
    found = [one for one in silence(with_lint(report, files), files).findings if one.id == id]
    return _sentence(found[0]) if found else None


def _sentence(finding: Finding) -> str:
    where = f"line {finding.line}, " if finding.line else ""
    message = re.sub(r"/\S*/site-packages/", "", finding.message)  # where packages lie is another folder everywhere
    return f"{where}{finding.severity}: {message}"


if __name__ == "__main__":
    main()
