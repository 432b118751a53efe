"""Not good but bad, not bad but good: the same words in another order, and the opposite meaning.

    python examples/word_order.py               a bag of words, an RNN, a GRU, a transformer
    python examples/word_order.py --epochs 4

Each sentence says of something that it is one thing and not another: "the soup was fresh and not
very cold". Who says so is pleased if the word that is not denied is a good one. Each sentence comes
with its twin, in which the good and the bad word have changed places: the same words, and the other
class. A model that only counts words gives twins one answer, and is right on one of the two: on
half of all sentences, whatever it has learned.

Held out are pairs of a good and a bad word. A model has read both of them, never in one sentence.
Into the folder `out` goes word_order.csv, the learning curves.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from tqdm import tqdm

import graddl as gd

GOOD = "good nice fresh friendly clean warm fast pretty".split()
BAD = "bad awful stale rude dirty cold slow ugly".split()
NOUNS = "soup bread room waiter music view bed coffee".split()
DEGREES = ["", "really ", "very ", "so ", "just a little "]
FORMS = [  # x is denied, y is not
    "the {noun} was not {x} but {y}",
    "the {noun} was {y} and not {x}",
    "they say the {noun} is {y} , not {x}",
    "it was not {x} , the {noun} , it was {y}",
    "{y} , not {x} , is what the {noun} was",
]
TRAINING, HELD_OUT = 2000, 1000  # sentences; half of them are the twins of the others
EMBEDDING, HIDDEN, BATCH, LR = 16, 32, 32, 0.003


def sentences(n, held_out, rng):
    """n sentences, and for each whether it is pleased; 2 i + 1 is the twin of 2 i.

    Of the 64 pairs of a good and a bad word, 16 are held out: two for each word.
    """
    pairs = [(i, j) for i in range(8) for j in range(8) if ((i + j) % 4 == 0) == held_out]
    texts = []
    for _ in range(n // 2):
        good, bad = pairs[rng.integers(len(pairs))]
        form, noun, a, b = (x[rng.integers(len(x))] for x in (FORMS, NOUNS, DEGREES, DEGREES))
        for x, y in ((BAD[bad], GOOD[good]), (GOOD[good], BAD[bad])):
            texts.append(form.format(noun=noun, x=a + x, y=b + y).split())
    return texts, np.tile([1, 0], n // 2)


def encoded(texts, index):
    """The texts as integers of shape (N, longest), with 0 after the end of each."""
    tokens = np.zeros((len(texts), max(map(len, texts))), int)
    for row, words in zip(tokens, texts, strict=True):
        row[: len(words)] = [index[word] for word in words]
    return tokens


class BagOfWords(gd.nn.Module):
    """The mean of the words' vectors, and a linear layer."""

    def __init__(self, words, generator):
        self.embedding = gd.nn.Embedding(words, EMBEDDING, padding_idx=0, generator=generator)
        self.head = gd.nn.Linear(EMBEDDING, 2, generator=generator)

    def forward(self, tokens, mask):
        lengths = (~mask).sum(axis=1, keepdims=True).astype("float32")
        return self.head(self.embedding(tokens).sum(axis=1) / lengths)  # vectors of padding are 0


class Reader(gd.nn.Module):
    """A recurrent layer over the words, and a linear layer on its last state."""

    def __init__(self, kind, words, generator):
        self.embedding = gd.nn.Embedding(words, EMBEDDING, generator=generator)
        self.layer = kind(EMBEDDING, HIDDEN, batch_first=True, generator=generator)
        self.head = gd.nn.Linear(HIDDEN, 2, generator=generator)

    def forward(self, tokens, mask):
        _, last = self.layer(self.embedding(tokens), lengths=(~mask).sum(axis=1))
        return self.head(last[0])


def transformer(words, generator):
    """Attention sees all words at once, and their places by what is added to their vectors."""
    return gd.models.TinyTransformer(
        words, HIDDEN, 4, 2, max_length=32, num_classes=2, generator=generator
    )


MODELS = {
    "bag of words": BagOfWords,
    "RNN": lambda *made: Reader(gd.nn.RNN, *made),
    "GRU": lambda *made: Reader(gd.nn.GRU, *made),
    "transformer": transformer,
}


def logits(model, tokens):
    """What the model says of each sentence, of shape (N, 2)."""
    return model(tokens, tokens == 0)


def accuracy(model, tokens, pleased):
    """The share of sentences whose larger logit is that of the right class."""
    with gd.no_grad():
        return float((logits(model, tokens).numpy().argmax(axis=1) == pleased).mean())


def train(name, data, words, epochs, seed):
    """Train one model.

    Returns
    -------
    model : Module
    history : list of dict
        For each epoch the mean loss, and the accuracy on training and on held-out sentences.
    """
    (tokens, pleased), held = data
    generator = gd.Generator(seed)
    model = MODELS[name](words, generator)
    optimizer = gd.optim.Adam(model.parameters(), lr=LR)
    history = []
    for epoch in tqdm(range(1, epochs + 1), name, unit="epoch", disable=None):
        order = gd.permutation(len(tokens), generator=generator)
        total = 0.0
        for start in range(0, len(tokens), BATCH):
            x, y = tokens[order[start : start + BATCH]], pleased[order[start : start + BATCH]]
            loss = gd.nn.functional.cross_entropy(logits(model, x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        row = {"epoch": epoch, "loss": total / len(tokens)}
        row |= {"training": accuracy(model, tokens, pleased), "held_out": accuracy(model, *held)}
        history.append({"model": name, **row})
    return model, history


def main(arguments=None):
    """Train and report; returns the last held-out accuracy of each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for files")
    options = parser.parse_args(arguments)

    rng = np.random.default_rng(options.seed)
    texts, pleased = sentences(TRAINING, False, rng)
    held, held_pleased = sentences(HELD_OUT, True, rng)
    index = {word: i for i, word in enumerate(sorted({w for t in texts for w in t}), start=1)}
    data = [(encoded(texts, index), pleased), (encoded(held, index), held_pleased)]
    print("twins:", " ".join(texts[0]), "/", " ".join(texts[1]))

    rows, results = [], {}
    for name in MODELS:
        model, history = train(name, data, len(index) + 1, options.epochs, options.seed)
        rows += history
        results[name] = history[-1]["held_out"]
        print(
            f"{name:12}  {model.num_parameters():6} numbers  "
            f"loss {history[-1]['loss']:.4f}  accuracy on training sentences "
            f"{history[-1]['training']:.3f}, held out {results[name]:.3f}"
        )

    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "word_order.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return results


if __name__ == "__main__":
    main()
