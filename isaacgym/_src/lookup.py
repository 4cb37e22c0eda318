"""What handles and indices of client code name, with one clear error where there is no such thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from isaacgym._src.asset import Asset
from isaacgym._src.enums import IndexDomain
from isaacgym._src.scene import Actor, Env


def actor_of(env: Env, handle: int, method: str) -> Actor:
    """The actor with this handle, of a simulation that still exists."""
    if env.sim.closed:
        raise RuntimeError(f"{method}: environment {env.index} belongs to a simulation that destroy_sim has ended")
    if not 0 <= handle < len(env.actors):
        raise IndexError(f"{method}: environment {env.index} has no actor {handle}; it has {len(env.actors)} actors")
    return env.actors[handle]


def item_of(values: Any, index: int, method: str, kind: str) -> Any:
    """One of the values that an environment has of a kind, such as its bodies."""
    if not 0 <= index < len(values):
        raise IndexError(f"{method}: no {kind} {index} in an environment of {len(values)} (-1 is what was not found)")
    return values[index]


def part_of(owner: str, parts: Any, index: int, method: str, kind: str) -> Any:
    """One of the parts of an asset or actor called `owner`, such as its joints."""
    if not 0 <= index < len(parts):
        raise IndexError(f"{method}: '{owner}' has no {kind} {index}; it has {len(parts)}")
    return parts[index]


def bodies_of(env: Env, handle: int) -> slice:
    """Where an actor's bodies are among those of its environment."""
    return _run(env, handle, lambda asset: len(asset.body_names))


def dofs_of(env: Env, handle: int) -> slice:
    """Where an actor's dofs are among those of its environment."""
    return _run(env, handle, lambda asset: len(asset.dof_names))


def offset_in(env: Env, handle: int, domain: IndexDomain, count: Callable[[Asset], int]) -> int:
    """What to add to an index within an actor to make it one of `domain`."""
    if domain == IndexDomain.DOMAIN_ACTOR:
        return 0
    before = sum(count(actor.asset) for actor in env.actors[:handle])
    if domain == IndexDomain.DOMAIN_ENV:
        return before
    return before + env.index * sum(count(actor.asset) for actor in env.sim.envs[0].actors)


def _run(env: Env, handle: int, count: Callable[[Asset], int]) -> slice:
    start = offset_in(env, handle, IndexDomain.DOMAIN_ENV, count)
    return slice(start, start + count(env.actors[handle].asset))
