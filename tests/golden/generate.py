#!/usr/bin/env python3
"""Structure goldens: every network with weights from a formula, by PyTorch. Writes tests/golden/structure.json.

python3 -m pip install torch torchvision
python3 tests/golden/generate.py
"""
import json
import pathlib

import torch

from networks import NETWORKS, Layers, network_input

SAMPLES = 16


class Recorder(Layers):
    """Remembers the values asked for."""

    def __init__(self, requested):
        self.requested, self.values = requested, {}

    def keep(self, name, x):
        # A name is given again when the activation function has been applied.
        if name in self.requested:
            self.values[name] = x
        return x


def sample(value):
    """Some numbers spread over a value, and its greatest magnitude."""
    flat = value.flatten()
    step = max(flat.numel() // SAMPLES, 1)
    numbers = flat[::step][:SAMPLES].double()
    return {"length": flat.numel(), "step": step, "greatest": flat.abs().max().item(), "values": numbers.tolist()}


golden = {}
with torch.no_grad():
    for network, (shape, amplitude, requested, compute) in NETWORKS.items():
        recorder = Recorder(requested)
        outputs = compute(recorder, network_input(shape, amplitude))
        values = recorder.values | outputs
        golden[network] = {"amplitude": amplitude, "layers": {layer: sample(value) for layer, value in values.items()}}
        print(network, {layer: round(row["greatest"], 3) for layer, row in golden[network]["layers"].items()})
rounded = json.loads(json.dumps(golden), parse_float=lambda text: float(f"{float(text):.7g}"))
text = json.dumps({"torch": torch.__version__, "networks": rounded}, indent=None, separators=(",", ":"))
text = text.replace('},"', '},\n"').replace('"networks":{', '"networks":{\n')
pathlib.Path(__file__).with_name("structure.json").write_text(text + "\n")
