"""The command line of a container: what it can see, what it may do and how much of it. Changes nothing by itself."""

import csv
import io
import secrets
from dataclasses import dataclass
from pathlib import Path

from sandbox.docker.engine import Engine
from sandbox.docker.owner import LABEL
from sandbox.schema import Job, Limits, Runtime

INSIDE = "/gradproof"
_FOLDERS = {"local/inside": f"{INSIDE}/gradproof_inside", "checks": f"{INSIDE}/checks"}
_SERVE = """
import sys
sys.path[0] = sys.argv[1]
from gradproof_inside.contained import serve
del sys.path[0]
serve(sys.argv[2])
"""
_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
_NO_PROXIES = {name: "" for proxy in _PROXIES for name in (proxy, proxy.upper())}
"""The client would set those of its user, which may hold a password."""
_UIDS = range(60706, 61184)
"""Free by systemd's table of users, and within the 65,536 of an engine that maps users."""
_SUPERVISOR = {"memory_mb": 256, "tasks": 16, "files": 256}
_OWN_KERNEL = {"memory_mb": 1024, "tasks": 1024, "files": 256}
"""gVisor's kernel is a process of the container, with several threads for each of a program's."""
_RIGHTS_APART = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID")
"""What a supervisor needs to start a program as another user, to end it and to collect what it made."""


def interpreter_in_image(runtime: Runtime) -> str:
    """Where an image has the interpreter of a runtime."""
    return f"/opt/{'tensorflow' if runtime == 'tensorflow' else 'pytorch'}/bin/python"


def new_name() -> str:
    return f"gradproof-{secrets.token_hex(8)}"


def new_uid() -> int:
    """For one container: the kernel counts the processes of a uid over all containers."""
    return secrets.choice(_UIDS)


@dataclass(frozen=True)
class Shape:
    """What is particular to one container."""

    name: str
    owner: str
    """See owner.py."""
    uid: int
    """The program's, and its supervisor's unless that is apart."""
    apart: bool = False
    """Whether the supervisor is root: where the kernel is gVisor's, which does not hide a process from its own uid."""
    gpu: str | None = None
    """Its index or its UUID."""


def container_command(job: Job, engine: Engine, environment: dict[str, str], shape: Shape) -> list[str]:
    """Run the supervisor of `job` in a container; it is told the rest on its standard input.

    `environment` is what every program's interpreter has to find when it starts, without what is the job's own.
    """
    inside = [interpreter_in_image(job.runtime), "-s", "-c", _SERVE, INSIDE, job.runtime]
    return run_command(engine, inside, job.limits, environment, shape)


def run_command(
    engine: Engine, inside: list[str], limits: Limits, environment: dict[str, str], shape: Shape
) -> list[str]:
    """Run `inside` in a container that ends with it and leaves nothing behind."""
    command = [engine.client, "run", "--rm", "--interactive", "--pull", "never", "--log-driver", "none"]
    command += ["--name", shape.name, "--label", f"{LABEL}={shape.owner}", *_walls(shape), *_ceilings(limits, shape)]
    command += [part for folder, target in _FOLDERS.items() for part in ("--mount", _mount(folder, target))]
    variables = {**_NO_PROXIES, **environment}
    command += [part for variable, value in variables.items() for part in ("--env", f"{variable}={value}")]
    command += ["--runtime", engine.runtime] if engine.runtime else []
    command += ["--gpus", f"device={shape.gpu}"] if shape.gpu else []
    return [*command, "--entrypoint", inside[0], engine.image, *inside[1:]]


def _walls(shape: Shape) -> list[str]:
    """No `--init`: the supervisor has to be process 1, which the kernel lets nobody inside signal.

    The engine would write the machine's name servers into a container that is told of none.
    """
    user = 0 if shape.apart else shape.uid
    walls = ["--network", "none", "--dns", "0.0.0.0", "--read-only", "--cap-drop", "ALL"]
    walls += [part for right in _RIGHTS_APART if shape.apart for part in ("--cap-add", right)]
    walls += ["--security-opt", "no-new-privileges", "--user", f"{user}:{user}", "--ipc", "private"]
    return [*walls, "--cgroupns", "private", "--hostname", "gradproof", "--workdir", "/", "--no-healthcheck"]


def _ceilings(limits: Limits, shape: Shape) -> list[str]:
    """The supervisor watches the limits, and says which was met. These are above its own: they hold if it is too slow.

    Not by `--ulimit nproc`, which would count what other containers run.
    """
    spare = _OWN_KERNEL if shape.apart else _SUPERVISOR
    memory = f"{limits.memory_mb + spare['memory_mb']}m"
    files = limits.open_files + spare["files"]
    stored = f"nr_inodes={limits.inodes},mode=0700,uid={shape.uid},gid={shape.uid}"
    ceilings = ["--memory", memory, "--memory-swap", memory]  # the two alike: no swap
    ceilings += ["--pids-limit", str(limits.processes + spare["tasks"]), "--cpu-shares", "512"]
    ceilings += ["--ulimit", f"nofile={files}:{files}", "--ulimit", "core=1:1", "--ulimit", "msgqueue=0:0"]
    ceilings += ["--ulimit", "memlock=-1:-1" if shape.gpu else "memlock=65536:65536"]  # CUDA pins host memory
    for folder, size in {"/tmp": limits.disk_mb, "/dev/shm": limits.memory_mb}.items():
        ceilings += ["--tmpfs", f"{folder}:rw,nosuid,nodev,exec,size={size}m,{stored}"]
    return ceilings


def _mount(folder: str, target: str) -> str:
    source = Path(__file__).resolve().parents[1] / folder
    row = io.StringIO()
    csv.writer(row).writerow(["type=bind", f"source={source}", f"target={target}", "readonly"])
    return row.getvalue().strip()
