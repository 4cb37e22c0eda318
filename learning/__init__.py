"""The glue between Myriad's tasks and rl-games: composing, training, saving, resuming, reporting."""

import time

import isaacgym  # noqa: F401  before torch: it says how the threads of both share the cores

STARTED = time.monotonic()  # when this process began its work, for wall_seconds [s]
