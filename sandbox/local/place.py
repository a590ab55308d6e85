"""Where runs of one tier take place, as the host tells it to their supervisors, and the environment found there."""

import os
from dataclasses import dataclass
from pathlib import Path

from sandbox.local.gpu.devices import Gpu
from sandbox.local.gpu.files import library_path
from sandbox.local.view import DEVICES
from sandbox.runtime import Interpreter
from sandbox.schema import Tier

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "USER": "runner",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "Agg",
    "OMP_WAIT_POLICY": "PASSIVE",  # threads that spin while they wait make a busy machine several times slower
    "HF_HUB_OFFLINE": "1",
    "PIP_RETRIES": "0",  # with no network, to try again only delays the message
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
}


@dataclass(frozen=True)
class Place:
    """The run's home and working folder lie below `base`, which it has to itself while it runs."""

    tier: Tier
    base: str = "/tmp"
    readable: tuple[str, ...] = ("/",)
    """What Landlock lets a program read; inside of a jail everything there is for it."""
    uid: int | None = None
    """Whom the program becomes, where its supervisor is root."""

    def devices(self, gpu: Gpu | None) -> list[str]:
        """What a program may open for writing: the plain devices, and those of its own GPU."""
        own = gpu.all_nodes if gpu is not None else []
        return [*(f"/dev/{name}" for name in DEVICES), *(node for node in own if Path(node).is_char_device())]


def program_environment(interpreter: Interpreter, base: str = "/tmp") -> dict[str, str]:
    """What a program finds in its environment: built from nothing, with its own interpreter first on the path."""
    folder = os.path.dirname(interpreter.executable)  # noqa: PTH120
    home = f"{base}/home"
    caches = {"TORCHINDUCTOR_CACHE_DIR": f"{home}/inductor", "TRITON_CACHE_DIR": f"{home}/triton"}
    if (libraries := library_path()) is not None:  # read by the loader when the interpreter starts
        caches["LD_LIBRARY_PATH"] = libraries
    return {**_ENVIRONMENT, **caches, "HOME": home, "TMPDIR": base, "PATH": f"{folder}:{_ENVIRONMENT['PATH']}"}
