#!/usr/bin/env python3
"""Golden values of frame → input, by Pillow: python3 -m pip install pillow; python3 tests/golden/frames.py

EfficientNet-Lite0's official preprocessing of pictures made from a formula. Writes tests/golden/frames.json.
"""
import json
import pathlib

import PIL
from PIL import Image

CASES = [
    # name, width, height, with alpha
    ("nothing to resize", 256, 256, False),
    ("webcam", 640, 480, False),
    ("odd sides", 451, 301, False),
    ("portrait", 333, 1000, False),
    ("transparent", 300, 260, True),
    ("tiny", 3, 5, False),
    ("one pixel", 1, 1, False),
    ("large photo", 4000, 3000, False),
]
CROP, RESIZE = 224, 256
POSITIONS = [0, 1, 223, 224, 25000, 25088, 50175]


def picture(width, height, alpha):
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            wave = (x * x // 40 + y * 3) % 256
            pixels += bytes((wave, (x * 5 + y * y // 30) % 256, (x * 2 + y * 7) % 256))
            pixels.append((x * 3 + y * 11) % 256 if alpha else 255)
    return Image.frombytes("RGBA", (width, height), bytes(pixels))


def network_input(image):
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    image = Image.alpha_composite(white, image).convert("RGB")
    side = max(min(image.size) * CROP // RESIZE, 1)
    left, top = ((length - side + 1) // 2 for length in image.size)
    return image.crop((left, top, left + side, top + side)).resize((CROP, CROP), Image.BICUBIC)


cases = []
for name, width, height, alpha in CASES:
    image = network_input(picture(width, height, alpha))
    planes = [plane.tobytes() for plane in image.split()]
    cases.append({
        "name": name, "width": width, "height": height, "alpha": alpha,
        "means": [sum(plane) / len(plane) for plane in planes],
        "samples": [[plane[position] for position in POSITIONS] for plane in planes],
    })
text = json.dumps({"pillow": PIL.__version__, "positions": POSITIONS, "cases": cases}, indent=1)
pathlib.Path(__file__).with_name("frames.json").write_text(text + "\n")
