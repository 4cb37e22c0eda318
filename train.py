"""Train a policy: python train.py task=Ant num_envs=4096."""

import os
import sys

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from learning.commandline import fail, prepare
from tasks.base.config import ConfigError

INTERRUPTED = 130  # exit status, as a shell reports a process that Ctrl-C ended


@hydra.main(config_path="cfg", config_name="config", version_base="1.3")
def main(config: DictConfig) -> None:
    """Train what the composed config says."""
    from learning.train import train
    from learning.trainer import DivergenceError

    try:
        if not train(config, HydraConfig.get().overrides.task):
            raise SystemExit(0)  # the user stopped it: no further job of a sweep begins
    except ConfigError as error:
        fail(error)
    except DivergenceError as error:
        fail(error, status=1)
    except KeyboardInterrupt:
        print("Stopped at once; what the last checkpoint holds is kept.", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # a bug keeps its whole traceback
    sys.argv[1:] = prepare(sys.argv[1:])
    main()
