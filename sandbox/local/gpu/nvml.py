"""NVIDIA's management library through ctypes: what the driver itself says of its devices and of who uses them.

Structures and return codes are those of nvml.h. An older driver lacks the newer form of a call; then the older one is
asked. Nothing here changes a device, and CUDA is not initialised.
"""

import ctypes
from typing import Any, NamedTuple

MANAGEMENT = "libnvidia-ml.so.1"
NOT_SUPPORTED, NO_PERMISSION, NOT_FOUND, TOO_SMALL, NO_POWER, NO_DRIVER, NO_LIBRARY = 3, 4, 6, 7, 8, 9, 12
NO_FUNCTION, LOST, RESET_REQUIRED, BLOCKED, VERSION_MISMATCH, OTHER_STRUCTURE = 13, 15, 16, 17, 18, 25
_OLDER = (NOT_SUPPORTED, NO_FUNCTION, OTHER_STRUCTURE)
_NOT_THIS_ONE = (NO_PERMISSION, NOT_FOUND, NO_POWER, LOST, RESET_REQUIRED, BLOCKED)
_NOT_AVAILABLE = (1 << 64) - 1
_TEXT_BYTES = 96
_ROOM = 64


class DriverError(Exception):
    """The driver refused, or is not there; `code` is NVML's own."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Memory(NamedTuple):
    """Bytes. What `used` counts of the driver's own differs between drivers, and stays the same on one."""

    total: int
    used: int


class Process(NamedTuple):
    """One with a CUDA context on a device, with its pid as the driver tells it to this process."""

    pid: int
    used: int | None
    """Bytes; None where the driver keeps it to itself."""


class _Memory1(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in ("total", "free", "used")]


class _Memory2(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_uint),
        *((name, ctypes.c_ulonglong) for name in ("total", "reserved", "free", "used")),
    ]


class _Process1(ctypes.Structure):
    _fields_ = [("pid", ctypes.c_uint), ("used", ctypes.c_ulonglong)]


class _Process2(ctypes.Structure):
    _fields_ = [*_Process1._fields_, ("gpu_instance", ctypes.c_uint), ("compute_instance", ctypes.c_uint)]


_PROCESS_CALLS: tuple[tuple[str, type[ctypes.Structure]], ...] = (
    ("nvmlDeviceGetComputeRunningProcesses_v3", _Process2),
    ("nvmlDeviceGetComputeRunningProcesses_v2", _Process2),
    ("nvmlDeviceGetComputeRunningProcesses", _Process1),
)


