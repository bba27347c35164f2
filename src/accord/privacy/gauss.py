"""`gauss.c` for PyTorch: normal deviates of uniform bits, on a CPU."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

import torch

_FUNCTIONS = {
    (torch.int32, torch.float32): "accord_normal_single",
    (torch.int64, torch.float64): "accord_normal_double",
}


def normal(bits: torch.Tensor, found: torch.Tensor) -> None:
    """Fill `found` with standard normal deviates, the same on every processor.

    Args:
        bits: Uniform over all values of int32 or int64. [N], N even.
        found: Of float32 or float64 accordingly. [N].
    """
    name = _FUNCTIONS[bits.dtype, found.dtype]
    assert bits.is_contiguous() and found.is_contiguous()
    assert bits.shape == found.shape
    pairs, rest = divmod(len(bits), 2)
    assert rest == 0, "they come in pairs"
    getattr(_library(), name)(bits.data_ptr(), pairs, found.data_ptr())


@cache
def _library() -> ctypes.CDLL:
    """The compiled file beside this one.

    Raises:
        ImportError: It was not built, or for another machine.
    """
    path = Path(__file__).with_name("_gauss.so")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise ImportError(
            "src/accord/privacy/gauss.c is not compiled for this machine: install Accord anew, "
            f"with a C compiler (`make setup`, or `pip install --editable .`): {error}"
        ) from error
    for name in _FUNCTIONS.values():
        function = getattr(library, name)
        function.restype = None
        function.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p]
    return library
