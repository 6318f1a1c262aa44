#!/usr/bin/env python3
"""Attention goldens: class activation maps and HiResCAM of networks with weights from a formula, by PyTorch. Writes
tests/golden/attention.json.

python3 -m pip install torch torchvision
python3 tests/golden/attention.py

The networks are those of networks.py, as published. Of each, the output of one layer is kept, the logit of one class is
differentiated with respect to it by PyTorch's autograd, and the products are summed over the channels: HiResCAM. Where the
network ends in global average pooling, that is its class activation map, which the script also computes from the weights of
the last layer, as a check of itself.
"""
import json
import pathlib

import torch

from networks import NETWORKS, Layers, formula, network_input

HERE = pathlib.Path(__file__).parent
CLASS = 3
# network, layer whose output the map is of, as this project calls it after folding; the layer of the network as published
# that has this output; the linear layer behind the averages, "" for none, None where the network does not average.
MAPS = [
    ("lenet5", "s4", "s4", None),
    ("lenet5", "c1", "c1", None),
    ("alexnet", "pool5", "pool5", None),
    ("alexnet", "pool1", "pool1", None),
    ("vgg16", "pool5", "pool5", None),
    ("googlenet", "inception_5b/output", "inception_5b/output", "loss3/classifier"),
    ("googlenet", "inception_4e/5x5", "inception_4e/5x5", None),
    ("resnet18", "layer4.1.add", "layer4.1.add", "fc"),
    ("squeezenet1_1", "conv10", "conv10", ""),
    ("mobilenet_v2", "features.18.0", "features.18.1", "classifier.1"),
    ("efficientnet_b0", "conv_head", "bn1", "fc"),
    ("efficientnet_b0", "blocks.15.depthwise_conv", "blocks.15.bn1", None),
    ("efficientnet_lite0", "conv_head", "bn1", "fc"),
]

# At the usual amplitude of 100 one unit of AlexNet's fc7 lies so near to the rectifier's corner that rounding decides on
# which side: PyTorch's own gradients in 32 and in 64 bits then differ by a hundredth.
AMPLITUDES = {"alexnet": 90}


class Keeper(Layers):
    """Remembers one value and tracks its gradient."""

    def __init__(self, layer):
        self.layer, self.value = layer, None

    def keep(self, name, x):
        # A name is given again when the activation function has been applied, which may be done in place.
        if name == self.layer:
            self.value = x.detach().requires_grad_()
            return self.value.clone()
        return x


def hirescam(network, layer, kept, linear):
    shape, amplitude, _, compute = NETWORKS[network]
    amplitude = AMPLITUDES.get(network, amplitude)
    keeper = Keeper(kept)
    outputs = compute(keeper, network_input(shape, amplitude))
    logit = list(outputs.values())[-1].flatten()[CLASS]
    value = keeper.value
    (gradient,) = torch.autograd.grad(logit, value)
    products = (gradient * value).sum(1)[0].detach()
    if linear is not None:
        pixels = value.shape[2] * value.shape[3]
        if linear:
            weight = formula(f"{linear}.weight", (1000, value.shape[1]))[CLASS]
            cam, bias = torch.einsum("c,chw->hw", weight, value[0]) / pixels, formula(f"{linear}.bias", (1000,))[CLASS]
        else:
            cam, bias = value[0, CLASS] / pixels, 0
        assert (cam - products).abs().max() <= 1e-5 * products.abs().max(), network
        assert abs(cam.sum() + bias - logit) <= 1e-4 * products.abs().max() * pixels, network
    return {
        "network": network, "layer": layer, "cam": linear is not None, "amplitude": amplitude, "logit": logit.item(),
        "shape": list(products.shape), "map": products.flatten().double().tolist(),
    }


if __name__ == "__main__":
    maps = []
    for row in MAPS:
        maps.append(hirescam(*row))
        greatest = max(map(abs, maps[-1]["map"]))
        print(*row[:2], maps[-1]["shape"], f"logit {maps[-1]['logit']:.4f}, greatest {greatest:.4g}")
    rounded = json.loads(json.dumps(maps), parse_float=lambda text: float(f"{float(text):.7g}"))
    text = json.dumps({"torch": torch.__version__, "class": CLASS, "maps": rounded}, separators=(",", ":"))
    (HERE / "attention.json").write_text(text.replace('{"network"', '\n{"network"') + "\n")
