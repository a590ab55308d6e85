"""Where runs of one tier take place, as the host tells it to their supervisors, and the environment found there."""

import os
from dataclasses import dataclass

from sandbox.local.view import DEVICES, gpu_devices
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

    def devices(self) -> list[str]:
        return [*(f"/dev/{name}" for name in DEVICES), *gpu_devices()]


def program_environment(interpreter: Interpreter, base: str = "/tmp") -> dict[str, str]:
    """What a program finds in its environment: built from nothing, with its own interpreter first on the path."""
    folder = os.path.dirname(interpreter.executable)  # noqa: PTH120
    home = f"{base}/home"
    caches = {"TORCHINDUCTOR_CACHE_DIR": f"{home}/inductor", "TRITON_CACHE_DIR": f"{home}/triton"}
    return {**_ENVIRONMENT, **caches, "HOME": home, "TMPDIR": base, "PATH": f"{folder}:{_ENVIRONMENT['PATH']}"}
