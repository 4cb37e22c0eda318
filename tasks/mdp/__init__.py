"""Pure functions of tensors that tasks share; they know no task, no config and no simulator."""
