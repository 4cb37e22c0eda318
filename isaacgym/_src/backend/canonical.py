"""A canonical order of contacts and constraint rows, which the GPU's threads hand out in the order they come.

MuJoCo Warp's own deterministic mode makes sums repeatable; what they run over has to be put in order here.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
import warp as wp
from torch import Tensor

LAST = torch.iinfo(torch.int64).max
MOST_PER_PAIR = 256  # contacts between two shapes
ROW_FIELDS = ("type", "id", "pos", "margin", "D", "vel", "aref", "frictionloss", "J")


class CanonicalOrder:
    """Sorts what collision detection and constraint making leave in mujoco_warp's `data`."""

    def __init__(self, model: Any, data: Any) -> None:
        if model.is_sparse:
            raise NotImplementedError(
                f"torch_deterministic: MuJoCo Warp cannot repeat itself for scenes with sparse matrices, and this one "
                f"has {model.nv} dofs in an environment; simulate on the CPU (sim_device=cpu) or leave it off"
            )
        self._num_geoms = model.ngeom
        fields = {f.name: getattr(data.contact, f.name) for f in dataclasses.fields(data.contact)}
        self._contact = {name: wp.to_torch(array) for name, array in fields.items() if array.size}
        self._row = {name: wp.to_torch(getattr(data.efc, name)) for name in ROW_FIELDS}
        self._num_contacts, self._num_rows = wp.to_torch(data.nacon), wp.to_torch(data.nefc)
        self._contact_index = torch.arange(data.naconmax, device=self._num_rows.device)
        self._row_index = torch.arange(data.njmax, device=self._num_rows.device)

    def sort_contacts(self, model: Any, data: Any) -> None:
        """By world, then shapes, then the count within the pair."""
        contact, n = self._contact, self._num_geoms
        first, second = contact["geom"].long().unbind(-1)
        pair = (contact["worldid"].long() * n + first) * n + second
        key = pair * MOST_PER_PAIR + contact["geomcollisionid"]
        order = torch.where(self._contact_index < self._num_contacts, key, LAST).argsort(stable=True)
        for values in contact.values():
            values.copy_(values.index_select(0, order))

    def sort_rows(self, model: Any, data: Any) -> None:
        """By kind, then by the joint or contact; the rows of one contact stay as they are among themselves."""
        row, count = self._row, len(self._row_index)
        key = (row["type"].long() << 32) + row["id"]
        present = self._row_index < self._num_rows.unsqueeze(-1)
        order = torch.where(present, key, LAST).argsort(dim=1, stable=True)
        for values in row.values():
            held = values[:, :count]
            index = order if held.dim() == 2 else order.unsqueeze(-1).expand_as(held)
            held.copy_(held.gather(1, index))
        self._follow(order)

    def _follow(self, order: Tensor) -> None:
        """Let contacts point to their rows' new places."""
        address, world = self._contact["efc_address"], self._contact["worldid"].long()
        new_place = order.argsort(dim=1)
        moved = new_place[world.clamp(0, len(order) - 1).unsqueeze(-1), address.clamp_min(0).long()]
        address.copy_(torch.where(address >= 0, moved, address))
