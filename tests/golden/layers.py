#!/usr/bin/env python3
"""Layer goldens: what PyTorch counts in every layer of every network. Writes tests/golden/layers.json.

python3 -m pip install torch torchvision
python3 tests/golden/layers.py

Every network runs twice while each call of a PyTorch function is watched.

1. Without values, at its own input size: PyTorch tells shapes, counts parameters and, with its FlopCounterMode,
   multiply–accumulates. Batch normalisation belongs to the convolution whose output it reads.
2. With sums in place of all operations, so that a gradient counts the paths from a pixel to a unit and nothing cancels:
   where the gradient of a unit is not zero, there is the unit's receptive field. A channel stands for all. The input has a
   margin of so many pixels on each side that no receptive field reaches its edge; the margin is a multiple of every
   layer's stride, so that TensorFlow's padding "SAME" is what it is at the network's own size.

A layer that reads all pixels (linear, or global pooling) reads only the units that its input has at the network's own
size. So do layers that scale channels by such a layer's output: each of their units sees everything that the layer saw,
and there is nothing more around them. Where all units see the same pixels, as where there is one unit, step is 0; except
that a window's step is its input's times its stride, even if only one window fits.
"""
import json
import pathlib

import torch
import torch.nn.functional as F
import torchvision
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from networks import NETWORKS, Layers

# What PyTorch calls the operations that are layers by themselves. Calls of other functions belong to the layer whose
# output they read.
WINDOWS = {"conv2d", "max_pool2d", "avg_pool2d"}
GLOBAL_POOLS = {"adaptive_avg_pool2d", "mean"}
SUMS = {"add", "add_", "__iadd__"}
LAYERS = {"linear", "local_response_norm", "cat", "mul"} | WINDOWS | GLOBAL_POOLS | SUMS
# Multiples of all strides: 32, and 48 in GoogLeNet's auxiliary outputs.
MARGINS = [96, 192, 384, 768, 1536]
ROWS, COLUMNS = 2, 3  # axes of a value
FIELDS = ["name", "inputs", "shape", "parameters", "macs", "kernel", "stride", "groups", "start", "size", "step", "auxiliary"]


class Namer(Layers):
    """Names the layer that computed a value. A value is named again after its normalisation: the first name counts."""

    def keep(self, name, x):
        x.layer.setdefault("name", name)
        return x


def read(args):
    """The tensors among the arguments that are outputs of layers, or the network's input."""
    flat = args[0] if isinstance(args[0], (list, tuple)) else args
    return [value for value in flat if hasattr(value, "layer")]


def is_layer(name, args):
    if name == "mul":
        # Activation functions multiply by numbers.
        return len(read(args)) == 2
    if name == "adaptive_avg_pool2d":
        # VGG's makes 7 × 7 pixels of 7 × 7 pixels.
        return args[1] in (1, (1, 1))
    return name in LAYERS


class Watch(TorchFunctionMode):
    """Notices which layer computes a value: the value's attribute `layer`."""

    def __torch_function__(self, func, _, args=(), kwargs=None):
        kwargs, values = kwargs or {}, read(args) if args else []
        if not values:
            return func(*args, **kwargs)
        name = func.__name__
        if is_layer(name, args):
            value, layer = self.layer(name, func, args, kwargs)
        else:
            value, layer = self.other(name, func, args, kwargs), values[0].layer
        if isinstance(value, torch.Tensor):
            value.layer = layer
        return value


def pool_window(_, kernel_size, stride, padding=0, *__, **___):
    return kernel_size, stride, padding


def conv_window(_, weight, __, stride=1, padding=0, *___, **____):
    return weight.shape[2], stride, padding


def window(name, args, kwargs):
    """Kernel, stride and padding of a layer with windows."""
    numbers = (conv_window if name == "conv2d" else pool_window)(*args, **kwargs)
    return [number if isinstance(number, int) else number[0] for number in numbers]


