"""What models of images check first: channels before pixels, and how many of each."""

from ..errors import ShapeError
from ..nn.linear import floating


def checked_images(model, x, channels, size=None):
    """x as a floating array of shape (B, channels, H, W); (H, W) is `size`, or any if None."""
    name = type(model).__name__
    x = floating(model, x, name)
    want = (channels, *(size or x.shape[-2:]))
    if x.ndim == 4 and x.shape[1:] == want:
        return x
    pixels = "H, W" if size is None else f"{size[0]}, {size[1]}"
    raise ShapeError(
        f"{name} on {x.shape}",
        op=name,
        got=x.shape,
        expected=f"x (B, {channels}, {pixels})",
        fix=_fix(name, x.shape, want, size),
    )


def _fix(name, shape, want, size):
    """What makes x of `shape` images of `want` (C, H, W), as far as one can tell."""
    if shape == want:
        return "x[None]"
    if len(shape) == 3 and (1, *shape[1:]) == want:
        return "x[:, None]"
    if len(shape) != 4:
        return "x of shape (B, C, H, W)"
    if shape[3] == want[0] and size in (None, shape[1:3]):
        return "gd.moveaxis(x, -1, 1)"
    sizes = f", image_size={shape[2:]}" if size else ""
    return f"{name}(in_channels={shape[1]}{sizes})"
