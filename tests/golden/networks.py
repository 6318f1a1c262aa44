"""Every network in PyTorch, with weights from a formula: what the scripts that write structure and layer goldens compute with.

VGG, ResNet, EfficientNet-B0 and MobileNetV2 are torchvision's; LeNet-5, AlexNet, GoogLeNet, SqueezeNet and
EfficientNet-Lite are written here from their papers and Caffe's definitions. No code is shared with src/. The formula is
that of `Weights::formula`; tensors and layers are called as in src/networks/.
"""
import math

import torch
import torch.nn.functional as F
import torchvision

MODULUS = 10_007


def fnv1a(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) % 2**32
    return value


def unit(count, salt):
    index = torch.arange(count, dtype=torch.int64)
    return ((7919 * index + salt) % MODULUS).double() / MODULUS * 2 - 1


def formula(name, shape, gain=False):
    count = math.prod(shape)
    inputs = count // shape[0]
    u = unit(count, fnv1a(name))
    if len(shape) > 1:
        u = u * (6 / inputs) ** 0.5
    elif gain or name.endswith(".running_var"):
        u = 1 + u * 0.5
    else:
        u = u * 0.1
    return u.float().reshape(shape)


def network_input(shape, amplitude):
    return (unit(math.prod(shape), 17) * amplitude).float().reshape(1, *shape)


