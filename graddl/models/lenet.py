"""LeNet: the convolutional network that read digits on cheques."""

from .. import nn
from ..errors import ArgumentError
from ._images import checked_images


class LeNet(nn.Module):
    """Two convolutions with pooling, then three linear layers: LeNet-5 in its shape.

    ============  =====================================  ======================
    layer         what                                   shape for 28 pixels
    ============  =====================================  ======================
    features      6 kernels 5 x 5, ReLU, max pooling     (B, 6, 14, 14)
    ..            16 kernels 5 x 5, ReLU, max pooling    (B, 16, 5, 5)
    classifier    Linear, ReLU                           (B, 120)
    ..            Linear, ReLU                           (B, 84)
    ..            Linear                                 (B, num_classes)
    ============  =====================================  ======================

    The paper has images of 32 pixels. Smaller ones are padded with 2 zeros on each side for the
    first convolution, which makes 32 of 28; those below 20 pixels for both, so that they keep their
    size and digits of 8 x 8 leave 64 features.

    Parameters
    ----------
    num_classes : int, default 10
    in_channels : int, default 1
        C.
    image_size : int or two of them, default 28
        H and W, at least 4.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    features : Sequential
        Up to the last pooling.
    classifier : Sequential
        From Flatten on.

    Raises
    ------
    ArgumentError
        If a size is below 1, or images are smaller than 4 pixels.
    ShapeError
        On a call whose x has other channels or another size.
    DTypeError
        On a call whose x is not floating.

    Notes
    -----
    The paper's network has tanh for ReLU, means with a weight for each channel for max pooling,
    second kernels that see only some of the 6 channels, and distances for outputs.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (1998), section II.B.

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.models.LeNet()
    >>> model(gd.zeros(2, 1, 28, 28)).shape, model.num_parameters()
    ((2, 10), 61706)
    >>> gd.models.LeNet(image_size=8)(gd.zeros(2, 1, 8, 8)).shape
    (2, 10)
    """

    def __init__(self, num_classes=10, in_channels=1, image_size=28, *, generator=None):
        self.in_channels, self.image_size = in_channels, _pair(image_size)
        least = min(self.image_size)
        first, second = (2, 2) if least < 20 else (2, 0) if least < 32 else (0, 0)
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, 6, 5, padding=first, generator=generator),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5, padding=second, generator=generator),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        h, w = (((n + 2 * first - 4) // 2 + 2 * second - 4) // 2 for n in self.image_size)
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(16 * h * w, 120, generator=generator),
            nn.ReLU(),
            nn.Linear(120, 84, generator=generator),
            nn.ReLU(),
            nn.Linear(84, num_classes, generator=generator),
        )

    def forward(self, x):
        """Map images x of shape (B, in_channels, H, W) to logits of shape (B, num_classes)."""
        x = checked_images(self, x, self.in_channels, self.image_size)
        return self.classifier(self.features(x))


def _pair(image_size):
    """(H, W)."""
    size = image_size if hasattr(image_size, "__len__") else (image_size, image_size)
    if len(size) != 2 or min(size) < 4:
        raise ArgumentError(
            "two poolings leave nothing of such an image",
            op="LeNet",
            got=image_size,
            expected="a number or two of them, 4 or more",
            fix="image_size=28",
        )
    return tuple(size)
