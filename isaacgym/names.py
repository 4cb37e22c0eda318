"""Prints a page of all names of the Isaac Gym API and how each stands here: python -m isaacgym.names."""

from isaacgym._src.names import page

__all__: list[str] = []

if __name__ == "__main__":
    print(page(), end="")