class Layers:
    """Layers as functions that make their own weights. `keep` is told the name of every layer's output."""

    def keep(self, name, x):
        raise NotImplementedError

    def conv(self, name, x, channels, kernel, stride=1, pad=0, groups=1, act=F.relu):
        weight = formula(f"{name}.weight", (channels, x.shape[1] // groups, kernel, kernel))
        bias = formula(f"{name}.bias", (channels,))
        return self.keep(name, act(F.conv2d(x, weight, bias, stride, pad, groups=groups)))

    def linear(self, name, x, outputs, act=lambda x: x):
        x = x.flatten(1)
        weight, bias = formula(f"{name}.weight", (outputs, x.shape[1])), formula(f"{name}.bias", (outputs,))
        return self.keep(name, act(F.linear(x, weight, bias)))

    def same_conv_norm(self, conv, norm, x, channels, kernel, stride=1, depthwise=False, act=F.relu6):
        groups = channels if depthwise else 1
        weight = formula(f"{conv}.weight", (channels, x.shape[1] // groups, kernel, kernel))
        total = max((-(-x.shape[2] // stride) - 1) * stride + kernel - x.shape[2], 0)
        before, after = total // 2, total - total // 2
        x = self.keep(conv, F.conv2d(F.pad(x, (before, after, before, after)), weight, None, stride, groups=groups))
        part = lambda key, gain=False: formula(f"{norm}.{key}", (channels,), gain)
        x = F.batch_norm(x, part("running_mean"), part("running_var"), part("weight", True), part("bias"), eps=1e-3)
        return self.keep(norm, act(x))

    def lrn(self, name, x):
        return self.keep(name, F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0))

    def max_pool(self, name, x, kernel, stride, pad=0, ceil=False):
        return self.keep(name, F.max_pool2d(x, kernel, stride, pad, ceil_mode=ceil))

    def avg_pool(self, name, x, kernel, stride):
        return self.keep(name, F.avg_pool2d(x, kernel, stride))

    def global_avg_pool(self, name, x):
        return self.keep(name, x.mean((2, 3)))


def lenet5(r, x):
    act = lambda x: 1.7159 * torch.tanh(2 / 3 * x)
    x = r.avg_pool("s2", r.conv("c1", x, 6, 5, act=act), 2, 2)
    x = r.avg_pool("s4", r.conv("c3", x, 16, 5, act=act), 2, 2)
    x = r.linear("f6", r.conv("c5", x, 120, 5, act=act), 84, act)
    return {"output": r.linear("output", x, 10)}


def alexnet(r, x):
    x = r.max_pool("pool1", r.lrn("norm1", r.conv("conv1", x, 96, 11, 4)), 3, 2)
    x = r.max_pool("pool2", r.lrn("norm2", r.conv("conv2", x, 256, 5, pad=2, groups=2)), 3, 2)
    x = r.conv("conv3", x, 384, 3, pad=1)
    x = r.conv("conv4", x, 384, 3, pad=1, groups=2)
    x = r.max_pool("pool5", r.conv("conv5", x, 256, 3, pad=1, groups=2), 3, 2)
    x = r.linear("fc7", r.linear("fc6", x, 4096, F.relu), 4096, F.relu)
    return {"fc8": r.linear("fc8", x, 1000)}


# bvlc_googlenet's train_val.prototxt: 1x1, 3x3_reduce, 3x3, 5x5_reduce, 5x5, pool_proj.
INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64), "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet(r, x):
    def inception(stage, x):
        a, b1, b2, c1, c2, d = INCEPTIONS[stage]
        name = lambda layer: f"inception_{stage}/{layer}"
        branches = [
            r.conv(name("1x1"), x, a, 1),
            r.conv(name("3x3"), r.conv(name("3x3_reduce"), x, b1, 1), b2, 3, pad=1),
            r.conv(name("5x5"), r.conv(name("5x5_reduce"), x, c1, 1), c2, 5, pad=2),
            r.conv(name("pool_proj"), r.max_pool(name("pool"), x, 3, 1, 1), d, 1),
        ]
        return r.keep(name("output"), torch.cat(branches, 1))

    def auxiliary(loss, x):
        x = r.conv(f"{loss}/conv", r.avg_pool(f"{loss}/ave_pool", x, 5, 3), 128, 1)
        x = r.linear(f"{loss}/fc", x, 1024, F.relu)
        return r.linear(f"{loss}/classifier", x, 1000)

    x = r.max_pool("pool1/3x3_s2", r.conv("conv1/7x7_s2", x, 64, 7, 2, 3), 3, 2, ceil=True)
    x = r.conv("conv2/3x3_reduce", r.lrn("pool1/norm1", x), 64, 1)
    x = r.lrn("conv2/norm2", r.conv("conv2/3x3", x, 192, 3, pad=1))
    x = inception("3b", inception("3a", r.max_pool("pool2/3x3_s2", x, 3, 2, ceil=True)))
    x = inception("4a", r.max_pool("pool3/3x3_s2", x, 3, 2, ceil=True))
    first = auxiliary("loss1", x)
    x = inception("4d", inception("4c", inception("4b", x)))
    second = auxiliary("loss2", x)
    x = r.max_pool("pool4/3x3_s2", inception("4e", x), 3, 2, ceil=True)
    x = r.avg_pool("pool5/7x7_s1", inception("5b", inception("5a", x)), 7, 1)
    third = r.linear("loss3/classifier", x, 1000)
    return {"loss1/classifier": first, "loss2/classifier": second, "loss3/classifier": third}


# SqueezeNet_v1.1's train_val.prototxt: number of the module, squeeze1x1, and expand1x1 and expand3x3 each.
FIRES = [(2, 16, 64), (3, 16, 64), (4, 32, 128), (5, 32, 128), (6, 48, 192), (7, 48, 192), (8, 64, 256), (9, 64, 256)]
POOLS = {2: "pool1", 4: "pool3", 6: "pool5"}


def squeezenet(r, x):
    x = r.conv("conv1", x, 64, 3, 2)
    for number, squeeze, expand in FIRES:
        name = lambda layer: f"fire{number}/{layer}"
        if number in POOLS:
            x = r.max_pool(POOLS[number], x, 3, 2, ceil=True)
        x = r.conv(name("squeeze1x1"), x, squeeze, 1)
        branches = [r.conv(name("expand1x1"), x, expand, 1), r.conv(name("expand3x3"), x, expand, 3, pad=1)]
        x = r.keep(name("concat"), torch.cat(branches, 1))
    return {"pool10": r.global_avg_pool("pool10", r.conv("conv10", x, 1000, 1))}


# kernel, stride, expansion and, for Lite0, Lite1 and Lite2, repeats and channels of each stage.
LITE_STAGES = [
    (3, 1, 1, (1, 1, 1), (16, 16, 16)), (3, 2, 6, (2, 3, 3), (24, 24, 24)), (5, 2, 6, (2, 3, 3), (40, 40, 48)),
    (3, 2, 6, (3, 4, 4), (80, 80, 88)), (5, 1, 6, (3, 4, 4), (112, 112, 120)), (5, 2, 6, (4, 5, 5), (192, 192, 208)),
    (3, 1, 6, (1, 1, 1), (320, 320, 352)),
]


def lite(size):
    def network(r, x):
        x = r.same_conv_norm("conv_stem", "bn0", x, 32, 3, 2)
        block = 0
        for kernel, first_stride, expand, repeats, channels in LITE_STAGES:
            for repeat in range(repeats[size]):
                stride = first_stride if repeat == 0 else 1
                name = lambda layer: f"blocks.{block}.{layer}"
                before, wide = x, x.shape[1] * expand
                if expand > 1:
                    x = r.same_conv_norm(name("expand_conv"), name("bn0"), x, wide, 1)
                x = r.same_conv_norm(name("depthwise_conv"), name("bn1"), x, wide, kernel, stride, True)
                x = r.same_conv_norm(name("project_conv"), name("bn2"), x, channels[size], 1, act=lambda x: x)
                if stride == 1 and x.shape == before.shape:
                    x = r.keep(name("add"), x + before)
                block += 1
        x = r.same_conv_norm("conv_head", "bn1", x, 1280, 1)
        return {"fc": r.linear("fc", r.global_avg_pool("avg_pool", x), 1000)}

    return network


def vgg_name(model):
    """torchvision numbers all modules; a pooling ends a block."""
    names, block, conv = {"classifier.0": "fc6", "classifier.3": "fc7", "classifier.6": "fc8"}, 1, 1
    for number, module in enumerate(model.features):
        if isinstance(module, torch.nn.Conv2d):
            names[f"features.{number}"] = f"conv{block}_{conv}"
            conv += 1
        elif isinstance(module, torch.nn.MaxPool2d):
            names[f"features.{number}"] = f"pool{block}"
            block, conv = block + 1, 1
    return names


def b0_name(model):
    names = {"features.0.0": "conv_stem", "features.0.1": "bn0", "features.0": "bn0", "features.8.0": "conv_head",
             "features.8.1": "bn1", "features.8": "bn1", "avgpool": "avg_pool", "classifier.1": "fc"}
    block = 0
    for stage in range(1, 8):
        for repeat in range(len(model.features[stage])):
            steps = ["depthwise_conv bn1", "se", "project_conv bn2"]
            if stage > 1:
                steps.insert(0, "expand_conv bn0")
            for number, step in enumerate(steps):
                base = f"features.{stage}.{repeat}.block.{number}"
                if step == "se":
                    names |= {f"{base}.avgpool": f"blocks.{block}.squeeze", f"{base}.fc1": f"blocks.{block}.se_reduce",
                              f"{base}.fc2": f"blocks.{block}.se_expand", base: f"blocks.{block}.excite"}
                else:
                    conv, norm = step.split()
                    norm = f"blocks.{block}.{norm}"
                    names |= {f"{base}.0": f"blocks.{block}.{conv}", f"{base}.1": norm, base: norm}
            if model.features[stage][repeat].use_res_connect:
                names[f"features.{stage}.{repeat}"] = f"blocks.{block}.add"
            block += 1
    return names


def own_names(model):
    """Where the layers are called as torchvision's modules; activation functions are no layers."""
    kinds = (torch.nn.Conv2d, torch.nn.BatchNorm2d, torch.nn.Linear, torch.nn.MaxPool2d, torch.nn.AdaptiveAvgPool2d)
    return {key: key for key, module in model.named_modules() if isinstance(module, kinds)}


def mobilenet_name(model):
    """torchvision pools within `forward`; the first module that sees the result is the dropout."""
    names = own_names(model)
    adds = [number for number, block in enumerate(model.features) if getattr(block, "use_res_connect", False)]
    return names | {f"features.{number}": f"features.{number}.conv.add" for number in adds} | {
        "features.18": "features.18.1", "classifier.0": "avgpool"}


def resnet_name(model):
    """A block's output is its sum."""
    names = own_names(model)
    blocks = [f"layer{stage}.{block}" for stage in range(1, 5) for block in range(len(getattr(model, f"layer{stage}")))]
    return names | {block: f"{block}.add" for block in blocks}


def torchvision_network(build, names, output):
    """`names`: torchvision's module → this project's layer with the same tensors and the same output."""

    def network(r, x):
        model = build(weights=None).eval()
        ours = names(model)
        state = {}
        for key, value in model.state_dict().items():
            module, part = key.rsplit(".", 1)
            if part != "num_batches_tracked":
                gain = part == "weight" and value.dim() == 1
                state[key] = formula(f"{ours[module]}.{part}", tuple(value.shape), gain)
        model.load_state_dict(state, strict=False)
        modules = dict(model.named_modules())
        for module, layer in ours.items():
            modules[module].register_forward_hook(lambda _, __, value, layer=layer: r.keep(layer, value))
        return {output: model(x)}

    return network


def resnet(build):
    return torchvision_network(build, resnet_name, "fc")


def resnet_kept(last):
    return ["maxpool", "layer1.0.add", f"layer4.{last}.add", "layer2.0.downsample.1"]


M = torchvision.models
# network: input's shape, its amplitude, layers to keep, how to compute
NETWORKS = {
    "lenet5": ((1, 32, 32), 1, ["c1", "s2", "c5"], lenet5),
    "alexnet": ((3, 227, 227), 100, ["norm1", "pool1", "conv2", "pool5", "fc6"], alexnet),
    "vgg16": ((3, 224, 224), 2, ["pool1", "pool3"], torchvision_network(M.vgg16, vgg_name, "fc8")),
    "vgg19": ((3, 224, 224), 2, ["pool1"], torchvision_network(M.vgg19, vgg_name, "fc8")),
    "googlenet": ((3, 224, 224), 100, ["pool1/norm1", "pool2/3x3_s2", "inception_3a/5x5", "inception_4a/output", "pool5/7x7_s1"], googlenet),
    "resnet18": ((3, 224, 224), 2, resnet_kept(1), resnet(M.resnet18)),
    "resnet34": ((3, 224, 224), 2, resnet_kept(2), resnet(M.resnet34)),
    "resnet50": ((3, 224, 224), 2, resnet_kept(2), resnet(M.resnet50)),
    "resnet101": ((3, 224, 224), 2, resnet_kept(2), resnet(M.resnet101)),
    "resnet152": ((3, 224, 224), 2, resnet_kept(2), resnet(M.resnet152)),
    "squeezenet1_1": ((3, 227, 227), 100, ["pool1", "pool3", "fire9/concat"], squeezenet),
    "mobilenet_v2": ((3, 224, 224), 2, ["features.3.conv.add", "features.18.1"], torchvision_network(M.mobilenet_v2, mobilenet_name, "classifier.1")),
    "efficientnet_b0": ((3, 224, 224), 2, ["bn0", "blocks.0.excite", "blocks.2.add", "bn1"], torchvision_network(M.efficientnet_b0, b0_name, "fc")),
    "efficientnet_lite0": ((3, 224, 224), 1, ["bn0", "blocks.2.add", "blocks.5.bn1", "bn1"], lite(0)),
    "efficientnet_lite1": ((3, 240, 240), 1, ["bn0", "bn1"], lite(1)),
    "efficientnet_lite2": ((3, 260, 260), 1, ["bn0", "bn1"], lite(2)),
}
