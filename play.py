"""Watch a policy: python play.py task=Ant plays the newest run of a task, checkpoint=runs/<run> another one."""

import sys

from omegaconf import OmegaConf

from learning.commandline import fail
from learning.play import play
from learning.play_config import compose, usage
from tasks.base.config import ConfigError

INTERRUPTED = 130  # exit status, as a shell reports a process that Ctrl-C ended


def main(args: list[str]) -> None:
    """Play the run that `args` mean."""
    if {"-h", "--help"} & set(args):
        print(usage(__doc__))
        return
    try:
        if args[:2] in (["--cfg", "job"], ["-c", "job"]):
            print(OmegaConf.to_yaml(compose(args[2:])))
            return
        play(compose(args))
    except ConfigError as error:
        fail(error)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    main(sys.argv[1:])
