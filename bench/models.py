"""The files that the race's other runtimes read and this project does not write, from the race's export (see MODELS.md).

python3 bench/models.py EXPORT FOLDER [NETWORK ...]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import tensorflow as tf
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

# Inputs from which the quantisers take the ranges of values: pixels without pattern, as the race's own input is.
SAMPLES = 16


def inputs(network):
    shape = network["input"]
    generator = np.random.default_rng(0)
    for _ in range(SAMPLES):
        pixels = generator.integers(0, 256, (1, shape["channels"], shape["height"], shape["width"]))
        per_channel = [np.array(network[name]).reshape(1, -1, 1, 1) for name in ("mean", "std")]
        yield ((pixels - per_channel[0]) / per_channel[1]).astype(np.float32)


class Reader(CalibrationDataReader):
    def __init__(self, name, values):
        self.values = ({name: value} for value in values)

    def get_next(self):
        return next(self.values, None)


def tflite(network, file, folder, scratch):
    """LiteRT.js: single precision, 8-bit weights, and 8 bits throughout (with inputs and logits in single precision)."""
    saved = scratch / "saved"
    # It checks its result with pictures, and fetches them where they are not in the folder that it is started in.
    pictures = np.random.default_rng(1).random((20, 128, 128, 3), np.float32)
    np.save(scratch / "calibration_image_sample_data_20x128x128x3_float32.npy", pictures)
    subprocess.run(["onnx2tf", "-i", file.resolve(), "-o", saved, "-n"], check=True, stdout=subprocess.DEVNULL, cwd=scratch)

    def convert(name, *settings):
        converter = tf.lite.TFLiteConverter.from_saved_model(str(saved))
        for setting in settings:
            setting(converter)
        (folder / f"{network['id']}.{name}.tflite").write_bytes(converter.convert())

    def small(converter):
        converter.optimizations = [tf.lite.Optimize.DEFAULT]

    def whole(converter):
        # Channels last.
        converter.representative_dataset = lambda: ([np.moveaxis(value, 1, -1)] for value in inputs(network))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]

    convert("f32")
    convert("dyn8", small)
    convert("int8", small, whole)


def quantised_onnx(network, file, folder, scratch):
    """onnxruntime-web: 8 bits throughout."""
    whole = scratch / "whole.onnx"
    onnx.save(onnx.load(file), whole)
    name = onnx.load(file, load_external_data=False).graph.input[0].name
    quantize_static(
        whole,
        folder / f"{network['id']}.int8.onnx",
        Reader(name, inputs(network)),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        # Two products of 8 bits are summed in 16 where there is no dot product of 8 bits.
        reduce_range=True,
    )


def main():
    export, folder, *networks = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    for file in sorted(Path(export).glob("*.onnx")):
        if networks and file.stem not in networks:
            continue
        network = json.loads(file.with_suffix(".json").read_text())
        for make in (tflite, quantised_onnx):
            with tempfile.TemporaryDirectory() as scratch:
                make(network, file, Path(folder), Path(scratch))
        print(f"{network['name']}: written")


main()
