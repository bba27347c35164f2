"""Gaussian noise as a pure function of a run's secret and the step.

What noise comes from: on the CPU always the keystream of AES-256 in counter mode, under a key that
HMAC-SHA256 makes of secret and step; on a GPU its own counter generator (Philox), seeded by 64 bits
of that key, unless `secure` asks for the keystream there too.

`secure` noise is drawn in float64 and, like the sum it is added to, rounded to a lattice of about
2^-24 of its deviation, and both are added as whole numbers. So a released value says nothing by
its lowest bits, which in floating point depend on the sum beneath the noise (Mironov, 2012; Jin et
al., 2022). Not defended: who can measure how long a step takes, and tails beyond 8.5 deviations,
which 53 bits cannot draw.
"""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass

import torch

from accord.privacy.chain import Chain
from accord.privacy.gauss import normal

CHUNK = 1 << 16
"""Values drawn at once on a CPU, an even number: they stay in its cache."""
DRAWN = 2
"""Changes whenever the same secret and step give other noise: releases of the same step differ."""
LATTICE = 24
"""Bits of a deviation that the lattice of secure noise keeps."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of a run.

    Args:
        secret: At least 32 bytes that nobody else knows.
        secure: From the keystream on every device, on a lattice.
    """

    secret: bytes
    secure: bool

    def add_to(self, chain: Chain, deviation: float, step: int) -> None:
        """Add independent noise of a standard deviation to every value of a chain (fp32). It is a
        function of the value's place: all is drawn, wherever tensors end and which are here."""
        if self.secure:
            self._add_on_lattice(chain, deviation, step)
        elif chain.device.type == "cuda":
            generator = torch.Generator(chain.device)
            generator.manual_seed(int.from_bytes(self._key(step)[:8], "big"))
            for block in chain.blocks(1 << 24):
                drawn = torch.empty(block.size, device=chain.device).normal_(generator=generator)
                for own, part in block.parts:
                    part.add_(drawn[own], alpha=deviation)
        else:
            _add_single(chain, deviation, Keystream(self._key(step)))

    def margin(self, values: int, noise_multiplier: float) -> float:
        """Share of the clipping norm that rounding to the lattice may add to a unit's part."""
        if not self.secure:
            return 0.0
        return noise_multiplier * 2.0**-LATTICE * math.sqrt(values)

    def deviate(self, step: int) -> float:
        """One draw of the standard normal distribution, for the count of adaptive clipping."""
        stream = Keystream(keyed(self.secret, b"accord count", step))
        return float(stream.normal64(2, torch.device("cpu"))[0])

    def _key(self, step: int) -> bytes:
        return keyed(self.secret, b"accord noise", step)

    def _add_on_lattice(self, chain: Chain, deviation: float, step: int) -> None:
        stream = Keystream(self._key(step))
        spacing = 2.0 ** (math.floor(math.log2(deviation)) - LATTICE)
        for block in chain.blocks(1 << 22 if chain.device.type == "cuda" else CHUNK):
            draws = stream.normal64(block.size + block.size % 2, chain.device)
            noise = draws.mul_(deviation / spacing).round_()
            for own, part in block.parts:
                part.copy_((part.double() / spacing).round_().add_(noise[own]).mul_(spacing))


class Keystream:
    """Random bits from AES-256 in counter mode."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        # A key serves for one stream only, so the counter may begin at 0.
        cipher = Cipher(algorithms.AES(key), modes.CTR(bytes(16)))
        self.encryptor = cipher.encryptor()

    def integers(self, count: int, dtype: torch.dtype) -> torch.Tensor:
        """Uniform over the whole range of a signed type. [count]"""
        drawn = self.encryptor.update(bytes(count * dtype.itemsize))
        return torch.frombuffer(bytearray(drawn), dtype=dtype)

    def normal64(self, count: int, device: torch.device) -> torch.Tensor:
        """Standard normal float64 by Box and Muller (1958). [count], even."""
        drawn = self.integers(count, torch.int64)
        if device.type == "cpu":
            found = torch.empty(count, dtype=torch.float64)
            normal(drawn, found)
            return found
        # 53 bits; a half is added so that no logarithm is of 0
        uniform = ((drawn.to(device) >> 11) & ((1 << 53) - 1)).double().add_(0.5).mul_(2.0**-53)
        first, second = uniform.split(count // 2)
        radius = first.log_().mul_(-2.0).sqrt_()
        angle = second.mul_(2 * math.pi)
        return torch.cat([radius * angle.cos(), radius * angle.sin()])


def _add_single(chain: Chain, deviation: float, stream: Keystream) -> None:
    """Add fp32 noise from 32 bits a value."""
    size = min(CHUNK, chain.size + chain.size % 2)
    zeros, room = bytes(4 * size), bytearray(4 * size + 15)  # a cipher asks for 15 bytes more
    bits, drawn = torch.frombuffer(room, dtype=torch.int32, count=size), torch.empty(size)
    for block in chain.blocks(size):
        stream.encryptor.update_into(zeros, room)
        if block.parts:
            normal(bits, drawn)
        for own, part in block.parts:
            part.add_(drawn[own], alpha=deviation)


def keyed(secret: bytes, label: bytes, step: int) -> bytes:
    """32 bytes for one purpose and step."""
    return hmac.digest(secret, label + step.to_bytes(8, "big"), "sha256")
