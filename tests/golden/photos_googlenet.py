#!/usr/bin/env python3
"""Golden logits of BVLC's GoogLeNet on real photos, by PyTorch in single precision. Writes tests/golden/photos_googlenet.json.

python3 -m pip install torch numpy pillow
python3 tests/golden/photos_googlenet.py WEIGHTS.safetensors

The weights are BVLC's in a safetensors file in single precision, under Caffe's layer names and without the auxiliary outputs,
as tests/googlenet.rs reads them: bvlc_googlenet_f32.safetensors in the folder that the environment variable
CONVSCOPE_FIXTURES_FOLDER names, which is not part of this repository. The photos are those of www/samples. The network
follows BVLC's deploy.prototxt and shares no code with src/.
"""
import json
import pathlib
import struct
import sys

import numpy
import torch
import torch.nn.functional as F

from photo import HERE, PHOTOS, caffe_input, row


def read_safetensors(path):
    """Layer.part → tensor: a count of eight bytes, a header in JSON, then the numbers."""
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, tensor in header.items():
        if name != "__metadata__":
            assert tensor["dtype"] == "F32", f"{name} is {tensor['dtype']}"
            begin, end = (8 + length + offset for offset in tensor["data_offsets"])
            numbers = numpy.frombuffer(data[begin:end], dtype="<f4").copy()
            tensors[name] = torch.from_numpy(numbers).reshape(tensor["shape"])
    return tensors


def googlenet(w, x):
    def conv(name, x, **options):
        return F.relu(F.conv2d(x, w[f"{name}.weight"], w[f"{name}.bias"], **options))

    def pool(x):
        return F.max_pool2d(x, 3, 2, ceil_mode=True)

    def normalised(x):
        return F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0)

    def inception(stage, x):
        name = lambda layer: f"inception_{stage}/{layer}"
        branches = [
            conv(name("1x1"), x),
            conv(name("3x3"), conv(name("3x3_reduce"), x), padding=1),
            conv(name("5x5"), conv(name("5x5_reduce"), x), padding=2),
            conv(name("pool_proj"), F.max_pool2d(x, 3, 1, 1)),
        ]
        return torch.cat(branches, 1)

    x = normalised(pool(conv("conv1/7x7_s2", x, stride=2, padding=3)))
    x = pool(normalised(conv("conv2/3x3", conv("conv2/3x3_reduce", x), padding=1)))
    for stages in (("3a", "3b"), ("4a", "4b", "4c", "4d", "4e"), ("5a", "5b")):
        for stage in stages:
            x = inception(stage, x)
        if stages[-1] != "5b":
            x = pool(x)
    return F.linear(x.mean((2, 3)), w["loss3/classifier.weight"], w["loss3/classifier.bias"])


weights = read_safetensors(sys.argv[1])
with torch.no_grad():
    golden = {photo: row(googlenet(weights, caffe_input(photo, 224))[0]) for photo in PHOTOS}
(HERE / "photos_googlenet.json").write_text(json.dumps(golden, indent=1) + "\n")
