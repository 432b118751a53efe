"""Ready models, made of the layers of `nn`: each is short enough to be read as an example."""

from .autoencoder import Autoencoder as Autoencoder
from .char_rnn import CharRNN as CharRNN
from .lenet import LeNet as LeNet
from .mlp import MLP as MLP
from .rbm_classifier import RBMClassifier as RBMClassifier
from .resnet import BasicBlock as BasicBlock
from .resnet import ResNet as ResNet
from .seq2seq import Seq2Seq as Seq2Seq
from .transformer import TinyTransformer as TinyTransformer
from .vae import VAE as VAE
