"""What the scripts with golden logits on photos share: the photos, Caffe's preprocessing and the form of the numbers."""
import pathlib

import numpy
import torch
from PIL import Image

HERE = pathlib.Path(__file__).parent
SAMPLES = HERE.parent.parent / "www" / "samples"
PHOTOS = ["chelsea.png", "coffee.png", "camera.png"]


def caffe_input(photo, crop):
    """The centre `crop × crop` pixels of a shorter side of 256; blue, green, red, less ImageNet's mean pixel."""
    image = Image.open(SAMPLES / photo).convert("RGB")
    image = image.resize([round(256 * length / min(image.size)) for length in image.size], Image.BILINEAR)
    left, top = ((length - crop) // 2 for length in image.size)
    pixels = torch.tensor(numpy.array(image.crop((left, top, left + crop, top + crop)))).float()
    return (pixels.flip(2) - torch.tensor([104.0, 117.0, 123.0])).permute(2, 0, 1)[None]


def row(logits):
    """The five greatest logits and their classes, the first eight logits, and the sum of all."""
    top = logits.topk(5)
    rounded = lambda values: [round(value, 4) for value in values.tolist()]
    return {
        "top5": top.indices.tolist(),
        "logits5": rounded(top.values),
        "logits_first8": rounded(logits[:8]),
        "logit_sum": round(logits.sum().item(), 3),
    }
