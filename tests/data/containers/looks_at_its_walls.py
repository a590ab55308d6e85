"""Prints, as one line of JSON, what a program in the sandbox has around it."""

import json
import os


status = dict(line.split(":\t", 1) for line in open("/proc/self/status") if ":\t" in line)
folders = {line.split()[1] for line in open("/proc/self/mounts")} | {"/opt/pytorch", "/etc", "/var/tmp", "/gradproof"}


def takes_a_file(folder):
    try:
        open(f"{folder}/x", "w").close()
        return True
    except OSError:
        return False


print(
    json.dumps(
        {
            "uid": os.getuid(),
            "capabilities": [status[f"Cap{kind}"].strip() for kind in ("Inh", "Prm", "Eff")],
            "no_new_privs": status.get("NoNewPrivs", "").strip(),
            "filters": int(status.get("Seccomp_filters", 0)),
            "writable": sorted(filter(takes_a_file, folders)),
            "routes": open("/proc/net/route").read().splitlines()[1:],
            "host": os.uname().nodename,
            "environment": sorted(os.environ),
            "processes": sorted(n for n in os.listdir("/proc") if n.isdecimal()),
        }
    )
)
