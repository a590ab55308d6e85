/* A stand-in for libcuda.so.1: initialised by cuInit, which opens the first GPU that is in CUDA_VISIBLE_DEVICES and has
   a device file of its own, twice. Like drivers from the 570 series on it fails as a whole (304) where it may not make a
   file in memory, name its thread in /proc, read of /sys, or open a node of the unified memory. Where FAKE_CUDA is a
   code, cuInit answers that and does nothing of this. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifdef CUDA_HEADER
#include CUDA_HEADER
#undef cuDeviceTotalMem
#else
typedef int CUresult;
typedef int CUdevice;
#endif

enum { NOT_INITIALISED = 3, NO_DEVICE = 100, OPERATING_SYSTEM = 304 };
static int initialised, found;

static int covered(const char *node) {
    struct stat there;
    return stat(node, &there) || (major(there.st_rdev) == 1 && minor(there.st_rdev) == 3);
}

static int refused(void) {
    char name[60];
    snprintf(name, sizeof name, "/proc/self/task/%d/comm", gettid());
    return memfd_create("cuda", 0) < 0 || open(name, O_WRONLY) < 0 || open("/sys/devices/system/cpu/online", O_RDONLY) < 0
        || open("/dev/nvidia-uvm", O_RDWR) < 0 || open("/dev/nvidia-uvm-tools", O_RDWR) < 0;
}

CUresult cuInit(unsigned int flags) {
    const char *code = getenv("FAKE_CUDA"), *visible = getenv("CUDA_VISIBLE_DEVICES");
    char node[40];
    (void)flags;
    if (code) {
        initialised = !atoi(code);
        return atoi(code);
    }
    if (covered("/dev/nvidiactl") || (visible && !*visible)) return NO_DEVICE;
    if (refused()) return OPERATING_SYSTEM;
    for (int index = 0; index < 8; index++) {
        snprintf(node, sizeof node, "/dev/nvidia%d", index);
        if (!covered(node) && open(node, O_RDWR) >= 0 && open(node, O_RDWR) >= 0) found++;
    }
    if (!found) return NO_DEVICE;
    initialised = 1;
    return 0;
}

CUresult cuDeviceGetCount(int *count) {
    if (!initialised) return NOT_INITIALISED;
    *count = found;
    return 0;
}

CUresult cuDeviceGet(CUdevice *device, int index) { *device = index; return 0; }
CUresult cuDeviceGetName(char *name, int length, CUdevice device) { snprintf(name, length, "Card %d", device); return 0; }
CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) { (void)device; *bytes = 8ULL << 30; return 0; }
CUresult cuGetErrorName(CUresult error, const char **name) {
    *name = error == 803 ? "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH" : error == NO_DEVICE ? "CUDA_ERROR_NO_DEVICE" : NULL;
    return *name == NULL;
}
