"""The models in assets/: names, order, limits, gears, masses, and that they survive being stepped."""

from math import pi
from pathlib import Path

import mujoco
import numpy as np
import pytest

MJCF = Path(__file__).parents[1] / "assets" / "mjcf"
SPAWN_HEIGHT = {"cartpole": 2.0, "ant": 0.44, "humanoid": 1.34, "go1": 0.46}  # [m]
# Largest action the task sends, before the gear; targets of joints for go1 [rad].
CONTROL = {"cartpole": 400.0, "ant": 1.0, "humanoid": 1.0, "go1": 1.0}


def sphere(radius: float) -> float:
    """Volume of a ball [m3]."""
    return 4 / 3 * pi * radius**3


def capsule(radius: float, length: float) -> float:
    """Volume of a cylinder of this length [m] with half a ball at each end [m3]."""
    return sphere(radius) + pi * radius**2 * length


ANT_JOINTS = [f"{part}_{leg}" for leg in (1, 2, 3, 4) for part in ("hip", "ankle")]
GO1_LEGS = ("FR", "FL", "RR", "RL")
GO1_JOINTS = [f"{leg}_{part}_joint" for leg in GO1_LEGS for part in ("hip", "thigh", "calf")]
SIDE_JOINTS = ["hip_x", "hip_z", "hip_y", "knee", "ankle_y", "ankle_x"]
ARM_JOINTS = ["shoulder1", "shoulder2", "elbow"]
SIDE_GEARS = {"hip_x": 45, "hip_z": 45, "hip_y": 135, "knee": 90, "ankle_x": 22.5, "ankle_y": 22.5}
ARM_GEARS = {"shoulder1": 67.5, "shoulder2": 67.5, "elbow": 45}

BODIES = {
    "cartpole": ["slider", "cart", "pole"],
    "ant": [
        "torso",
        *("front_left_leg", "front_left_foot", "front_right_leg", "front_right_foot"),
        *("left_back_leg", "left_back_foot", "right_back_leg", "right_back_foot"),
    ],
    "go1": ["trunk", *(joint.removesuffix("_joint") for joint in GO1_JOINTS)],
    "humanoid": [
        *("torso", "head", "lower_waist", "pelvis"),
        *(f"{side}_{part}" for side in ("right", "left") for part in ("thigh", "shin", "foot")),
        *(f"{side}_{part}" for side in ("right", "left") for part in ("upper_arm", "lower_arm", "hand")),
    ],
}
JOINTS = {  # in dof order
    "cartpole": ["slider_to_cart", "cart_to_pole"],
    "ant": ANT_JOINTS,
    "go1": GO1_JOINTS,
    "humanoid": [
        *("abdomen_z", "abdomen_y", "abdomen_x"),
        *(f"{side}_{joint}" for side in ("right", "left") for joint in SIDE_JOINTS),
        *(f"{side}_{joint}" for side in ("right", "left") for joint in ARM_JOINTS),
    ],
}
GEARS: dict[str, dict[str, float]] = {  # in actuator order
    "cartpole": {"slider_to_cart": 1},
    "ant": dict.fromkeys(ANT_JOINTS[6:] + ANT_JOINTS[:6], 15),
    "go1": dict.fromkeys(GO1_JOINTS, 1),
    "humanoid": {
        "abdomen_y": 67.5,
        "abdomen_z": 67.5,
        "abdomen_x": 67.5,
        **{f"{side}_{joint}": gear for side in ("right", "left") for joint, gear in SIDE_GEARS.items()},
        **{f"{side}_{joint}": gear for side in ("right", "left") for joint, gear in ARM_GEARS.items()},
    },
}
LIMITS = {  # by the end of a joint's name [deg]
    "abdomen_z": (-45, 45),
    "abdomen_y": (-75, 30),
    "abdomen_x": (-35, 35),
    "hip_x": (-45, 15),
    "hip_z": (-60, 35),
    "hip_y": (-120, 45),
    "knee": (-160, 2),
    "ankle_x": (-50, 50),
    "ankle_y": (-50, 50),
    "shoulder1": (-90, 70),
    "shoulder2": (-90, 70),
    "elbow": (-90, 50),
}
DYNAMICS = {  # stiffness [N m/rad], damping [N m s/rad], armature [kg m2], by the end of a joint's name
    "abdomen_z": (20, 5, 0.02),
    "abdomen_y": (20, 5, 0.01),
    "abdomen_x": (10, 5, 0.01),
    "hip_x": (10, 5, 0.01),
    "hip_z": (10, 5, 0.01),
    "hip_y": (20, 5, 0.01),
    "knee": (5, 0.1, 0.007),
    "ankle_x": (2, 1, 0.006),
    "ankle_y": (2, 1, 0.006),
    "shoulder1": (10, 5, 0.01),
    "shoulder2": (10, 5, 0.01),
    "elbow": (2, 1, 0.006),
}

