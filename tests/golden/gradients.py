#!/usr/bin/env python3
"""Gradient goldens: one step of training by PyTorch's autograd. Writes tests/golden/gradients.json.

python3 -m pip install torch torchvision
python3 tests/golden/gradients.py

Each case is a small network with weights from a formula (networks.py) and a fixed batch. The kinds of layers are compared
one by one, then the networks of the gradient lab in src/lab/network.rs. No code is shared with src/.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

from networks import formula, unit

BATCH = 32
CLASSES = 10
SAMPLES = 8
ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu}


class Network:
    """Layers as functions that make their own weights, and remember them as the leaves of the computation."""

    def __init__(self):
        self.leaves = {}

    def leaf(self, name, shape, gain=False):
        return self.leaves.setdefault(name, formula(name, shape, gain).requires_grad_())

    def conv(self, name, x, channels, kernel, stride=1, pad=0, groups=1, bias=True):
        weight = self.leaf(f"{name}.weight", (channels, x.shape[1] // groups, kernel, kernel))
        return F.conv2d(x, weight, self.leaf(f"{name}.bias", (channels,)) if bias else None, stride, pad, groups=groups)

    def linear(self, name, x, outputs):
        x = x.flatten(1)
        weight, bias = self.leaf(f"{name}.weight", (outputs, x.shape[1])), self.leaf(f"{name}.bias", (outputs,))
        return F.linear(x, weight, bias)[:, :, None, None]

    def gains(self, name, x):
        return self.leaf(f"{name}.weight", (x.shape[1],), True), self.leaf(f"{name}.bias", (x.shape[1],))

    def batch_norm(self, name, x):
        weight, bias = self.gains(name, x)
        return F.batch_norm(x, None, None, weight, bias, training=True, eps=1e-5)

    def instance_norm(self, name, x):
        weight, bias = self.gains(name, x)
        return F.instance_norm(x, weight=weight, bias=bias, eps=1e-5)


def batch(shape):
    x = unit(BATCH * math.prod(shape), 17).float().reshape(BATCH, *shape)
    return x, torch.arange(BATCH) % CLASSES


def kind(layers):
    """A network of a few layers between a convolution, so that gradients pass through them, and a linear layer."""

    def network(n, x):
        return [(1, n.linear("out", layers(n, torch.tanh(n.conv("in", x, 4, 3, pad=1))), CLASSES))]

    return (2, 8, 8), network


def squeeze(n, x):
    factors = torch.sigmoid(n.conv("factors", x.mean((2, 3), keepdim=True), 4, 1))
    return x * factors


KINDS = {
    "convolution": kind(lambda n, x: n.conv("a", x, 6, 3, 2, 1)),
    "grouped convolution": kind(lambda n, x: n.conv("a", x, 6, 3, 1, 1, groups=2)),
    "depthwise convolution": kind(lambda n, x: n.conv("a", x, 4, 3, 1, 1, groups=4)),
    "linear": kind(lambda n, x: n.linear("a", x, 5)),
    "batch normalisation": kind(lambda n, x: n.batch_norm("a", x)),
    "instance normalisation": kind(lambda n, x: n.instance_norm("a", x)),
    "max pooling": kind(lambda n, x: F.max_pool2d(x, 3, 2, 1)),
    "average pooling": kind(lambda n, x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)),
    "global average pooling": kind(lambda n, x: x.mean((2, 3), keepdim=True)),
    "local response normalisation": kind(lambda n, x: F.local_response_norm(x, 3, 0.5, 0.75, 1.0)),
    "addition": kind(lambda n, x: x + n.conv("a", x, 4, 1)),
    "scaling": kind(squeeze),
    "concatenation": kind(lambda n, x: torch.cat([n.conv("a", x, 4, 1), n.conv("b", x, 4, 3, pad=1)], 1)),
    "relu": kind(lambda n, x: F.relu(n.conv("a", x, 6, 3))),
    # Enough channels that some values are beyond 6.
    "relu6": kind(lambda n, x: F.relu6(n.conv("a", n.conv("wide", x, 192, 3), 6, 3))),
    "sigmoid": kind(lambda n, x: torch.sigmoid(n.conv("a", x, 6, 3))),
    "tanh": kind(lambda n, x: torch.tanh(n.conv("a", x, 6, 3))),
    "scaled tanh": kind(lambda n, x: 1.7159 * torch.tanh(2 / 3 * n.conv("a", x, 6, 3))),
    "swish": kind(lambda n, x: F.silu(n.conv("a", x, 6, 3))),
}


def lab(family="linear", depth=20, width=64, activation="relu", batch_norm=False, shortcuts=False, auxiliary=False):
    act = ACTIVATIONS[activation]

    def network(n, x):
        def hidden(number, x, act):
            name = f"layer{number}"
            if family == "convolutional":
                x = n.conv(name, x, width, 3, 2 if number == 1 else 1, 1)
            else:
                x = n.linear(name, x, width)
            return act(n.batch_norm(f"{name}.norm", x) if batch_norm else x)

        def classifier(name, x):
            return n.linear(name, x.mean((2, 3)) if family == "convolutional" else x, CLASSES)

        heads, number = [], 1
        while number <= depth:
            first = number
            if shortcuts and 1 < number < depth:
                x = act(x + hidden(number + 1, hidden(number, x, act), lambda x: x))
                number += 2
            else:
                x = hidden(number, x, act)
                number += 1
            for head, share in ("head1", 1), ("head2", 2):
                if auxiliary and first <= depth * share // 3 < number:
                    heads.append((0.3, classifier(head, x)))
        return heads + [(1, classifier("output", x))]

    return (1, 28, 28), network


LABS = {
    "sigmoid": lab(activation="sigmoid"),
    "tanh": lab(activation="tanh", depth=10),
    "ten": lab(depth=10),
    "relu": lab(),
    "thirty": lab(depth=30),
    # At depth 30, single and double precision differ by 5 % in PyTorch itself: without shortcuts, normalised layers amplify
    # the smallest rounding error.
    "plain": lab(depth=10, batch_norm=True),
    "shortcuts": lab(depth=30, batch_norm=True, shortcuts=True),
    "odd shortcuts": lab(depth=8, shortcuts=True),
    "auxiliary": lab(activation="sigmoid", auxiliary=True),
    "normalised": lab(depth=5, batch_norm=True),
    "shallow": lab(depth=5),
    "wide": lab(depth=2, width=256),
    "convolutional": lab("convolutional", depth=6, width=8),
    "convolutional with all": lab("convolutional", depth=7, width=8, batch_norm=True, shortcuts=True, auxiliary=True),
}


def lenet5(n, x):
    act = lambda x: 1.7159 * torch.tanh(2 / 3 * x)
    x = F.avg_pool2d(act(n.conv("c1", x, 6, 5)), 2)
    x = F.avg_pool2d(act(n.conv("c3", x, 16, 5)), 2)
    x = act(n.linear("f6", act(n.conv("c5", x, 120, 5)), 84))
    return [(1, n.linear("output", x, CLASSES))]


def gradients(shape, compute):
    network = Network()
    x, classes = batch(shape)
    outputs = compute(network, x)
    loss = sum(weight * F.cross_entropy(value.flatten(1), classes) for weight, value in outputs)
    loss.backward()
    return {"loss": loss.item(), "tensors": {name: sample(leaf.grad) for name, leaf in network.leaves.items()}}


def sample(value):
    flat = value.double().flatten()
    step = max(flat.numel() // SAMPLES, 1)
    return {"norm": flat.norm().item(), "step": step, "values": flat[::step][:SAMPLES].tolist()}


golden = {
    "torch": torch.__version__,
    "kinds": {name: gradients(*case) for name, case in KINDS.items()},
    "labs": {name: gradients(*case) for name, case in LABS.items()} | {"lenet5": gradients((1, 32, 32), lenet5)},
}
rounded = json.loads(json.dumps(golden), parse_float=lambda text: float(f"{float(text):.7g}"))
text = json.dumps(rounded, separators=(",", ":")).replace('"loss"', '\n"loss"')
pathlib.Path(__file__).with_name("gradients.json").write_text(text + "\n")
for group in "kinds", "labs":
    for name, case in golden[group].items():
        print(group, name, round(case["loss"], 4), {key: f"{value['norm']:.2e}" for key, value in list(case["tensors"].items())[:3]})
