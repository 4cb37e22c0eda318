"""An empty module: code written for Isaac Gym imports it for a C++ task path that Myriad does not have."""

__all__: list[str] = []
