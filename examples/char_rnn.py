"""A recurrent network reads Python's language reference, character by character, and writes on.

    python examples/char_rnn.py                         a GRU of 128 units, 6 epochs
    python examples/char_rnn.py --cell lstm --epochs 8

The text is what `help("topics")` shows: it comes with every Python, in the module pydoc_data, and
differs a little from one version to the next. Every tenth paragraph is held out. How well a model
foresees these is measured in bits per character: the mean of -log2 of the probability that it gave
to the character that came. Beside the network stand tables of counts, as in Shannon (1948), "A
mathematical theory of communication", section 3: what followed the last one or two characters,
where 1, or 0.01, is added to each count, since what never was may come.

The network trains on many places of the text at once. From each it reads on window by window, its
state carried over and the gradient cut: backpropagation through time, truncated. Into the folder
`out` goes char_rnn.csv, the learning curve.
"""

import argparse
import csv
import math
from collections import Counter
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
from tqdm import tqdm

import graddl as gd

SIZE, HELD_OUT = 300_000, 10  # characters in all; each tenth paragraph is held out
HIDDEN, PLACES, WINDOW, LR, MAX_NORM = 128, 32, 50, 0.005, 1.0


def load_text(size=SIZE):
    """Training text and held-out text: paragraphs of the language reference, each of them once."""
    pages = "\n\n".join(topics[name] for name in sorted(topics))
    pages = pages.encode("ascii", "ignore").decode()
    paragraphs = list(dict.fromkeys(pages.split("\n\n")))  # some stand in several topics
    while sum(map(len, paragraphs)) > size:
        paragraphs.pop()
    held = paragraphs[HELD_OUT - 1 :: HELD_OUT]
    del paragraphs[HELD_OUT - 1 :: HELD_OUT]
    return "\n\n".join(paragraphs), "\n\n".join(held)


def bits_by_counts(text, held, order, added):
    r"""Bits per character of the held-out text, foreseen by what followed the order - 1 before it.

    .. math:: p(c \mid w) = \frac{n_{wc} + a}{n_w + a V}
    """
    grams = [text[i : i + order] for i in range(len(text) - order + 1)]
    counts, starts = Counter(grams), Counter(gram[:-1] for gram in grams)
    unseen = added * len(set(text + held))
    grams = [held[i : i + order] for i in range(len(held) - order + 1)]
    chances = ((counts[gram] + added) / (starts[gram[:-1]] + unseen) for gram in grams)
    return -sum(map(math.log2, chances)) / len(grams)


def streams(tokens):
    """The tokens in `PLACES` rows, to be read side by side, and for each the one that follows."""
    n = (len(tokens) - 1) // PLACES
    x, y = tokens[: n * PLACES], tokens[1 : n * PLACES + 1]
    return x.reshape(PLACES, n), y.reshape(PLACES, n)


def bits(logits, target):
    """The mean bits per character, a Tensor: the loss."""
    nats = gd.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), target.reshape(-1))
    return nats / math.log(2)


def train(tokens, held, letters, cell, epochs, seed):
    """Train one model.

    Returns
    -------
    model : CharRNN
    history : list of dict
        For each epoch the mean bits per character over its windows, and those of held-out text.
    """
    model = gd.models.CharRNN(letters, hidden_size=HIDDEN, cell=cell, generator=gd.Generator(seed))
    optimizer = gd.optim.Adam(model.parameters(), lr=LR)
    (x, y), (x_held, y_held) = streams(tokens), streams(held)
    updates = epochs * math.ceil(x.shape[1] / WINDOW)
    rates = gd.optim.LinearLR(optimizer, 1.0, 0.0, updates)
    history = []
    for epoch in range(1, epochs + 1):
        bptt, losses = gd.BPTT(model, WINDOW, axis=1), []
        title = f"{cell}, epoch {epoch}"
        for loss in tqdm(bptt.losses(x, y, bits), title, unit="window", disable=None):
            optimizer.zero_grad()
            loss.backward()
            gd.optim.clip_grad_norm_(model.parameters(), MAX_NORM)
            optimizer.step()
            rates.step()
            losses.append(loss.item())
        with gd.no_grad():
            foreseen = bits(model(x_held)[0], y_held).item()
        history.append({"epoch": epoch, "train": float(np.mean(losses)), "held_out": foreseen})
        tqdm.write(
            f"{title}  bits per character: training {history[-1]['train']:.3f}  "
            f"held out {foreseen:.3f}"
        )
    return model, history


def main(arguments=None):
    """Count, train, report, write; returns bits per held-out character, by the model's name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cell", choices=("rnn", "gru", "lstm"), default="gru")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--size", type=int, default=SIZE, help="characters of text in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for files")
    options = parser.parse_args(arguments)

    text, held = load_text(options.size)
    letters = sorted(set(text + held))
    print(f"{len(text)} characters to train on, {len(held)} held out, {len(letters)} letters")
    results = {
        f"{name}, {added} added": bits_by_counts(text, held, order, added)
        for name, order in (("bigrams", 2), ("trigrams", 3))
        for added in (1, 0.01)
    }
    index = {letter: i for i, letter in enumerate(letters)}
    tokens, held_tokens = (np.array([index[c] for c in part]) for part in (text, held))
    model, history = train(
        tokens, held_tokens, len(letters), options.cell, options.epochs, options.seed
    )
    results[options.cell] = history[-1]["held_out"]

    print("\nbits per held-out character")
    for name, value in results.items():
        print(f"  {name:20}  {value:.3f}")
    prompt = "The value"
    made = model.generate([index[c] for c in prompt], 400, 0.7, gd.Generator(options.seed))
    print("it writes, at temperature 0.7:\n")
    print(prompt + "".join(letters[i] for i in made))

    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "char_rnn.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, history[0])
        writer.writeheader()
        writer.writerows(history)
    return results


if __name__ == "__main__":
    main()
