"""Schedules: how the step size changes in the course of training."""

from .absolute import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .absolute import LambdaLR as LambdaLR
from .combined import ChainedScheduler as ChainedScheduler
from .combined import SequentialLR as SequentialLR
from .cyclic import CyclicLR as CyclicLR
from .cyclic import OneCycleLR as OneCycleLR
from .factor import ConstantLR as ConstantLR
from .factor import CosineAnnealingLR as CosineAnnealingLR
from .factor import ExponentialLR as ExponentialLR
from .factor import FactorLR as FactorLR
from .factor import LinearLR as LinearLR
from .factor import MultiStepLR as MultiStepLR
from .factor import PolynomialLR as PolynomialLR
from .factor import StepLR as StepLR
from .plateau import ReduceLROnPlateau as ReduceLROnPlateau
from .schedule import LRScheduler as LRScheduler
