"""The Isaac Gym API, open and on MuJoCo; import it before torch, as code written for Isaac Gym does."""

import os

# OpenMP's threads would spin for a while after each torch operation, on the cores that the physics needs next.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if os.environ.get("ISAACGYM_COMPAT", "0") not in ("", "0"):
    from isaacgym._src.compat import install

    install()
