/* A stand-in for libnvidia-ml.so.1 that answers as nvml.h says, from a text file.

   The file is named by FAKE_NVML and is read at every call. A line is one of
     driver VERSION CUDA                       gpu MINOR UUID NAME TOTAL USED
     part MINOR INSTANCE COMPUTE UUID TOTAL USED     process UUID PID USED
     fail FUNCTION CODE                        open BYTES
   Sizes are bytes; USED of a process may be "-" where the driver keeps it to itself. With "open", every process that
   has /dev/nvidiaMINOR open is listed, with so many bytes for each time that it has. OLD leaves out what drivers before
   the 510 series lack. Where NVML_HEADER names NVIDIA's own header, the structures are its.
*/

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef NVML_HEADER
#define NVML_NO_UNVERSIONED_FUNC_DEFS
#include NVML_HEADER
#else
typedef int nvmlReturn_t;
typedef struct nvmlDevice_st *nvmlDevice_t;
typedef struct { unsigned long long total, free, used; } nvmlMemory_t;
typedef struct { unsigned int version; unsigned long long total, reserved, free, used; } nvmlMemory_v2_t;
typedef struct { unsigned int pid; unsigned long long usedGpuMemory; } nvmlProcessInfo_v1_t;
typedef struct { unsigned int pid; unsigned long long usedGpuMemory; unsigned int gpuInstanceId, computeInstanceId; } nvmlProcessInfo_t;
#endif

enum { OK = 0, INVALID = 2, NOT_FOUND = 6, TOO_SMALL = 7, OTHER_STRUCTURE = 25, RESERVED = 1 << 20 };

struct device {
    int minor, instance, compute;
    char uuid[80], name[64];
    unsigned long long total, used;
};
struct process { unsigned int pid; unsigned long long used; };

static struct device gpus[8], parts[8];
static int gpu_count, part_count;
static unsigned long long per_open;
static char version[80];
static int cuda;

static FILE *facts(void) { const char *name = getenv("FAKE_NVML"); return name ? fopen(name, "r") : NULL; }

static nvmlReturn_t look(const char *function) {
    char line[512], word[80];
    int code, failed = OK;
    FILE *file = facts();
    gpu_count = part_count = cuda = 0;
    per_open = 0;
    while (file && fgets(line, sizeof line, file)) {
        struct device *g = &gpus[gpu_count], *p = &parts[part_count];
        if (sscanf(line, "gpu %d %79s %63s %llu %llu", &g->minor, g->uuid, g->name, &g->total, &g->used) == 5) {
            g->instance = -1;
            gpu_count++;
        }
        if (sscanf(line, "part %d %d %d %79s %llu %llu", &p->minor, &p->instance, &p->compute, p->uuid, &p->total, &p->used) == 6)
            part_count++;
        sscanf(line, "driver %79s %d", version, &cuda);
        sscanf(line, "open %llu", &per_open);
        if (sscanf(line, "fail %79s %d", word, &code) == 2 && !strcmp(word, function)) failed = code;
    }
    if (file) fclose(file);
    return failed;
}

#define LOOK(function) do { nvmlReturn_t failed = look(#function); if (failed) return failed; } while (0)

static unsigned long long opened(int minor, const char *pid) {
    char folder[300], link[600], target[300], node[40];
    unsigned long long bytes = 0;
    struct dirent *entry;
    struct stat ours, theirs;
    snprintf(folder, sizeof folder, "/proc/%s/fd", pid);
    snprintf(node, sizeof node, "/dev/nvidia%d", minor);
    if (stat(node, &ours)) return 0;
    DIR *open = opendir(folder);
    while (open && (entry = readdir(open))) {
        snprintf(link, sizeof link, "%s/%s", folder, entry->d_name);
        ssize_t length = readlink(link, target, sizeof target - 1);
        if (length > 0 && (target[length] = 0, !strcmp(target, node)) && !stat(link, &theirs) && ours.st_rdev == theirs.st_rdev) bytes += per_open;
    }
    if (open) closedir(open);
    return bytes;
}

static int running(struct device *device, struct process *found, int room) {
    char line[512], uuid[80], used[40];
    unsigned int pid;
    int count = 0;
    FILE *file = facts();
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "process %79s %u %39s", uuid, &pid, used) == 3 && !strcmp(uuid, device->uuid)) {
            if (count < room) found[count] = (struct process){pid, *used == '-' ? ~0ULL : strtoull(used, NULL, 10)};
            count++;
        }
    if (file) fclose(file);
    DIR *proc = per_open ? opendir("/proc") : NULL;
    struct dirent *entry;
    while (proc && (entry = readdir(proc))) {
        unsigned long long bytes = atoi(entry->d_name) ? opened(device->minor, entry->d_name) : 0;
        if (bytes && count < room) found[count] = (struct process){atoi(entry->d_name), bytes};
        count += bytes > 0;
    }
    if (proc) closedir(proc);
    return count;
}

static unsigned long long in_use(struct device *device) {
    struct process found[512];
    unsigned long long used = device->used;
    int count = running(device, found, 512);
    for (int i = 0; i < count && i < 512; i++) used += found[i].used == ~0ULL ? 0 : found[i].used;
    return used;
}

#define DEVICE(handle) ((struct device *)(handle))

static nvmlReturn_t text(char *buffer, unsigned int length, const char *value) {
    return snprintf(buffer, length, "%s", value) < (int)length ? OK : TOO_SMALL;
}

