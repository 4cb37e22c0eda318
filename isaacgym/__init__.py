"""The Isaac Gym Python API on MuJoCo: import `isaacgym.gymapi`, `gymtorch`, `gymutil`, ... from here."""
