"""Has a GPU and leaves it alone."""

import time

time.sleep(2.0)
print("{}")
