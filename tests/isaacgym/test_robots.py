"""The robots of example-robot-data load and move; skipped where the extra `robots` (131 MB) is not installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest
import torch

from isaacgym import gymapi
from tests.isaacgym.world import GYM, Spawn, World, asset_options

DOCUMENT = Path(__file__).parents[2] / "docs" / "robots.md"

FAULTY = {"ur_description/urdf/ur3.urdf": "there is no <link> in this file"}
MASSLESS = {  # moving links without a mass, which a little armature keeps from flying away
    "human_description/robots/human.urdf",
    "romeo_description/urdf/romeo.urdf",
    "romeo_description/urdf/romeo_laas_small.urdf",
}
SHAPELESS = {
    "alexander_description/urdf/alexander_v1.lowerBodyOnly.urdf",
    "asr_twodof_description/urdf/TwoDofs.urdf",
    "human_description/robots/human.urdf",
    "simple_humanoid_description/urdf/simple_humanoid_classical.urdf",
}
ON_WARP = ["go1_description/urdf/go1.urdf", "panda_description/urdf/panda.urdf"]
DRAWN = ["go2_description/urdf/go2.urdf", "tiago_description/robots/tiago.urdf", "ur_description/urdf/ur5_robot.urdf"]


def folder() -> Path | None:
    """Where the package keeps its robots."""
    try:
        return Path(str(distribution("example-robot-data").locate_file("cmeel.prefix/share/example-robot-data/robots")))
    except PackageNotFoundError:
        return None


ROOT = folder()
FILES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.urdf")) if ROOT else []
pytestmark = pytest.mark.skipif(not FILES, reason="needs the extra robots: pip install example-robot-data")


def drop(w: World, file: str) -> gymapi.Asset:
    """Let a limp robot fall from 1.2 m, its joints within their limits."""
    armature = 1e-3 if file in MASSLESS else 0.0
    asset = GYM.load_asset(w.sim, str(ROOT), file, asset_options(collapse_fixed_joints=True, armature=armature))
    w.populate(Spawn(asset, (0, 0, 1.2), filter=1))
    if len(props := GYM.get_asset_dof_properties(asset)):
        pos = np.clip(np.zeros(len(props)), props["lower"], props["upper"])
        w.set_dof(torch.stack((torch.tensor(pos), torch.zeros(len(props))), -1).float().expand(w.num_envs, -1, -1))
    return asset


def moves(w: World, steps: int) -> bool:
    """Whether all numbers stay finite and no environment had to begin anew."""
    for _ in range(steps):
        w.step()
        if not (bool(torch.isfinite(w.body).all()) and bool(torch.isfinite(w.dof).all())):
            return False
    return not any(bool(counts.any()) for counts in GYM.get_sim_health(w.sim).values())


@pytest.mark.parametrize("file", [file for file in FILES if file not in FAULTY])
def test_a_robot_falls_to_the_ground_and_lies_there(tmp_path: Path, file: str) -> None:
    w = World(tmp_path, num_envs=1, dt=1 / 60, substeps=2, ground=1.0)
    asset = drop(w, file)
    assert (GYM.get_asset_rigid_shape_count(asset) == 0) == (file in SHAPELESS)
    assert moves(w, 100)
    assert (float(w.root[0, 0, 2]) < -5) == (file in SHAPELESS)


@pytest.mark.parametrize("file", ON_WARP)
def test_a_robot_falls_on_warp(tmp_path: Path, file: str) -> None:
    w = World(tmp_path, num_envs=2, dt=1 / 60, substeps=2, ground=1.0, engine="warp")
    drop(w, file)
    assert moves(w, 40)


@pytest.mark.parametrize("file", DRAWN)
def test_a_robot_is_drawn_by_all_of_its_visuals(file: str, caplog: pytest.LogCaptureFixture) -> None:
    sim = GYM.create_sim(0, 0, gymapi.SIM_PHYSX, gymapi.SimParams())
    model = GYM.load_asset(sim, str(ROOT), file, asset_options()).model
    collides = (model.geom_contype | model.geom_conaffinity) != 0
    assert (model.geom_group[~collides] < 3).all()
    assert (model.geom_group[collides] >= 3).all()
    assert not caplog.records


@pytest.mark.parametrize(("file", "message"), FAULTY.items())
def test_a_robot_that_cannot_be_loaded_says_why(tmp_path: Path, file: str, message: str) -> None:
    with pytest.raises(gymapi.AssetError, match=message):
        GYM.load_asset(World(tmp_path).sim, str(ROOT), file)


@pytest.mark.parametrize("file", sorted({*FAULTY, *MASSLESS, *SHAPELESS}))
def test_the_document_names_the_robots_that_lack_something(file: str) -> None:
    assert f"`{file}`" in DOCUMENT.read_text()
