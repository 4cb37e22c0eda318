"""Train a policy: python train.py task=Ant num_envs=4096."""

import os
import sys

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from learning.commandline import prepare
from learning.leaving import ERROR, INTERRUPTED, WRONG_USE, first_speaks, leave
from tasks.base.config import ConfigError


@hydra.main(config_path="cfg", config_name="config", version_base="1.3")
def main(config: DictConfig) -> None:
    """Train what the composed config says."""
    from learning.health import UnstableError
    from learning.train import train
    from learning.trainer import DivergenceError

    try:
        if not train(config, HydraConfig.get().overrides.task):
            raise SystemExit(0)  # the user stopped it: no further job of a sweep begins
    except ConfigError as error:
        leave(error, WRONG_USE)
    except (DivergenceError, UnstableError) as error:
        leave(error, ERROR)
    except KeyboardInterrupt:
        leave("Stopped at once; what the last checkpoint holds is kept.", INTERRUPTED)


if __name__ == "__main__":
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # a bug keeps its whole traceback
    with first_speaks():
        sys.argv[1:] = prepare(sys.argv[1:])
    main()
