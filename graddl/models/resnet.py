"""Residual network for small images: blocks that learn what to add."""

from .. import nn
from ..errors import ArgumentError
from ._images import checked_images


class BasicBlock(nn.Module):
    r"""Two convolutions whose output is added to what came in.

    .. math:: y = \mathrm{relu}(F(x) + S(x))

    F is 3 x 3 convolution, batch norm, ReLU, 3 x 3 convolution, batch norm. S is x itself or, where
    shapes differ, a 1 x 1 convolution and batch norm.

    Parameters
    ----------
    in_channels, out_channels : int
    stride : int, default 1
        Of the first convolution: 2 halves height and width.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    residual : Sequential
        F.
    shortcut : Identity or Sequential
        S.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", 2015,
    equations 1 and 2, arXiv:1512.03385.

    Examples
    --------
    >>> import graddl as gd
    >>> block = gd.models.BasicBlock(4, 8, stride=2)
    >>> block(gd.randn(2, 4, 6, 6)).shape
    (2, 8, 3, 3)
    """

    shortcut: nn.Module

    def __init__(self, in_channels, out_channels, stride=1, *, generator=None):
        made = {"bias": False, "generator": generator}  # the norm behind it has a bias
        self.residual = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, **made),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, **made),
            nn.BatchNorm2d(out_channels),
        )
        if stride == 1 and in_channels == out_channels:
            self.shortcut = nn.Identity()
        else:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, **made),
                nn.BatchNorm2d(out_channels),
            )
        self.relu = nn.ReLU()

    def forward(self, x):
        """Map x (B, in_channels, H, W) to y (B, out_channels, ceil(H / stride), ...)."""
        return self.relu(self.residual(x) + self.shortcut(x))


class ResNet(nn.Module):
    """A residual network in the form that its paper has for images of 32 x 32.

    A 3 x 3 convolution, a stage of `blocks` blocks for each width, each stage but the first at half
    the resolution of the one before, the mean of each channel, and a linear layer.

    Parameters
    ----------
    num_classes : int, default 10
    in_channels : int, default 3
        C.
    widths : sequence of int, default (16, 32, 64)
        Channels of each stage.
    blocks : int, default 1
        In each stage. With three stages there are 6 blocks + 2 layers with weights on the way: 8,
        or 20 with blocks=3.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    stem : Sequential
        Convolution, norm and ReLU.
    stages : Sequential of Sequential of BasicBlock
    pool : GlobalAvgPool2d
    head : Linear

    Raises
    ------
    ArgumentError
        If there is no width or no block, or a size is below 1.
    ShapeError
        On a call whose x is no batch of images with `in_channels` channels.
    DTypeError
        On a call whose x is not floating.

    Notes
    -----
    Where shapes differ, the paper's networks for small images pad with zeros in place of the
    1 x 1 convolution, its "option A"; this is "option B".

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", 2015,
    section 4.2, arXiv:1512.03385.

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.models.ResNet(widths=(4, 8))
    >>> model(gd.randn(2, 3, 16, 16)).shape
    (2, 10)
    """

    def __init__(
        self, num_classes=10, in_channels=3, widths=(16, 32, 64), blocks=1, *, generator=None
    ):
        widths = tuple(widths)
        if not widths or blocks < 1:
            raise ArgumentError(
                "a residual network has a stage for each width, of one block or more",
                op="ResNet",
                got={"widths": widths, "blocks": blocks},
                expected="a width or more, blocks of 1 or more",
                fix="ResNet(widths=(16, 32, 64), blocks=1)",
            )
        self.in_channels = in_channels
        self.stem = nn.Sequential(
            nn.Conv2d(in_channels, widths[0], 3, padding=1, bias=False, generator=generator),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(),
        )
        self.stages = nn.Sequential()
        channels = widths[0]
        for k, width in enumerate(widths):
            stage = nn.Sequential(BasicBlock(channels, width, 2 if k else 1, generator=generator))
            for _ in range(blocks - 1):
                stage.append(BasicBlock(width, width, generator=generator))
            self.stages.append(stage)
            channels = width
        self.pool = nn.GlobalAvgPool2d()
        self.head = nn.Linear(channels, num_classes, generator=generator)

    def forward(self, x):
        """Map images x of shape (B, in_channels, H, W) to logits of shape (B, num_classes)."""
        x = self.stem(checked_images(self, x, self.in_channels))
        return self.head(self.pool(self.stages(x)))
