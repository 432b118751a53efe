"""Answers of PyTorch for norms, embeddings, attention, encoder layers and bilinear maps."""

import math

CAUSAL = [[column > row for column in range(4)] for row in range(4)]
SLOPE = [[0.25 * (column - row) for column in range(4)] for row in range(4)]
PADDING = [[False, False, False, True], [False, False, True, True], [False] * 4]
SOFT = [[0.0, -1.0, 0.5, 0.0], [0.0, 0.0, -2.0, 0.0], [1.0, 0.0, 0.0, 0.0]]
EACH_HEAD = [
    [[(h * row + column) % 3 == 1 for column in range(4)] for row in range(4)] for h in range(6)
]
SELF, LONG = [[3, 4, 6]], [[3, 2, 6], [3, 4, 6], [3, 4, 6]]
NOT_AVERAGED, WITHOUT = {"average_attn_weights": False}, {"need_weights": False}

CASES = [
    # class, arguments, options, shapes of the inputs, masks and such
    ("BatchNorm1d", [3], {}, [[4, 3]], {}),
    ("BatchNorm1d", [3], {"momentum": 0.3, "eps": 0.01}, [[2, 3, 5]], {}),
    ("BatchNorm1d", [2], {"momentum": None}, [[4, 2]], {}),
    ("BatchNorm1d", [3], {"affine": False}, [[4, 3]], {}),
    ("BatchNorm1d", [3], {"track_running_stats": False}, [[4, 3]], {}),
    ("BatchNorm1d", [1], {}, [[2, 1]], {}),
    ("BatchNorm2d", [3], {}, [[2, 3, 2, 4]], {}),
    ("BatchNorm2d", [2], {"momentum": 1.0}, [[1, 2, 3, 1]], {}),
    ("BatchNorm3d", [2], {}, [[2, 2, 2, 1, 3]], {}),
    ("InstanceNorm1d", [3], {}, [[2, 3, 4]], {}),
    ("InstanceNorm1d", [3], {"affine": True}, [[3, 4]], {}),
    ("InstanceNorm1d", [2], {"affine": True, "track_running_stats": True}, [[3, 2, 4]], {}),
    ("InstanceNorm2d", [2], {"track_running_stats": True, "momentum": 0.5}, [[2, 2, 2, 3]], {}),
    ("InstanceNorm2d", [2], {"track_running_stats": True}, [[2, 2, 3]], {}),
    ("GroupNorm", [2, 4], {}, [[3, 4]], {}),
    ("GroupNorm", [1, 4], {"eps": 0.1}, [[2, 4, 3]], {}),
    ("GroupNorm", [4, 4], {"affine": False}, [[2, 4, 2, 3]], {}),
    ("LayerNorm", [4], {}, [[2, 3, 4]], {}),
    ("LayerNorm", [[3, 4]], {"eps": 0.1}, [[2, 3, 4]], {}),
    ("LayerNorm", [4], {"bias": False}, [[4]], {}),
    ("LayerNorm", [4], {"elementwise_affine": False}, [[2, 4]], {}),
    ("RMSNorm", [4], {}, [[2, 3, 4]], {}),
    ("RMSNorm", [[3, 4]], {"eps": 0.1}, [[2, 3, 4]], {}),
    ("RMSNorm", [4], {"elementwise_affine": False}, [[2, 4]], {}),
    ("Bilinear", [3, 2, 4], {}, [[5, 3], [5, 2]], {}),
    ("Bilinear", [3, 2, 1], {"bias": False}, [[2, 2, 3], [2, 2, 2]], {}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, SELF, {}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, SELF, WITHOUT),
    ("MultiheadAttention", [6, 3], {"batch_first": True, "bias": False}, SELF, NOT_AVERAGED),
    ("MultiheadAttention", [6, 1], {}, [[4, 3, 6]], {}),
    ("MultiheadAttention", [6, 2], {}, [[4, 6]], {}),
    ("MultiheadAttention", [6, 2], {}, [[4, 6]], {"key_padding_mask": PADDING[1], **NOT_AVERAGED}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, SELF, {"attn_mask": CAUSAL}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, SELF, {"attn_mask": CAUSAL, **WITHOUT}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, SELF, {"attn_mask": SLOPE}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, SELF, {"attn_mask": EACH_HEAD}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, SELF, {"key_padding_mask": PADDING}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, SELF, {"key_padding_mask": SOFT}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, SELF,
     {"key_padding_mask": PADDING, "attn_mask": CAUSAL}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, SELF,
     {"key_padding_mask": SOFT, "attn_mask": SLOPE, **WITHOUT}),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, LONG, {"key_padding_mask": PADDING}),
    ("MultiheadAttention", [6, 2], {}, [[2, 3, 6], [4, 3, 6], [4, 3, 6]], {}),
    ("MultiheadAttention", [6, 2], {"kdim": 5, "vdim": 3}, [[2, 1, 6], [4, 1, 5], [4, 1, 3]], {}),
    ("MultiheadAttention", [6, 2], {"kdim": 5, "bias": False}, [[2, 6], [4, 5], [4, 6]], {}),
    ("TransformerEncoderLayer", [6, 2, 5], {"batch_first": True}, SELF, {}),
    ("TransformerEncoderLayer", [6, 2, 5], {"norm_first": True}, [[4, 3, 6]], {}),
    ("TransformerEncoderLayer", [6, 2, 5], {"activation": "gelu", "bias": False}, [[4, 6]], {}),
    ("TransformerEncoderLayer", [6, 3, 5], {"batch_first": True, "layer_norm_eps": 0.1}, SELF,
     {"src_mask": CAUSAL, "src_key_padding_mask": PADDING}),
]  # fmt: skip


