"""Answers of PyTorch for convolution, its transpose, pooling and upsampling layers."""

import math

# class, arguments, options, shape of the input
CONV = [
    ("Conv1d", [2, 3, 3], {}, [2, 2, 7]),
    ("Conv1d", [4, 6, 2], {"stride": 2, "padding": 1, "groups": 2, "bias": False}, [3, 4, 6]),
    ("Conv1d", [2, 3, 3], {"dilation": 2, "padding": 3}, [2, 8]),
    ("Conv1d", [3, 3, 4], {"padding": "same"}, [2, 3, 5]),
    ("Conv1d", [1, 2, 5], {"padding": "valid", "stride": 3}, [1, 1, 9]),
    ("Conv2d", [1, 6, 5], {}, [2, 1, 8, 9]),
    ("Conv2d", [3, 4, 3], {"padding": 1}, [2, 3, 5, 4]),
    ("Conv2d", [3, 4, [3, 2]], {"stride": [2, 1], "padding": [0, 1]}, [2, 3, 6, 5]),
    ("Conv2d", [4, 4, 3], {"groups": 4, "padding": 1, "bias": False}, [2, 4, 4, 4]),
    ("Conv2d", [4, 6, 3], {"groups": 2, "stride": 2, "padding": 2}, [2, 4, 5, 6]),
    ("Conv2d", [2, 3, 3], {"dilation": [2, 1], "padding": [2, 0]}, [1, 2, 5, 6]),
    ("Conv2d", [2, 3, [2, 3]], {"padding": "same"}, [2, 2, 4, 5]),
    ("Conv2d", [2, 3, 4], {"padding": "same", "dilation": 2}, [1, 2, 7, 8]),
    ("Conv2d", [2, 3, 1], {}, [2, 2, 3, 3]),
    ("Conv2d", [2, 3, 1], {"stride": 2}, [2, 5, 4]),
    ("Conv2d", [2, 1, 4], {}, [3, 2, 4, 4]),
    ("Conv2d", [2, 2, 3], {"padding": 5, "stride": 4}, [1, 2, 2, 3]),
    ("ConvTranspose1d", [2, 3, 3], {}, [2, 2, 5]),
    ("ConvTranspose1d", [4, 6, 3], {"stride": 2, "padding": 1, "groups": 2}, [2, 4, 4]),
    ("ConvTranspose1d", [2, 2, 2], {"stride": 3, "output_padding": 2, "bias": False}, [2, 3]),
    ("ConvTranspose1d", [2, 1, 3], {"dilation": 3, "output_padding": 2, "padding": 4}, [1, 2, 6]),
    ("ConvTranspose2d", [3, 2, 2], {"stride": 2}, [2, 3, 3, 4]),
    ("ConvTranspose2d", [2, 3, [3, 4]], {"stride": [2, 1], "padding": [1, 2]}, [2, 2, 3, 4]),
    ("ConvTranspose2d", [4, 4, 3], {"stride": 2, "padding": 1, "output_padding": 1, "groups": 4},
     [1, 4, 3, 2]),
    ("ConvTranspose2d", [2, 3, 2], {"dilation": [1, 2], "padding": 1, "bias": False}, [2, 2, 3, 3]),
    ("ConvTranspose2d", [2, 3, 3], {"stride": 3, "padding": 3, "output_padding": [2, 0]},
     [2, 3, 3]),
]  # fmt: skip
POOL = [
    ("MaxPool1d", [2], {}, [2, 3, 7]),
    ("MaxPool1d", [3], {"stride": 1, "padding": 1}, [2, 3, 5]),
    ("MaxPool1d", [3], {"stride": 2, "dilation": 2, "ceil_mode": True}, [3, 8]),
    ("MaxPool2d", [2], {}, [2, 3, 6, 5]),
    ("MaxPool2d", [3], {"stride": 2, "padding": 1}, [2, 2, 5, 6]),
    ("MaxPool2d", [[2, 3]], {"stride": [1, 2], "padding": [1, 0]}, [2, 2, 4, 5]),
    ("MaxPool2d", [2], {"ceil_mode": True}, [1, 2, 5, 3]),
    ("MaxPool2d", [3], {"stride": 4, "padding": 1, "ceil_mode": True}, [1, 2, 6, 5]),
    ("MaxPool2d", [2], {"dilation": [2, 1], "stride": 1}, [2, 5, 4]),
    ("AvgPool1d", [2], {}, [2, 3, 7]),
    ("AvgPool1d", [3], {"stride": 2, "padding": 1, "count_include_pad": False}, [2, 3, 6]),
    ("AvgPool1d", [4], {"stride": 3, "padding": 2, "ceil_mode": True}, [3, 8]),
    ("AvgPool2d", [2], {}, [2, 3, 6, 5]),
    ("AvgPool2d", [3], {"stride": 2, "padding": 1}, [2, 2, 5, 6]),
    ("AvgPool2d", [3], {"stride": 2, "padding": 1, "count_include_pad": False}, [2, 2, 5, 6]),
    ("AvgPool2d", [[3, 2]], {"stride": 2, "padding": [1, 0], "ceil_mode": True}, [2, 2, 5, 4]),
    ("AvgPool2d", [2], {"ceil_mode": True, "padding": 1, "count_include_pad": False}, [1, 2, 3, 4]),
    ("AvgPool2d", [2], {"divisor_override": 3, "padding": 1}, [2, 3, 4]),
    ("AdaptiveAvgPool1d", [3], {}, [2, 2, 7]),
    ("AdaptiveAvgPool1d", [2], {}, [2, 6]),
    ("AdaptiveAvgPool2d", [1], {}, [2, 3, 4, 5]),
    ("AdaptiveAvgPool2d", [[3, 2]], {}, [2, 2, 5, 7]),
    ("AdaptiveAvgPool2d", [[None, 4]], {}, [2, 3, 3]),
    ("AdaptiveMaxPool1d", [3], {}, [2, 2, 7]),
    ("AdaptiveMaxPool2d", [[3, 2]], {}, [2, 2, 5, 7]),
    ("AdaptiveMaxPool2d", [2], {}, [2, 2, 4, 6]),
    ("Upsample", [], {"scale_factor": 2}, [2, 2, 3]),
    ("Upsample", [[5, 4]], {}, [1, 2, 3, 2]),
    ("Upsample", [], {"scale_factor": [1.5, 0.6]}, [1, 2, 4, 5]),
    ("Upsample", [7], {"mode": "linear"}, [2, 2, 3]),
    ("Upsample", [], {"scale_factor": 2, "mode": "bilinear"}, [2, 2, 3, 4]),
    ("Upsample", [[2, 7]], {"mode": "bilinear"}, [1, 2, 5, 3]),
    ("Upsample", [[4, 7]], {"mode": "bilinear", "align_corners": True}, [1, 2, 3, 3]),
    ("Upsample", [], {"scale_factor": 1.7, "mode": "bilinear"}, [1, 1, 4, 3]),
]
# Each number stands there several times, so that windows have ties.
TIES = [("MaxPool2d", [2], {"stride": 1}), ("MaxPool2d", [3], {"padding": 1})]