each_asset = pytest.mark.parametrize("name", sorted(BODIES))


def load(name: str) -> mujoco.MjModel:
    """The asset as it stands in its file."""
    return mujoco.MjModel.from_xml_path(str(MJCF / f"{name}.xml"))


def on_ground(name: str) -> mujoco.MjModel:
    """The asset over a plane, with the tasks' substep and integrator."""
    spec = mujoco.MjSpec.from_file(str(MJCF / f"{name}.xml"))
    spec.worldbody.add_geom(name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[50, 50, 1])
    spec.option.timestep = 0.0083
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_EULER
    spec.body(BODIES[name][0]).pos[2] = SPAWN_HEIGHT[name]
    return spec.compile()


def hinges(model: mujoco.MjModel) -> list[str]:
    """Names of the joints that are degrees of freedom of the actor, in dof order."""
    free = mujoco.mjtJoint.mjJNT_FREE
    return [model.joint(j).name for j in range(model.njnt) if model.jnt_type[j] != free]


def dof_properties(model: mujoco.MjModel, joint: str) -> tuple[float, float, float]:
    """Stiffness, damping and armature of a one-dof joint."""
    dof = model.joint(joint).dofadr[0]
    stiffness = np.ravel(model.joint(joint).stiffness)[0]
    return stiffness, np.ravel(model.dof_damping[dof])[0], model.dof_armature[dof]


@each_asset
def test_bodies_come_in_the_published_order(name: str) -> None:
    model = load(name)
    assert [model.body(b).name for b in range(1, model.nbody)] == BODIES[name]


@each_asset
def test_joints_come_in_the_published_order(name: str) -> None:
    assert hinges(load(name)) == JOINTS[name]


@each_asset
def test_motors_have_the_published_order_and_gears(name: str) -> None:
    model = load(name)
    joints = [model.joint(model.actuator_trnid[a, 0]).name for a in range(model.nu)]
    assert list(zip(joints, model.actuator_gear[:, 0], strict=True)) == list(GEARS[name].items())


@each_asset
def test_only_the_rail_is_fixed_to_the_world(name: str) -> None:
    model = load(name)
    free = model.jnt_type[0] == mujoco.mjtJoint.mjJNT_FREE
    assert free == (name != "cartpole")


@each_asset
def test_defaults_do_not_reach_a_ground_added_later(name: str) -> None:
    model, bare = on_ground(name), mujoco.MjSpec()
    bare.worldbody.add_geom(name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[50, 50, 1])
    ours, plain = model.geom("ground"), bare.compile().geom("ground")
    for field in ("contype", "conaffinity", "condim", "friction", "margin", "solref", "solimp", "rgba"):
        assert np.array_equal(getattr(ours, field), getattr(plain, field)), field


@each_asset
def test_home_pose_has_no_contact(name: str) -> None:
    model = on_ground(name)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    assert data.ncon == 0


@each_asset
def test_random_actions_stay_finite_and_bounded(name: str) -> None:
    model = on_ground(name)
    data, rng, fastest = mujoco.MjData(model), np.random.default_rng(0), 0.0
    for _ in range(600):
        data.ctrl[:] = rng.uniform(-1, 1, model.nu) * CONTROL[name]
        mujoco.mj_step(model, data)
        fastest = max(fastest, float(np.abs(data.qvel).max()))
    assert fastest < 100
    assert not any(warning.number for warning in data.warning)


def test_ant_comes_to_rest_on_its_feet() -> None:
    model = on_ground("ant")
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, 400)
    assert np.abs(data.qvel).max() < 1e-3
    assert data.body("torso").xpos[2] > 0.31
    touching = {model.body(model.geom_bodyid[g]).name for c in data.contact for g in c.geom} - {"world"}
    assert touching == {body for body in BODIES["ant"] if "foot" in body}


def test_cartpole_masses_limits_and_effort() -> None:
    model = load("cartpole")
    cart, pole = model.joint("slider_to_cart"), model.joint("cart_to_pole")
    assert model.body("cart").mass[0] == model.body("pole").mass[0] == 1
    assert np.allclose(model.body("pole").ipos, [0, 0, 0.47])
    assert np.array_equal(cart.range, [-4, 4])
    assert np.array_equal(cart.axis, [0, 1, 0])
    assert np.array_equal(pole.axis, [1, 0, 0])
    assert not model.jnt_limited[pole.id]
    assert np.array_equal(model.jnt_actfrcrange, [[-1000, 1000]] * 2)


def test_cartpole_pole_turns_like_a_uniform_box() -> None:
    model = load("cartpole")
    box = np.array([0.04, 0.06, 1.0])
    expected = (np.sum(box**2) - box**2) / 12
    assert np.allclose(model.body("pole").inertia, expected, rtol=1e-9)


