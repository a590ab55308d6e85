"""Opens files until it may not."""

import errno

held = []
try:
    while True:
        held.append(open("/dev/null"))
except OSError as refusal:
    print(errno.errorcode[refusal.errno], len(held) < 2000)
