"""Measure a policy: python evaluate.py checkpoint=runs/<run> plays 1000 episodes and writes figures and a report."""

import sys

from learning.commandline import fail, hydra_spelling
from learning.evaluate import evaluate
from learning.evaluate_config import compose, usage
from tasks.base.config import ConfigError

INTERRUPTED = 130  # exit status, as a shell reports a process that Ctrl-C ended


def main(args: list[str]) -> None:
    """Evaluate the policies that `args` mean."""
    if {"-h", "--help"} & set(args):
        print(usage(__doc__))
        return
    try:
        evaluate(compose(args), hydra_spelling(args))
    except ConfigError as error:
        fail(error)
    except KeyboardInterrupt:
        print("Stopped; nothing was written, because the episodes that end first are no fair sample.", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    main(sys.argv[1:])
