"""What stands behind the public modules of `isaacgym`; nothing here is imported by name from outside."""
