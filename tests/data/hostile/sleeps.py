"""Says something and hangs."""

import time

print("before the hang")
time.sleep(1e6)