class Nvml:
    """Open until `close`. Every call raises DriverError where the driver refuses; it may be made from any thread."""

    def __init__(self, library: str = MANAGEMENT) -> None:
        try:
            self._library = ctypes.CDLL(library)
        except OSError as error:
            raise DriverError(NO_LIBRARY, f"{library} cannot be loaded: {error}") from error
        self._call(("nvmlInit_v2", "nvmlInit"))

    def close(self) -> None:
        self._call(("nvmlShutdown",))

    def driver_version(self) -> str:
        return self._text("nvmlSystemGetDriverVersion")

    def cuda_version(self) -> tuple[int, int]:
        """The newest CUDA that the driver runs programs of."""
        number = ctypes.c_int()
        self._call(("nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion"), ctypes.byref(number))
        return number.value // 1000, number.value % 1000 // 10

    def devices(self) -> list[Any]:
        """A handle for each GPU that this process may use, in the driver's order."""
        count = ctypes.c_uint()
        self._call(("nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"), ctypes.byref(count))
        names = ("nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex")
        found = (self._handle(names, ctypes.c_uint(index)) for index in range(count.value))
        return [handle for handle in found if handle is not None]

    def device(self, uuid: str) -> Any:
        """The handle of a GPU, or of a part of one."""
        handle = ctypes.c_void_p()
        self._call(("nvmlDeviceGetHandleByUUID",), uuid.encode(), ctypes.byref(handle))
        return handle

    def mig_devices(self, handle: Any) -> list[Any]:
        """A handle for each part of a GPU that is divided (MIG); empty where it is whole."""
        current, pending, most = ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint()
        try:
            self._call(("nvmlDeviceGetMigMode",), handle, ctypes.byref(current), ctypes.byref(pending))
            if not current.value:
                return []
            self._call(("nvmlDeviceGetMaxMigDeviceCount",), handle, ctypes.byref(most))
        except DriverError as error:
            if error.code in _OLDER:
                return []
            raise
        names = ("nvmlDeviceGetMigDeviceHandleByIndex",)
        found = (self._handle(names, handle, ctypes.c_uint(index)) for index in range(most.value))
        return [part for part in found if part is not None]

    def name(self, handle: Any) -> str:
        return self._text("nvmlDeviceGetName", handle)

    def uuid(self, handle: Any) -> str:
        return self._text("nvmlDeviceGetUUID", handle)

    def minor(self, handle: Any) -> int:
        """The number in the name of its device file."""
        return self._number("nvmlDeviceGetMinorNumber", handle)

    def mig_instance(self, handle: Any) -> tuple[int, int]:
        """The numbers of the GPU instance and of the compute instance that a part of a GPU is."""
        return self._number("nvmlDeviceGetGpuInstanceId", handle), self._number(
            "nvmlDeviceGetComputeInstanceId", handle
        )

    def memory(self, handle: Any) -> Memory:
        newer = _Memory2(version=ctypes.sizeof(_Memory2) | 2 << 24)
        try:
            self._call(("nvmlDeviceGetMemoryInfo_v2",), handle, ctypes.byref(newer))
            return Memory(newer.total, newer.used)
        except DriverError as error:
            if error.code not in _OLDER:
                raise
        older = _Memory1()
        self._call(("nvmlDeviceGetMemoryInfo",), handle, ctypes.byref(older))
        return Memory(older.total, older.used)

    def processes(self, handle: Any) -> list[Process]:
        name, kind = next((name, kind) for name, kind in _PROCESS_CALLS if self._has(name))
        room = _ROOM
        while True:
            count, found = ctypes.c_uint(room), (kind * room)()
            try:
                self._call((name,), handle, ctypes.byref(count), found)
            except DriverError as error:
                if error.code != TOO_SMALL:
                    raise
                room = max(count.value, room) + _ROOM
                continue
            return [Process(one.pid, None if one.used == _NOT_AVAILABLE else one.used) for one in found[: count.value]]

    def _handle(self, names: tuple[str, ...], *arguments: Any) -> Any:
        """None where there is no such device, it is broken, or this process may not use it."""
        handle = ctypes.c_void_p()
        try:
            self._call(names, *arguments, ctypes.byref(handle))
        except DriverError as error:
            if error.code in _NOT_THIS_ONE:
                return None
            raise
        return handle

    def _number(self, name: str, handle: Any) -> int:
        number = ctypes.c_uint()
        self._call((name,), handle, ctypes.byref(number))
        return number.value

    def _text(self, name: str, *arguments: Any) -> str:
        buffer = ctypes.create_string_buffer(_TEXT_BYTES)
        self._call((name,), *arguments, buffer, ctypes.c_uint(_TEXT_BYTES))
        return buffer.value.decode(errors="replace")

    def _has(self, name: str) -> bool:
        return hasattr(self._library, name)

    def _call(self, names: tuple[str, ...], *arguments: Any) -> None:
        """The first of these functions that this driver has."""
        name = next(filter(self._has, names), None)
        if name is None:
            raise DriverError(NO_FUNCTION, f"this driver has no {names[0]}")
        if code := getattr(self._library, name)(*arguments):
            raise DriverError(code, f"{name}: {self._explain(code)}")

    def _explain(self, code: int) -> str:
        explain = self._library.nvmlErrorString
        explain.restype = ctypes.c_char_p
        return (explain(code) or b"").decode(errors="replace") or f"error {code}"
