"""Optimizers: how gradients change parameters; clipping of gradients; schedules of rates.

To read in this order: SGD with momentum and Nesterov's, Adagrad, RMSprop, Adadelta, Adam with
AMSGrad and AdamW, Adamax, NAdam, RAdam, Lion, LBFGS.
"""

from . import schedule as schedule
from .adadelta import Adadelta as Adadelta
from .adagrad import Adagrad as Adagrad
from .adam import Adam as Adam
from .adam import AdamW as AdamW
from .adamax import Adamax as Adamax
from .clip import clip_grad_norm_ as clip_grad_norm_
from .clip import clip_grad_value_ as clip_grad_value_
from .lbfgs import LBFGS as LBFGS
from .lion import Lion as Lion
from .nadam import NAdam as NAdam
from .optimizer import Optimizer as Optimizer
from .radam import RAdam as RAdam
from .rmsprop import RMSprop as RMSprop
from .schedule import ChainedScheduler as ChainedScheduler
from .schedule import ConstantLR as ConstantLR
from .schedule import CosineAnnealingLR as CosineAnnealingLR
from .schedule import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .schedule import CyclicLR as CyclicLR
from .schedule import ExponentialLR as ExponentialLR
from .schedule import FactorLR as FactorLR
from .schedule import LambdaLR as LambdaLR
from .schedule import LinearLR as LinearLR
from .schedule import LRScheduler as LRScheduler
from .schedule import MultiStepLR as MultiStepLR
from .schedule import OneCycleLR as OneCycleLR
from .schedule import PolynomialLR as PolynomialLR
from .schedule import ReduceLROnPlateau as ReduceLROnPlateau
from .schedule import SequentialLR as SequentialLR
from .schedule import StepLR as StepLR
from .sgd import SGD as SGD

lr_scheduler = schedule  # PyTorch's name for it
