"""The guard against what a graph cannot capture sees each forbidden thing, names its line, and lets the rest be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tests.graph_safe import GraphUnsafeError, graph_safe


class Bad:
    """A task as far as the guard is concerned."""

    def __init__(self) -> None:
        self.value = torch.arange(4.0)
        self.mask = self.value > 1
        self.ids = torch.tensor([1, 2])
        self.terms = {"a": torch.zeros(4)}
        self.count = 0
        self.view = self.value[:2]


def rebind(b: Bad) -> None:
    b.value = b.value + 1


def rebind_in_dict(b: Bad) -> None:
    b.terms["a"] = b.terms["a"] * 2


def remember(b: Bad) -> None:
    b.late = b.value * 2  # type: ignore[attr-defined]


def forget(b: Bad) -> None:
    del b.terms["a"]


def count(b: Bad) -> None:
    b.count += 1


def branch(b: Bad) -> None:
    if b.mask.any():
        b.value += 1


def put_by_mask(b: Bad) -> None:
    b.value[b.mask] = 1.0


FORBIDDEN: dict[str, tuple[Callable[[Bad], Any], str]] = {
    "nonzero": (lambda b: b.mask.nonzero(), "aten.nonzero"),
    "where of one argument": (lambda b: torch.where(b.mask), "aten.nonzero"),
    "item": (lambda b: b.value[0].item(), "aten._local_scalar_dense"),
    "float of a tensor": (lambda b: float(b.value[0]), "aten._local_scalar_dense"),
    "branch on a tensor": (branch, "aten._local_scalar_dense"),
    "all of a tensor": (lambda b: all(b.mask), "aten._local_scalar_dense"),
    "slice to a tensor": (lambda b: b.value[: b.mask.sum()], "aten._local_scalar_dense"),
    "equal": (lambda b: torch.equal(b.value, b.value), "aten.equal"),
    "tolist": (lambda b: b.value.tolist(), "tolist"),
    "numpy": (lambda b: b.value.numpy(), "numpy"),
    "asarray": (lambda b: np.asarray(b.value), "__array__"),
    "cpu": (lambda b: b.value.cpu(), "cpu"),
    "to cpu": (lambda b: b.value.to("cpu"), "to('cpu')"),
    "repr": (lambda b: repr(b.value), "print or repr"),
    "f-string": (lambda b: f"{b.value}", "print or repr"),
    "masked_select": (lambda b: b.value.masked_select(b.mask), "aten.masked_select"),
    "read by mask": (lambda b: b.value[b.mask], "aten.index.Tensor"),
    "write by mask": (put_by_mask, "aten.index_put_"),
    "unique": (lambda b: b.ids.unique(), "aten._unique2"),
    "repeat by tensor": (lambda b: b.ids.repeat_interleave(b.ids), "aten.repeat_interleave.Tensor"),
    "bincount": (lambda b: b.ids.bincount(), "aten.bincount"),
    "tensor of a list": (lambda b: torch.tensor([1.0, 2.0]), "aten.lift_fresh"),
    "as_tensor of a number": (lambda b: torch.as_tensor(2.0), "aten.lift_fresh"),
    "new_tensor": (lambda b: b.value.new_tensor([1.0]), "aten.lift_fresh"),
    "from_numpy": (lambda b: torch.from_numpy(np.ones(2)), "aten.lift_fresh"),
    "rebound buffer": (rebind, "value: was bound to another tensor"),
    "rebound in a dict": (rebind_in_dict, "terms['a']: was bound to another tensor"),
    "buffer made in the step": (remember, "late: was bound to another tensor"),
    "buffer dropped in the step": (forget, "terms['a']: is gone"),
    "Python counter": (count, "count: a Python number went from 0 to 1"),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_cannot_be_captured_is_caught_with_its_line(name: str) -> None:
    deed, sign = FORBIDDEN[name]
    bad = Bad()
    with pytest.raises(GraphUnsafeError) as error, graph_safe(bad):
        deed(bad)
    fault = str(error.value).splitlines()[1]
    assert sign in fault
    if "aten" in sign:
        line = deed.__code__.co_firstlineno
        assert any(f"tests/test_graph_safe.py:{line + i} in {deed.__name__}: `" in fault for i in range(3))


def test_all_faults_are_reported_at_once() -> None:
    bad = Bad()

    def all_of_it() -> None:
        bad.mask.nonzero()
        rebind(bad)
        count(bad)

    with pytest.raises(GraphUnsafeError) as error, graph_safe(bad):
        all_of_it()
    assert len(str(error.value).splitlines()) == 4


def test_an_error_in_the_body_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), graph_safe(Bad()):
        raise ZeroDivisionError


def test_what_a_graph_can_replay_passes() -> None:
    good = Bad()
    with graph_safe(good):
        good.value.copy_(torch.where(good.mask, torch.rand(4), 0.5))
        good.value += 1.0
        good.value[:2] = 3.0
        good.value[good.ids] = 0.0
        good.value.masked_fill_(good.mask, 0.0)
        good.view = good.value[:2]
        good.terms["a"].mul_(good.value[good.ids].sum()).clamp_(-1.0, 1.0)
        torch.cat([good.value, torch.zeros(4)]).view(2, -1).unbind(-1)
