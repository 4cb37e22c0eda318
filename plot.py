"""Draw learning curves: python plot.py runs/A runs/B."""

import sys

from learning.commandline import fail
from learning.plot import plot
from learning.plot_curves import PlotError


def main(args: list[str]) -> None:
    """Draw what `args` ask for."""
    try:
        plot(args)
    except PlotError as error:
        fail(error)


if __name__ == "__main__":
    main(sys.argv[1:])
