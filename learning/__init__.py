"""The glue between Myriad's tasks and rl-games: composing, training, saving, resuming, reporting."""

import time

STARTED = time.monotonic()  # when this process began its work, for wall_seconds [s]