def tied(size):
    """Small whole numbers."""
    return [float(i * i % 5) for i in range(size)]


def conv(torch):
    """Outputs and all gradients of each layer, its parameters and inputs being sines."""
    answers = {"layers": [], "ties": []}
    for kind, arguments, options, shape in [*CONV, *POOL]:
        settings = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        given = [tuple(v) if isinstance(v, list) else v for v in arguments]
        layer = getattr(torch.nn, kind)(*given, **settings).double()
        with torch.no_grad():
            for k, p in enumerate(layer.parameters()):
                p.copy_(sines(torch, p.shape, k))
        x = sines(torch, shape, 5).requires_grad_()
        y = layer(x)
        (y * sines(torch, y.shape, 7)).sum().backward()
        answers["layers"].append(
            {
                "class": kind,
                "arguments": arguments,
                "options": options,
                "shape": shape,
                "y": y.tolist(),
                "x.grad": x.grad.tolist(),
                "grad": {name: p.grad.tolist() for name, p in layer.named_parameters()},
            }
        )
    for kind, arguments, options in TIES:
        x = torch.tensor(tied(32), dtype=torch.float64).reshape(1, 2, 4, 4).requires_grad_()
        y = getattr(torch.nn, kind)(*arguments, **options)(x)
        (y * sines(torch, y.shape, 7)).sum().backward()
        answers["ties"].append(
            {
                "class": kind,
                "arguments": arguments,
                "options": options,
                "y": y.tolist(),
                "x.grad": x.grad.tolist(),
            }
        )
    return answers


def sines(torch, shape, seed):
    """sin(i + seed)."""
    values = [math.sin(i + seed) for i in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).reshape(*shape)
