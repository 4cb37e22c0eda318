"""Enumerations behave like the integers that client code takes them for."""

import pickle

import numpy as np
import pytest

from isaacgym._src import enums


def test_every_member_is_a_name_of_the_module() -> None:
    kinds = [getattr(enums, name) for name in enums.__all__ if name[-1].islower()]
    assert kinds
    for kind in kinds:
        for name, member in kind.__members__.items():
            assert getattr(enums, name) is member
            assert name in enums.__all__


def test_no_two_enumerations_share_a_member_name() -> None:
    assert len(enums.__all__) == len(set(enums.__all__))


def test_a_member_is_built_from_its_number() -> None:
    assert enums.ContactCollection(1) is enums.CC_LAST_SUBSTEP


def test_a_member_fills_a_numpy_integer_field() -> None:
    modes = np.zeros(3, [("driveMode", np.int32)])
    modes["driveMode"].fill(enums.DOF_MODE_EFFORT)
    assert modes["driveMode"].tolist() == [3, 3, 3]


def test_axes_combine_as_bits() -> None:
    assert enums.AXIS_X | enums.AXIS_Y | enums.AXIS_Z == enums.AXIS_TRANSLATION
    assert enums.AXIS_TRANSLATION | enums.AXIS_ROTATION == enums.AXIS_ALL


@pytest.mark.parametrize("key", ["0", "9", "A", "Z", "F12", "NUMPAD_5", "SPACE", "ESCAPE", "LEFT_SHIFT", "UP"])
def test_a_key_is_found_by_its_name(key: str) -> None:
    assert getattr(enums, f"KEY_{key}") is getattr(enums.KeyboardInput, f"KEY_{key}")


def test_a_member_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(enums.KEY_V)) is enums.KEY_V