class Count(Watch):
    """Counts what each layer has. `layers` are in the order in which they run; `pads` are the paddings by F.pad."""

    def __init__(self):
        self.layers, self.pads = [], []

    def layer(self, name, func, args, kwargs):
        inputs = [value.layer for value in read(args)]
        with FlopCounterMode(display=False) as counter:
            value = func(*args, **kwargs)
        layer = {"inputs": inputs, "shape": list(value.shape[1:]) + [1] * (4 - value.dim()), "parameters": 0, "macs": 0}
        if name in ("conv2d", "linear"):
            # A multiply–accumulate is two operations.
            layer["macs"] = counter.get_total_flops() // 2
            layer["parameters"] = sum(tensor.numel() for tensor in args[1:3] if tensor is not None)
        layer["kernel"], layer["stride"], _ = window(name, args, kwargs) if name in WINDOWS else (None, None, None)
        # torchvision's modules give all arguments by position.
        layer["groups"] = kwargs.get("groups", args[-1]) if name == "conv2d" else None
        self.layers.append(layer)
        return value, layer

    def other(self, name, func, args, kwargs):
        if name == "batch_norm":
            trained = list(args[3:5]) + [kwargs[key] for key in ("weight", "bias") if key in kwargs]
            args[0].layer["parameters"] += sum(tensor.numel() for tensor in trained)
        if name == "pad":
            self.pads.append(args[1])
        return func(*args, **kwargs)


class Sums(Watch):
    """Puts sums in place of all operations. `values` are the outputs of the layers in the order of `counted`."""

    def __init__(self, counted):
        self.counted, self.values, self.pads = counted, [], []

    def layer(self, name, func, args, kwargs):
        layer = self.counted[len(self.values)]
        inputs = [value.channel for value in read(args)]
        if name in WINDOWS:
            kernel, stride, padding = window(name, args, kwargs)
            ceil = kwargs.get("ceil_mode", False)
            channel = F.avg_pool2d(inputs[0], kernel, stride, padding, ceil, divisor_override=1)
        elif name == "linear" or name in GLOBAL_POOLS:
            channel = self.own_units(inputs[0], args[0].layer).sum((2, 3), keepdim=True)
        elif name == "mul":
            whole, factor = sorted(inputs, key=lambda value: -value.shape[2])
            channel = self.own_units(whole, layer) + factor
        else:
            channel = sum(inputs)
        self.values.append(channel)
        value = all_channels(channel, layer["shape"][0])
        if name in ("linear", "mean"):
            value = flat(value, channel)
        return value, layer

    def other(self, name, func, args, kwargs):
        x = args[0]
        if name in ("dim", "__get__"):
            return func(x)
        if name == "flatten" and x.dim() == 4:
            return flat(self.own_units(x, x.layer), x.channel)
        if name == "pad":
            self.pads.append(args[1])
            return all_channels(F.pad(x.channel, args[1]), x.shape[1])
        # Activation functions, normalisation, dropout.
        return x

    def own_units(self, x, layer):
        """Those units of a value that it has at the network's own size."""
        height, width = layer["shape"][1:]
        top, left = margin_units(x.shape[2], height), margin_units(x.shape[3], width)
        return x[:, :, top:top + height, left:left + width]


def all_channels(channel, count):
    """What the network sees of a value: all channels, which are the same memory. Gradients go through `channel`."""
    value = channel.detach().expand(1, count, -1, -1)
    value.channel = channel
    return value


def flat(x, channel):
    """What the network sees of a value that it has made a vector."""
    value = x.flatten(1)
    value.channel = channel
    return value


def margin_units(units, own):
    """Units on each side along an axis of a value that it does not have at the network's own size."""
    assert (units - own) % 2 == 0, "the margin is not the same on both sides"
    return (units - own) // 2


class Clipped(Exception):
    """A receptive field reaches the edge of the input."""