def test_ant_mass_is_that_of_its_balls_and_capsules() -> None:
    legs = 8 * capsule(0.08, 0.2 * 2**0.5) + 4 * capsule(0.08, 0.4 * 2**0.5)
    assert load("ant").body_mass.sum() == pytest.approx(5 * (sphere(0.25) + legs), rel=1e-9)


def test_ant_limits_and_dynamics() -> None:
    model = load("ant")
    knees = {"ankle_1": (30, 100), "ankle_2": (-100, -30), "ankle_3": (-100, -30), "ankle_4": (30, 100)}
    for joint in ANT_JOINTS:
        assert np.rad2deg(model.joint(joint).range) == pytest.approx(knees.get(joint, (-40, 40))), joint
        assert dof_properties(model, joint) == pytest.approx((0, 0.1, 0.01)), joint


def test_humanoid_mass_is_that_of_its_balls_and_capsules() -> None:
    trunk = capsule(0.07, 0.14) + 2 * capsule(0.06, 0.12) + sphere(0.09) + capsule(0.09, 0.14)
    thigh, shin = capsule(0.06, np.hypot(0.01, 0.34)), capsule(0.049, 0.3)
    foot = capsule(0.027, np.hypot(0.21, 0.02)) * 2
    arm = capsule(0.04, 0.16 * 3**0.5) + capsule(0.031, 0.16 * 3**0.5) + sphere(0.04)
    expected = 1000 * (trunk + 2 * (thigh + shin + foot + arm))
    assert load("humanoid").body_mass.sum() == pytest.approx(expected, rel=1e-9)


def test_humanoid_limits_and_dynamics() -> None:
    model = load("humanoid")
    for joint in JOINTS["humanoid"]:
        kind = joint.removeprefix("right_").removeprefix("left_")
        assert np.rad2deg(model.joint(joint).range) == pytest.approx(LIMITS[kind]), joint
        assert dof_properties(model, joint) == pytest.approx(DYNAMICS[kind]), joint


def test_humanoid_is_the_same_on_both_sides() -> None:
    model = load("humanoid")
    for body in (b for b in BODIES["humanoid"] if b.startswith("right_")):
        right, left = model.body(body), model.body(body.replace("right", "left"))
        assert np.allclose(right.pos * [1, -1, 1], left.pos), body
        assert np.allclose(right.ipos * [1, -1, 1], left.ipos, atol=1e-9), body
        assert np.allclose(right.inertia, left.inertia), body


def test_go1_mass_is_that_of_all_links_of_its_description() -> None:
    trunk, rotor, imu = 5.204, 0.089, 0.001
    leg = 0.591 + 0.92 + 0.135862 + 0.06 + 3 * rotor  # hip, thigh, calf, foot
    assert load("go1").body_mass.sum() == pytest.approx(trunk + imu + 4 * leg, rel=1e-6)


def test_go1_limits_armatures_and_torques() -> None:
    model = load("go1")
    limits = {"hip": (-0.863, 0.863), "thigh": (-0.686, 4.501), "calf": (-2.818, -0.888)}
    rotor = 0.000111842
    for a, joint in enumerate(GO1_JOINTS):
        part = joint.split("_")[1]
        assert model.joint(joint).range == pytest.approx(limits[part]), joint
        gear, torque = (9, 35.55) if part == "calf" else (6, 23.7)
        assert dof_properties(model, joint) == pytest.approx((0, 0, rotor * gear**2), rel=1e-5), joint
        assert model.actuator_forcerange[a] == pytest.approx((-torque, torque)), joint


def test_go1_stands_on_links_of_the_published_lengths() -> None:
    model = load("go1")
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    feet = np.array([data.geom(f"{leg}_foot").xpos - data.body("trunk").xpos for leg in GO1_LEGS])
    across, along = 0.04675 + 0.08, 0.1881
    expected = [(x, y, -2 * 0.213) for x in (along, -along) for y in (-across, across)]
    assert np.allclose(feet, expected)


def test_go1_legs_are_mirror_images() -> None:
    model = load("go1")
    for body in (b for b in BODIES["go1"] if b.startswith(("FR", "RR")) and "calf" not in b):
        right, left = model.body(body), model.body(body.replace("R_", "L_"))
        assert np.allclose(right.pos * [1, -1, 1], left.pos), body
        assert np.allclose(right.ipos * [1, -1, 1], left.ipos, atol=1e-9), body
        assert np.allclose(right.inertia, left.inertia), body


def test_only_go1s_feet_collide() -> None:
    model = load("go1")
    colliding = {model.geom(g).name for g in range(model.ngeom) if model.geom_contype[g] or model.geom_conaffinity[g]}
    assert colliding == {f"{leg}_foot" for leg in GO1_LEGS}
