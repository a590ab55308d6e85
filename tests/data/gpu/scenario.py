"""Runs on a stand-in machine with two cards, one after the other and at once; prints what became of each as JSON."""

import json
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from sandbox.doctor import diagnose  # noqa: E402
from sandbox.errors import SandboxError  # noqa: E402
from sandbox.open import open_sandbox  # noqa: E402
from sandbox.schema import Job, Limits  # noqa: E402
from sandbox.verify import verify  # noqa: E402

HERE = Path(__file__).parent


def job(name: str, *, gpu: bool | None = None, **limits: float) -> Job:
    text = (HERE / "programs" / name).read_text(encoding="utf-8")
    return Job(runtime="python", argv=[name], files={name: text}, gpu=gpu, limits=Limits(wall_s=20, **limits))


def at_once(sandbox, jobs: list[Job]) -> list[dict]:
    results: list[dict] = [{} for _ in jobs]

    def run(place: int) -> None:
        results[place] = told(sandbox.run(jobs[place]))

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def told(result) -> dict:
    return result.model_dump(mode="json") | {"seen": json.loads(result.stdout) if result.status == "ok" else None}


def refused_zygote(python: str) -> str:
    """What is said of an interpreter whose import initialises CUDA."""
    try:
        with open_sandbox(runtimes={"python": Path(python)}) as sandbox:
            sandbox.run(job("looks.py", gpu=True))
    except SandboxError as error:
        return str(error)
    return ""


def runs() -> dict:
    """Of programs that have a GPU, have none, take too much of it, leave it alone, and are three for two."""
    with open_sandbox(tier="A") as sandbox:
        told_of = {
            "given": told(sandbox.run(job("looks.py", gpu=True))),
            "without": told(sandbox.run(job("looks.py"))),
            "greedy": told(sandbox.run(job("looks.py", gpu=True, gpu_memory_mb=150))),
            "idle": told(sandbox.run(job("waits.py", gpu=True))),
            "together": at_once(sandbox, [job("looks.py", gpu=True) for _ in range(3)]),
        }
    with open_sandbox(tier="B") as sandbox:
        told_of["tier_b"] = told(sandbox.run(job("looks.py", gpu=True)))
    return told_of | {"probes": {one.name: one.model_dump() for one in diagnose()}}


def checks() -> dict:
    """Of a PyTorch program that falls back to the CPU."""
    program = (HERE / "programs" / "falls_back.py").read_text(encoding="utf-8")
    with open_sandbox() as sandbox:
        return verify({"train.py": program}, framework="pytorch", sandbox=sandbox, repeat=False).model_dump(mode="json")


if __name__ == "__main__":
    wanted = {"runs": runs, "checks": checks, "refused": refused_zygote}[sys.argv[1]]
    print(json.dumps(wanted(*sys.argv[2:])))