def seen(value, unit, x, axis):
    """First and last pixel along an axis that a unit depends on, which lies in the middle of the other axis."""
    middle = (value.shape[5 - axis] - 1) // 2
    place = (unit, middle) if axis == ROWS else (middle, unit)
    gradient, = torch.autograd.grad(value[0, 0][place], x, retain_graph=True)
    pixels = (gradient[0, 0] != 0).any(3 - axis).nonzero()
    first, last = pixels[0].item(), pixels[-1].item()
    if first == 0 or last == x.shape[axis] - 1:
        raise Clipped
    return first, last


def receptive_field(value, layer, x, axis, margin):
    """Start, size and step along an axis."""
    units = value.shape[axis]
    unit = (units - 1) // 2
    first, last = seen(value, unit, x, axis)
    step = seen(value, unit + 1, x, axis)[0] - first if units > 1 else 0
    own_unit = unit - margin_units(units, layer["shape"][axis - 1])
    return {"start": first - margin - own_unit * step, "size": last - first + 1, "step": step}


def fields(compute, shape, counted, axis, margin):
    """The receptive fields of all layers along an axis. Only this axis has a margin, which is much less to compute."""
    channels, height, width = shape
    size = (height + 2 * margin, width) if axis == ROWS else (height, width + 2 * margin)
    x = torch.ones(1, 1, *size, dtype=torch.float64, device="cpu", requires_grad=True)
    network_input = all_channels(x, channels)
    network_input.layer = {"name": "input"}
    with Sums(counted.layers) as sums:
        compute(Namer(), network_input)
    assert sums.pads == counted.pads, "the padding is not that of the network's own size"
    # The last layers see most: they show first that the margin is too small.
    pairs = reversed(list(zip(sums.values, counted.layers, strict=True)))
    return [receptive_field(value, layer, x, axis, margin) for value, layer in pairs][::-1]


def fields_without_edge(compute, shape, counted, axis):
    for margin in MARGINS:
        try:
            return fields(compute, shape, counted, axis, margin)
        except Clipped:
            pass
    raise SystemExit("a receptive field is larger than all margins: add a larger one to MARGINS")


def mark_main(layer):
    """Marks the layers that the main output needs."""
    if layer.get("auxiliary", True):
        layer["auxiliary"] = False
        for other in layer.get("inputs", []):
            mark_main(other)


def rows(compute, shape):
    with torch.no_grad(), Count() as counted:
        x = torch.zeros(1, *shape)
        x.layer = {"name": "input"}
        outputs = compute(Namer(), x)
    mark_main(list(outputs.values())[-1].layer)
    across, down = (fields_without_edge(compute, shape, counted, axis) for axis in (COLUMNS, ROWS))
    assert across == down, "rows and columns differ"
    for layer, field in zip(counted.layers, across):
        inputs = sorted(other["name"] for other in layer["inputs"])
        row = {"auxiliary": True} | layer | field | {"inputs": inputs}
        yield [row[name] for name in FIELDS]


def written(networks):
    """JSON with a line for each layer."""
    line = lambda row: json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    network = lambda id, rows: f'"{id}":[\n' + ",\n".join(map(line, rows)) + "\n]"
    versions = f'"torch":"{torch.__version__}","torchvision":"{torchvision.__version__}"'
    return f'{{{versions},"fields":{line(FIELDS)},"networks":{{\n' + ",\n".join(map(network, networks, networks.values())) + "\n}}\n"


torch.set_num_threads(1)
golden = {}
for id, (shape, _, _, compute) in NETWORKS.items():
    # Weights have shapes and no elements.
    with torch.device("meta"):
        golden[id] = list(rows(compute, shape))
    largest = max(golden[id], key=lambda row: row[FIELDS.index("size")])
    print(f"{id}: {len(golden[id])} layers, receptive fields of up to {largest[FIELDS.index('size')]} pixels", flush=True)
pathlib.Path(__file__).with_name("layers.json").write_text(written(golden))
