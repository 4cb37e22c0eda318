"""In deterministic mode contacts and constraint rows are in one order, whichever the threads made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import warp as wp
from torch import Tensor

from tests.isaacgym.world import Spawn, World

MakeWorld = Callable[..., World]

pytestmark = pytest.mark.parametrize("world", ["warp"], indirect=True)


def pile(world: MakeWorld, deterministic: bool = True, steps: int = 20) -> World:
    """Boxes on boxes on the ground, at rest."""
    w = world(num_envs=3, ground=1.0, deterministic=deterministic)
    box = w.box()
    w.populate(Spawn(box, (0, 0, 0.1)), Spawn(box, (0.05, 0, 0.3)), Spawn(box, (0.5, 0, 0.1)))
    w.step(steps)
    return w


def engine(w: World) -> Any:
    return w.sim.backend


def rows_and_contacts(w: World) -> dict[str, Tensor]:
    data = engine(w)._d
    found = {f"row {name}": wp.to_torch(getattr(data.efc, name)) for name in ("type", "id", "pos", "aref", "D", "J")}
    names = ("dist", "pos", "geom", "worldid", "geomcollisionid", "efc_address")
    return found | {f"contact {name}": wp.to_torch(getattr(data.contact, name)) for name in names}


def shuffle(w: World, seed: int) -> None:
    """Contacts in another order, and rows of each world too, contacts' rows as blocks that stay together."""
    data, generator = engine(w)._d, torch.Generator().manual_seed(seed)
    count = int(data.nacon.numpy()[0])
    order = torch.cat([torch.randperm(count, generator=generator), torch.arange(count, data.naconmax)])
    for name in vars(data.contact):
        array = getattr(data.contact, name)
        if array.size:
            values = wp.to_torch(array)
            values.copy_(values.clone()[order])
    new_contact = order.argsort()
    fields = {
        name: wp.to_torch(getattr(data.efc, name)) for name in ("type", "id", "pos", "margin", "D", "vel", "aref")
    }
    fields |= {"J": wp.to_torch(data.efc.J), "frictionloss": wp.to_torch(data.efc.frictionloss)}
    address = wp.to_torch(data.contact.efc_address)
    for world in range(3):
        rows = int(data.nefc.numpy()[world])
        blocks = [list(range(i, i + 4)) for i in range(0, rows, 4)]  # pyramids of four edges
        shuffled = [blocks[i] for i in torch.randperm(len(blocks), generator=generator).tolist()]
        moved = torch.tensor([row for block in shuffled for row in block])
        for values in fields.values():
            values[world, :rows] = values[world, moved].clone()
        ours = (wp.to_torch(data.contact.worldid) == world) & (torch.arange(data.naconmax) < count)
        address[ours] = moved.argsort().int()[address[ours].long()]
    ids = fields["id"]
    ids.copy_(new_contact.int()[ids.long()])


def test_every_contact_has_a_key_of_its_own(world: MakeWorld) -> None:
    w = pile(world)
    found, count = rows_and_contacts(w), int(engine(w)._d.nacon.numpy()[0])
    assert count >= 3 * 8
    columns = [found[f"contact {name}"][:count].view(count, -1) for name in ("worldid", "geom", "geomcollisionid")]
    keys = torch.cat(columns, -1)
    assert len(keys.unique(dim=0)) == count


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_whatever_the_order_was_it_is_the_same_afterwards(world: MakeWorld, seed: int) -> None:
    w = pile(world)
    backend = engine(w)
    expected = {name: values.clone() for name, values in rows_and_contacts(w).items()}
    shuffle(w, seed)
    assert not rows_and_contacts(w)["contact dist"].equal(expected["contact dist"])
    callback = backend._m.callback
    # Rows name contacts by their place, so that these come first, as in a step; here rows exist already.
    places = wp.to_torch(backend._d.contact.efc_address)[:, 0].clone(), wp.to_torch(backend._d.contact.worldid).clone()
    callback.contactfilter(backend._m, backend._d)
    _rename(w, *places)
    callback.control(backend._m, backend._d)
    count, rows = int(backend._d.nacon.numpy()[0]), backend._d.nefc.numpy()
    for name, values in rows_and_contacts(w).items():
        for world_index in range(3):
            part = slice(0, count) if name.startswith("contact") else (world_index, slice(0, int(rows[world_index])))
            assert values[part].equal(expected[name][part]), name


def _rename(w: World, first_row: Tensor, world_of: Tensor) -> None:
    """Rows of a contact that has moved name its new place."""
    data = engine(w)._d
    ids, address = wp.to_torch(data.efc.id), wp.to_torch(data.contact.efc_address)
    for place in range(int(data.nacon.numpy()[0])):
        for row in address[place].tolist():
            if row >= 0:
                ids[int(wp.to_torch(data.contact.worldid)[place]), row] = place


def test_the_order_changes_no_result(world: MakeWorld) -> None:
    sorted_, plain = pile(world, steps=3), pile(world, deterministic=False, steps=3)
    assert float((sorted_.root - plain.root)[..., :3].abs().max()) < 1e-5
