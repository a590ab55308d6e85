"""Asks the driver for what only an administrator may have, and prints its answers: 0 would be a yes."""

import ctypes
import json

nvml = ctypes.CDLL("libnvidia-ml.so.1")
assert nvml.nvmlInit_v2() == 0
handle, answers = ctypes.c_void_p(), {}
for index in range(16):
    if nvml.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(handle)) == 0:
        answers[f"power {index}"] = nvml.nvmlDeviceSetPowerManagementLimit(handle, ctypes.c_uint(100_000))
        answers[f"clocks {index}"] = nvml.nvmlDeviceSetGpuLockedClocks(handle, ctypes.c_uint(300), ctypes.c_uint(300))
        answers[f"persistence {index}"] = nvml.nvmlDeviceSetPersistenceMode(handle, ctypes.c_uint(1))
        answers[f"compute mode {index}"] = nvml.nvmlDeviceSetComputeMode(handle, ctypes.c_uint(2))
print(json.dumps(answers))
