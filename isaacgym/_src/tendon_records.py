"""Records of tendons with what Isaac Gym sets apart from them: the offset of their length."""

from collections.abc import Sequence

from isaacgym._src.properties import TendonProperties


class Tendon(TendonProperties):
    """A tendon's record with the offset that is added to its length [m] or [rad]."""

    offset: float = 0.0


def renewed(old: list[TendonProperties], given: Sequence[TendonProperties]) -> list[TendonProperties]:
    """Copies of the records that were given, with the offsets of the old ones."""
    return [_with_offset(new, offset_of(before)) for before, new in zip(old, given, strict=True)]


def with_offset(rows: list[TendonProperties], tendon: int, offset: float) -> list[TendonProperties]:
    """Copies of the records, one of them with another offset."""
    return [_with_offset(p, offset if i == tendon else offset_of(p)) for i, p in enumerate(rows)]


def offset_of(props: TendonProperties) -> float:
    return props.offset if isinstance(props, Tendon) else 0.0


def _with_offset(props: TendonProperties, offset: float) -> Tendon:
    values = {name: getattr(props, name) for name in TendonProperties.names()}
    return Tendon(**values, offset=offset)
