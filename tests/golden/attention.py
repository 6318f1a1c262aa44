#!/usr/bin/env python3
"""Attention goldens: class activation maps and HiResCAM of networks with weights from a formula, by PyTorch. Writes
tests/golden/attention.json.

python3 -m pip install torch torchvision
python3 tests/golden/attention.py

The networks are those of generate.py, as published. Of each, the output of one layer is kept, the logit of one class is
differentiated with respect to it by PyTorch's autograd, and the products are summed over the channels: HiResCAM. Where the
network ends in global average pooling, that is its class activation map, which the script also computes from the weights of
the last layer, as a check of itself.
"""
import ast
import json
import pathlib

import torch

HERE = pathlib.Path(__file__).parent
# generate.py computes and writes its own values below its definitions; only these are wanted here.
WRITES = "golden"


def definitions(path):
    """The names that a script defines before it begins to compute."""
    tree = ast.parse(path.read_text())
    assigned = lambda node: isinstance(node, ast.Assign) and any(getattr(target, "id", "") == WRITES for target in node.targets)
    end = next(index for index, node in enumerate(tree.body) if assigned(node))
    names = {"__name__": path.stem, "__file__": str(path)}
    exec(compile(ast.Module(tree.body[:end], []), str(path), "exec"), names)
    return names


G = definitions(HERE / "generate.py")
CLASS = 3
# network, layer whose output the map is of, as this project calls it after folding; the name under which generate.py keeps
# it, or torchvision's module; the linear layer behind the averages, "" for none, None where the network does not average.
MAPS = [
    ("lenet5", "s4", "s4", None),
    ("lenet5", "c1", "c1", None),
    ("alexnet", "pool5", "pool5", None),
    ("alexnet", "pool1", "pool1", None),
    ("vgg16", "pool5", "features", None),
    ("googlenet", "inception_5b/output", "inception_5b/output", "loss3/classifier"),
    ("googlenet", "inception_4e/5x5", "inception_4e/5x5", None),
    ("resnet18", "layer4.1.add", "layer4.1", "fc"),
    ("squeezenet1_1", "conv10", "conv10", ""),
    ("mobilenet_v2", "features.18.0", "features.18", "classifier.1"),
    ("efficientnet_b0", "conv_head", "features.8", "fc"),
    ("efficientnet_b0", "blocks.15.depthwise_conv", "features.7.0.block.1", None),
    ("efficientnet_lite0", "conv_head", "bn1", "fc"),
]

# At generate.py's amplitude of 100 one unit of AlexNet's fc7 lies so near to the rectifier's corner that rounding decides on
# which side: PyTorch's own gradients in 32 and in 64 bits then differ by a hundredth.
AMPLITUDES = {"alexnet": 90}


class Keeper(G["Recorder"]):
    """Remembers one value and tracks its gradient."""

    def __init__(self, layer):
        super().__init__([layer])

    def keep(self, name, x):
        if name in self.requested:
            x = x.detach().requires_grad_()
            self.values[name] = x
        return x


def by_hook(network, module):
    """A network of torchvision whose module's output is tracked."""

    build, names, output = TORCHVISION[network]

    def compute(keeper, x):
        def hooked(weights=None):
            model = build(weights=weights)
            track = lambda _, __, value: keeper.keep(module, value)
            dict(model.named_modules())[module].register_forward_hook(track)
            return model

        return G["torchvision_network"](hooked, names, {}, output)(keeper, x)

    return compute


M = G["M"]
TORCHVISION = {
    "vgg16": (M.vgg16, G["vgg_name"]([2, 2, 3, 3, 3]), "fc8"),
    "resnet18": (M.resnet18, G["identity"], "fc"),
    "mobilenet_v2": (M.mobilenet_v2, G["identity"], "classifier.1"),
    "efficientnet_b0": (M.efficientnet_b0, G["b0_name"], "fc"),
}


def hirescam(network, layer, kept, linear):
    shape, amplitude, _, compute = G["NETWORKS"][network]
    amplitude = AMPLITUDES.get(network, amplitude)
    keeper = Keeper(kept)
    if network in TORCHVISION:
        compute = by_hook(network, kept)
    outputs = compute(keeper, G["network_input"](shape, amplitude))
    logit = list(outputs.values())[-1].flatten()[CLASS]
    value = keeper.values[kept]
    (gradient,) = torch.autograd.grad(logit, value)
    products = (gradient * value).sum(1)[0].detach()
    if linear is not None:
        pixels = value.shape[2] * value.shape[3]
        if linear:
            weight = G["formula"](f"{linear}.weight", (1000, value.shape[1]))[CLASS]
            cam, bias = torch.einsum("c,chw->hw", weight, value[0]) / pixels, G["formula"](f"{linear}.bias", (1000,))[CLASS]
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