def blocks(torch):
    """Outputs, gradients and buffers of each case, of three steps of training and one of eval."""
    answers = []
    for name, arguments, options, shapes, extra in CASES:
        dropout = {"dropout": 0.0} if name == "TransformerEncoderLayer" else {}
        layer = getattr(torch.nn, name)(*arguments, **options, **dropout, dtype=torch.float64)
        with torch.no_grad():
            for k, p in enumerate(layer.parameters()):
                p.copy_(_numbers(torch, p.shape, k))
        given = {
            k: torch.tensor(v, dtype=torch.float64 if _is_soft(v) else None)
            if isinstance(v, list)
            else v
            for k, v in extra.items()
        }
        answer = {
            "class": name,
            "arguments": arguments,
            "options": {**options, **dropout},
            "shapes": shapes,
            "extra": extra,
            "steps": [],
        }
        has_state = any(True for _ in layer.buffers())
        for t in range(4 if has_state else 1):
            layer.train(t < 3)
            xs = [_numbers(torch, s, 3 + t + k).requires_grad_() for k, s in enumerate(shapes)]
            ys = layer(*xs * (3 if name == "MultiheadAttention" and len(xs) == 1 else 1), **given)
            ys = [y for y in (ys if isinstance(ys, tuple) else (ys,)) if y is not None]
            sum((y * _numbers(torch, y.shape, 7)).sum() for y in ys).backward()
            answer["steps"].append(
                {"y": [y.tolist() for y in ys], "x.grad": [x.grad.tolist() for x in xs]}
            )
        answer["grad"] = {k: p.grad.tolist() for k, p in layer.named_parameters()}
        # An instance norm of PyTorch has a counter, and does not count.
        counts = not name.startswith("Instance")
        kept = [k for k, _ in layer.named_buffers() if counts or "running" in k]
        answer["buffers"] = {k: layer.get_buffer(k).tolist() for k in kept}
        answers.append(answer)
    return answers


def _is_soft(mask):
    """Whether a mask is of floating numbers."""
    while isinstance(mask, list):
        mask = mask[0]
    return isinstance(mask, float)


def _numbers(torch, shape, seed):
    """sin(i + seed), as the tests make them."""
    numbers = [math.sin(i + seed) for i in range(math.prod(shape))]
    return torch.tensor(numbers, dtype=torch.float64).reshape(tuple(shape))
