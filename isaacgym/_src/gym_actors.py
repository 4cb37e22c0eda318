"""The part of the Gym that builds environments and actors, counts them and finds their parts by name."""

from __future__ import annotations

from isaacgym._src.asset import Asset
from isaacgym._src.enums import INVALID_HANDLE, IndexDomain
from isaacgym._src.gym_assets import GymAssets
from isaacgym._src.lookup import actor_of, offset_in, part_of
from isaacgym._src.properties import IndexRange
from isaacgym._src.scene import Actor, Env
from isaacgym._src.sim import Sim
from isaacgym._src.vectors import Transform, Vec3


class GymActors(GymAssets):
    """create_env, create_actor and the calls that take an environment and an actor handle."""

    def create_env(self, sim: Sim, lower: Vec3, upper: Vec3, num_per_row: int) -> Env:
        self._check_open(sim, "create_env")
        return sim.scene.add_env(sim, lower, upper, num_per_row)

    def create_actor(
        self,
        env: Env,
        asset: Asset,
        pose: Transform,
        name: str | None = None,
        group: int = -1,
        filter: int = -1,
        segmentationId: int = 0,  # noqa: N803
    ) -> int:
        """Handle of a new actor: its index in the environment.

        `pose` is in the environment's frame; it replaces where the file has the root and turns how the file turns it.
        """
        self._check_open(env.sim, "create_actor")
        if not isinstance(asset, Asset) or not isinstance(pose, Transform):
            raise TypeError(
                f"create_actor: needs an Asset and a Transform, given {type(asset).__name__} and {type(pose).__name__}"
            )
        if asset.root_turn is not None:
            pose = Transform(pose.p, pose.r * asset.root_turn)
        actor = Actor(asset, bytes(pose), name or asset.name, int(group), int(filter))
        actor.segmentation = segmentationId
        return env.sim.scene.add_actor(env, actor)

    def begin_aggregate(self, env: Env, max_bodies: int, max_shapes: int, self_collisions: bool) -> bool:
        """Accepted: a hint for PhysX without effect on the physics."""
        return True

    def end_aggregate(self, env: Env) -> bool:
        return True

    def create_aggregate(self, env: Env, handles: list[int]) -> bool:
        """Accepted: a hint for PhysX without effect on the physics."""
        return True

    def get_env_count(self, sim: Sim) -> int:
        return len(sim.envs)

    def get_env(self, sim: Sim, index: int) -> Env:
        if not 0 <= index < len(sim.envs):
            raise IndexError(f"get_env: there is no environment {index}; there are {len(sim.envs)}")
        return sim.envs[index]

    def get_env_origin(self, env: Env) -> Vec3:
        return Vec3(*env.origin)

    # Counting and finding.

    def get_actor_count(self, env: Env) -> int:
        return len(env.actors)

    def get_actor_handle(self, env: Env, index: int) -> int:
        return index if 0 <= index < len(env.actors) else INVALID_HANDLE

    def find_actor_handle(self, env: Env, name: str) -> int:
        return next((i for i, actor in enumerate(env.actors) if actor.name == name), INVALID_HANDLE)

    def find_actor_index(self, env: Env, name: str, domain: IndexDomain) -> int:
        handle = self.find_actor_handle(env, name)
        return handle if handle == INVALID_HANDLE else self.get_actor_index(env, handle, domain)

    def get_actor_name(self, env: Env, handle: int) -> str:
        return actor_of(env, handle, "get_actor_name").name

    def get_actor_asset(self, env: Env, handle: int) -> Asset:
        return actor_of(env, handle, "get_actor_asset").asset

    def get_actor_index(self, env: Env, handle: int, domain: IndexDomain) -> int:
        """Row in the root state tensor for DOMAIN_SIM, the handle itself for DOMAIN_ENV."""
        actor_of(env, handle, "get_actor_index")
        return env.index * len(env.sim.envs[0].actors) + handle if domain == IndexDomain.DOMAIN_SIM else handle

    def get_sim_actor_count(self, sim: Sim) -> int:
        return sum(len(env.actors) for env in sim.envs)

    def get_sim_dof_count(self, sim: Sim) -> int:
        return len(sim.envs) * self.get_env_dof_count(sim.envs[0]) if sim.envs else 0

    def get_sim_rigid_body_count(self, sim: Sim) -> int:
        return len(sim.envs) * self.get_env_rigid_body_count(sim.envs[0]) if sim.envs else 0

    def get_env_dof_count(self, env: Env) -> int:
        return sum(len(actor.asset.dof_names) for actor in env.actors)

    def get_env_rigid_body_count(self, env: Env) -> int:
        return sum(len(actor.asset.body_names) for actor in env.actors)

    def get_actor_dof_count(self, env: Env, handle: int) -> int:
        return len(actor_of(env, handle, "get_actor_dof_count").asset.dof_names)

    def get_actor_rigid_body_count(self, env: Env, handle: int) -> int:
        return len(actor_of(env, handle, "get_actor_rigid_body_count").asset.body_names)

    def get_actor_rigid_shape_count(self, env: Env, handle: int) -> int:
        return len(actor_of(env, handle, "get_actor_rigid_shape_count").asset.shape_ids)

    def get_actor_rigid_body_shape_indices(self, env: Env, handle: int) -> list[IndexRange]:
        """For each body where its shapes stand in the list of the actor's shapes."""
        actor = actor_of(env, handle, "get_actor_rigid_body_shape_indices")
        return self.get_asset_rigid_body_shape_indices(actor.asset)

    def get_actor_rigid_body_names(self, env: Env, handle: int) -> list[str]:
        return list(actor_of(env, handle, "get_actor_rigid_body_names").asset.body_names)

    def get_actor_dof_names(self, env: Env, handle: int) -> list[str]:
        return list(actor_of(env, handle, "get_actor_dof_names").asset.dof_names)

    def get_actor_rigid_body_dict(self, env: Env, handle: int) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.get_actor_rigid_body_names(env, handle))}

    def get_actor_dof_dict(self, env: Env, handle: int) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.get_actor_dof_names(env, handle))}

    def find_actor_rigid_body_index(self, env: Env, handle: int, name: str, domain: IndexDomain) -> int:
        names = actor_of(env, handle, "find_actor_rigid_body_index").asset.body_names
        if name not in names:
            return INVALID_HANDLE
        return names.index(name) + offset_in(env, handle, domain, lambda asset: len(asset.body_names))

    def find_actor_dof_index(self, env: Env, handle: int, name: str, domain: IndexDomain) -> int:
        names = actor_of(env, handle, "find_actor_dof_index").asset.dof_names
        if name not in names:
            return INVALID_HANDLE
        return names.index(name) + offset_in(env, handle, domain, lambda asset: len(asset.dof_names))

    def find_actor_rigid_body_handle(self, env: Env, handle: int, name: str) -> int:
        """The body's index in its environment."""
        return self.find_actor_rigid_body_index(env, handle, name, IndexDomain.DOMAIN_ENV)

    def find_actor_dof_handle(self, env: Env, handle: int, name: str) -> int:
        """The dof's index in its environment."""
        return self.find_actor_dof_index(env, handle, name, IndexDomain.DOMAIN_ENV)

    def get_actor_rigid_body_index(self, env: Env, handle: int, index: int, domain: IndexDomain) -> int:
        method = "get_actor_rigid_body_index"
        actor = actor_of(env, handle, method)
        part_of(actor.name, actor.asset.body_names, index, method, "body")
        return index + offset_in(env, handle, domain, lambda asset: len(asset.body_names))

    def get_actor_dof_index(self, env: Env, handle: int, index: int, domain: IndexDomain) -> int:
        method = "get_actor_dof_index"
        actor = actor_of(env, handle, method)
        part_of(actor.name, actor.asset.dof_names, index, method, "dof")
        return index + offset_in(env, handle, domain, lambda asset: len(asset.dof_names))

    def get_actor_rigid_body_handle(self, env: Env, handle: int, index: int) -> int:
        return self.get_actor_rigid_body_index(env, handle, index, IndexDomain.DOMAIN_ENV)

    def get_actor_root_rigid_body_handle(self, env: Env, handle: int) -> int:
        return self.get_actor_rigid_body_handle(env, handle, 0)

    def get_actor_dof_handle(self, env: Env, handle: int, index: int) -> int:
        return self.get_actor_dof_index(env, handle, index, IndexDomain.DOMAIN_ENV)

    def _check_open(self, sim: Sim, method: str) -> None:
        if sim.closed:
            raise RuntimeError(f"{method}: destroy_sim has ended this simulation; create another one")
        if sim.prepared:
            raise RuntimeError(f"{method}: the simulation is prepared; create everything before prepare_sim")
