"""Asking the CUDA driver's library from outside of any framework: whether it was initialised here, and what it finds.

A process that has initialised CUDA cannot be forked: every call of its children fails.
"""

import ctypes
import os
import sys
from typing import Any

_LIBRARY = "libcuda.so.1"
_NOT_INITIALISED, _STUB = 3, 34
_NAME_BYTES = 256


def oddity() -> str | None:
    """Why a process that only imports frameworks should not be forked, as far as GPUs go; None where all is well."""
    if _initialised():
        return "importing it initialised CUDA, which a fork would lose"
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        return "importing it made PyTorch initialise CUDA, which a fork would lose"
    if opened := _open_device():
        return f"importing it opened {opened}, which runs would share"
    return None


def _initialised() -> bool:
    """Asked of the library only where it is loaded already: the one call that it refuses before `cuInit`."""
    try:
        library = ctypes.CDLL(_LIBRARY, mode=os.RTLD_NOLOAD | os.RTLD_NOW)
    except OSError:
        return False
    return library.cuDeviceGetCount(ctypes.byref(ctypes.c_int())) not in (_NOT_INITIALISED, _STUB)


def _open_device() -> str | None:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        try:
            target = os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115
        except OSError:
            continue
        if target.startswith(("/dev/nvidia", "/dev/dxg")):
            return target
    return None


def look() -> dict[str, Any]:
    """Initialise CUDA and name its devices, for a process that does nothing else.

    `missing` is the loader's reason where there is no library, `code` is what `cuInit` answered.
    """
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError as error:
        return {"missing": str(error)}
    code, count = library.cuInit(0), ctypes.c_int()
    if code:
        return {"code": code, "name": _name(library, code)}
    library.cuDeviceGetCount(ctypes.byref(count))
    return {"code": 0, "devices": [_device(library, index) for index in range(count.value)]}


def _device(library: ctypes.CDLL, index: int) -> dict[str, Any]:
    device, name, size = ctypes.c_int(), ctypes.create_string_buffer(_NAME_BYTES), ctypes.c_size_t()
    library.cuDeviceGet(ctypes.byref(device), index)
    library.cuDeviceGetName(name, _NAME_BYTES, device)
    library.cuDeviceTotalMem_v2(ctypes.byref(size), device)
    return {"name": name.value.decode(errors="replace"), "memory_mb": size.value >> 20}


def _name(library: ctypes.CDLL, code: int) -> str:
    """CUDA's name for an error, such as CUDA_ERROR_SYSTEM_DRIVER_MISMATCH."""
    text = ctypes.c_char_p()
    if library.cuGetErrorName(code, ctypes.byref(text)) or text.value is None:
        return f"error {code}"
    return text.value.decode(errors="replace")