const char *nvmlErrorString(nvmlReturn_t code) {
    return code == 18 ? "Driver/library version mismatch" : code == 9 ? "Driver Not Loaded" : "Unknown Error";
}
nvmlReturn_t nvmlShutdown(void) { return OK; }
nvmlReturn_t nvmlSystemGetDriverVersion(char *buffer, unsigned int length) { LOOK(nvmlSystemGetDriverVersion); return text(buffer, length, version); }
nvmlReturn_t nvmlSystemGetCudaDriverVersion(int *number) { LOOK(nvmlSystemGetCudaDriverVersion); *number = cuda; return OK; }
nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t handle, char *buffer, unsigned int length) { LOOK(nvmlDeviceGetName); return text(buffer, length, DEVICE(handle)->name); }
nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t handle, char *buffer, unsigned int length) { return text(buffer, length, DEVICE(handle)->uuid); }
nvmlReturn_t nvmlDeviceGetMinorNumber(nvmlDevice_t handle, unsigned int *minor) { *minor = DEVICE(handle)->minor; return OK; }
nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t handle, nvmlMemory_t *memory) {
    LOOK(nvmlDeviceGetMemoryInfo);
    unsigned long long used = in_use(DEVICE(handle)) + RESERVED;
    *memory = (nvmlMemory_t){.total = DEVICE(handle)->total, .free = DEVICE(handle)->total - used, .used = used};
    return OK;
}
nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *handle) {
    LOOK(nvmlDeviceGetHandleByUUID);
    for (int i = 0; i < gpu_count; i++) if (!strcmp(gpus[i].uuid, uuid)) { *handle = (nvmlDevice_t)&gpus[i]; return OK; }
    for (int i = 0; i < part_count; i++) if (!strcmp(parts[i].uuid, uuid)) { *handle = (nvmlDevice_t)&parts[i]; return OK; }
    return NOT_FOUND;
}

static nvmlReturn_t by_index(unsigned int index, nvmlDevice_t *handle) {
    if (index >= (unsigned int)gpu_count) return INVALID;
    *handle = (nvmlDevice_t)&gpus[index];
    return OK;
}

#ifdef OLD
nvmlReturn_t nvmlInit(void) { LOOK(nvmlInit); return OK; }
nvmlReturn_t nvmlDeviceGetCount(unsigned int *count) { LOOK(nvmlDeviceGetCount); *count = gpu_count; return OK; }
nvmlReturn_t nvmlDeviceGetHandleByIndex(unsigned int index, nvmlDevice_t *handle) { LOOK(nvmlDeviceGetHandleByIndex); return by_index(index, handle); }
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses(nvmlDevice_t handle, unsigned int *count, nvmlProcessInfo_v1_t *infos) {
    LOOK(nvmlDeviceGetComputeRunningProcesses);
    struct process found[512];
    unsigned int room = *count;
    *count = running(DEVICE(handle), found, 512);
    if (*count > room) return TOO_SMALL;
    for (unsigned int i = 0; i < *count; i++) infos[i] = (nvmlProcessInfo_v1_t){.pid = found[i].pid, .usedGpuMemory = found[i].used};
    return OK;
}
#else
nvmlReturn_t nvmlInit_v2(void) { LOOK(nvmlInit_v2); return OK; }
nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int *number) { return nvmlSystemGetCudaDriverVersion(number); }
nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) { LOOK(nvmlDeviceGetCount_v2); *count = gpu_count; return OK; }
nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *handle) { LOOK(nvmlDeviceGetHandleByIndex_v2); return by_index(index, handle); }
nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t handle, nvmlMemory_v2_t *memory) {
    LOOK(nvmlDeviceGetMemoryInfo_v2);
    if (memory->version != (sizeof *memory | 2u << 24)) return OTHER_STRUCTURE;
    memory->total = DEVICE(handle)->total;
    memory->reserved = RESERVED;
    memory->used = in_use(DEVICE(handle));
    memory->free = memory->total - memory->used - RESERVED;
    return OK;
}
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t handle, unsigned int *count, nvmlProcessInfo_t *infos) {
    LOOK(nvmlDeviceGetComputeRunningProcesses_v3);
    struct process found[512];
    unsigned int room = *count;
    *count = running(DEVICE(handle), found, 512);
    if (*count > room) return TOO_SMALL;
    for (unsigned int i = 0; i < *count; i++)
        infos[i] = (nvmlProcessInfo_t){.pid = found[i].pid, .usedGpuMemory = found[i].used, .gpuInstanceId = ~0u, .computeInstanceId = ~0u};
    return OK;
}
static int parts_of(struct device *gpu) {
    int count = 0;
    for (int i = 0; i < part_count; i++) count += parts[i].minor == gpu->minor;
    return count;
}
nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t handle, unsigned int *current, unsigned int *pending) {
    LOOK(nvmlDeviceGetMigMode);
    *current = *pending = parts_of(DEVICE(handle)) > 0;
    return OK;
}
nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t handle, unsigned int *count) { (void)handle; *count = 7; return OK; }
nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t handle, unsigned int index, nvmlDevice_t *part) {
    LOOK(nvmlDeviceGetMigDeviceHandleByIndex);
    for (int i = 0; i < part_count; i++)
        if (parts[i].minor == DEVICE(handle)->minor && index-- == 0) { *part = (nvmlDevice_t)&parts[i]; return OK; }
    return NOT_FOUND;
}
nvmlReturn_t nvmlDeviceGetGpuInstanceId(nvmlDevice_t handle, unsigned int *id) { *id = DEVICE(handle)->instance; return OK; }
nvmlReturn_t nvmlDeviceGetComputeInstanceId(nvmlDevice_t handle, unsigned int *id) { *id = DEVICE(handle)->compute; return OK; }
#endif
