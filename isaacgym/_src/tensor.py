"""The descriptor that the simulation and client code pass tensors by."""

from typing import Any

import torch

__all__ = ["Tensor", "describe"]


class Tensor:
    """Where a tensor's numbers lie and what they are; it keeps the torch tensor, so the memory stays."""

    __slots__ = ("own_data", "torch")

    def __init__(self, tensor: torch.Tensor, own_data: bool = False) -> None:
        self.torch = tensor
        self.own_data = own_data

    @property
    def data_ptr(self) -> int:
        """Address of the first number."""
        return self.torch.data_ptr()

    @property
    def data_address(self) -> int:
        """Address of the first number."""
        return self.torch.data_ptr()

    @property
    def device(self) -> int:
        """Number of the GPU, -1 for the CPU."""
        device = self.torch.device
        return -1 if device.type == "cpu" else device.index or 0

    @property
    def dtype(self) -> torch.dtype:
        """Type of the numbers."""
        return self.torch.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Size along each axis."""
        return tuple(self.torch.shape)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.torch.ndim

    def __repr__(self) -> str:
        return f"Tensor(shape={self.shape}, dtype={self.dtype}, device={self.device})"


def describe(tensor: Any) -> Tensor:
    """The descriptor of a contiguous torch tensor; a descriptor is handed back as it is."""
    if isinstance(tensor, torch.Tensor):
        if not tensor.is_contiguous():
            shape, stride = tuple(tensor.shape), tensor.stride()
            raise ValueError(
                f"unwrap_tensor: the tensor is not contiguous, given shape {shape} with strides {stride}; "
                "hand over tensor.contiguous() and keep it until the step is done"
            )
        return Tensor(tensor)
    if isinstance(tensor, Tensor):
        return tensor
    raise TypeError(f"unwrap_tensor: needs a torch tensor, given {type(tensor).__name__}")
