"""Good fit, underfit, overfit? Rules on two series of losses, with limits that have names."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np

from ..numbers import number
from ..options import complain


@dataclass(frozen=True)
class Limits:
    """What the verdict rests on; shares of the first training loss unless it says otherwise.

    Attributes
    ----------
    epochs : of fewer nothing is said
    diverged : a training loss that ends above so many times the first one
    rise : overfit, where the validation loss ends by more above its lowest, as a share of that
    gap : overfit, where it ends by more above the training loss
    falling : still improving, where it fell by more in the last fifth of the epochs, as a share of
        what it was there
    left : underfit, where more of the first training loss is left
    small : a rise or fall of less, as a share of the first training loss, counts as none
    """

    epochs: float = 5
    diverged: float = 1.2
    rise: float = 0.1
    gap: float = 0.1
    falling: float = 0.05
    left: float = 0.5
    small: float = 0.005

    def words(self) -> list[str]:
        """The limits as lines of text."""
        part = {name: f"{number(100 * value)} %" for name, value in asdict(self).items()}
        return [
            f"limits: at least {number(self.epochs)} epochs; diverged above {part['diverged']} of "
            f"the first loss; underfit with more than {part['left']} of it left;",
            f"overfit after a rise of {part['rise']} or with a gap of {part['gap']}; still "
            f"improving if falling by {part['falling']}; a change below {part['small']} counts "
            "as none",
        ]


@dataclass(frozen=True)
class Verdict:
    """What two series of losses say.

    Attributes
    ----------
    word : "good fit", "overfit", "underfit", "still improving", "diverged", "too short", or
        "trained", which is a good fit that no validation loss confirms
    reason : str, the numbers behind it
    lowest : int or None, the index of the lowest validation loss
    turned : bool, whether that loss has risen from there by more than the limit
    measures : dict of str to float, compared with the limits of the same names
    """

    word: str
    reason: str
    lowest: int | None
    turned: bool
    measures: dict


def limits_of(given: dict | None) -> Limits:
    known = {f.name for f in fields(Limits)}
    for name, value in (given or {}).items():
        if name not in known:
            raise complain("learning_curves", f"no limit is called {name!r}", name,
                           " or ".join(sorted(known)), "limits={'gap': 0.2}")  # fmt: skip
        if not isinstance(value, int | float) or not 0 < value < math.inf:
            raise complain("learning_curves", f"the limit {name} is no positive number",
                           repr(value), "a positive number", f"limits={{{name!r}: 0.2}}"
    )  # fmt: skip
    return Limits(**(given or {}))


def verdict(
    train: Sequence[float],
    validation: Sequence[float] | None = None,
    limits: Limits | None = None,
    baseline: float | None = None,
    floor: float = 0.0,
) -> Verdict:
    r"""What the losses of training and validation say about a fit.

    With s the baseline less the floor, and every loss at the end the median of the last tenth of
    the epochs, the first rule that holds is the verdict:

    1. diverged: a loss ends in NaN or infinity, or the training loss above 1.2 s.
    2. too short: fewer than 5 epochs.
    3. overfit: the validation loss ends 10 % above its lowest; or it ends 0.1 s above the training
       loss and does not fall any more.
    4. still improving: in the last fifth it fell by more than 5 %.
    5. underfit: more than 0.5 s of the training loss is left.
    6. good fit; without validation losses, "trained".

    A rise or a fall of less than 0.005 s counts as none.

    Parameters
    ----------
    train, validation : sequences of the same length
        None, and NaN or infinity that numbers follow, count as not measured.
    limits : Limits, optional
    baseline : float, optional
        The loss of a model that learned nothing; else the first training loss.
    floor : float
        The lowest loss possible.

    Returns
    -------
    Verdict

    Raises
    ------
    ArgumentError
        No training losses, or a baseline that is not above the floor.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), Deep learning, sections 5.2 and 7.8; Prechelt (1998),
    Early stopping - but when?

    Examples
    --------
    >>> verdict([1.0, 0.5, 0.3, 0.2, 0.1, 0.05], [1.1, 0.7, 0.6, 0.62, 0.7, 0.9]).word
    'overfit'
    """
    t, at_t = measured(train)
    v, at_v = measured([] if validation is None else validation)
    if not t.size:
        raise complain("learning_curves", "no training losses", "none", "a number for each epoch",
                       "history={'loss': [1.0, 0.5], 'val_loss': [1.1, 0.8]}")  # fmt: skip
    m = limits or Limits()
    for name, losses, at in (("training", t, at_t), ("validation", v, at_v)):
        if losses.size and not math.isfinite(losses[-1]):
            first = int(at[len(losses) - ending(losses)]) + 1
            reason = f"the {name} loss is {number(losses[-1])} from epoch {first} on"
            return Verdict("diverged", reason, None, False, {})
    size = (float(t[0]) if baseline is None else float(baseline)) - float(floor)
    if not 0 < size < math.inf:
        known = np.concatenate([[size + floor], t, v])
        below = math.floor(known[np.isfinite(known)].min()) - 1
        raise complain("learning_curves", "the baseline is not above the floor",
                       f"baseline {number(size + floor)}, floor {number(floor)}",
                       "a floor below every loss", f"floor={below}")  # fmt: skip
    t, v, at_v = t[np.isfinite(t)], v[np.isfinite(v)], at_v[np.isfinite(v)]
    end = last(t)
    found = {
        "epochs": float(len(t)),
        "diverged": (end - floor) / size,
        "left": (end - floor) / size,
    }
    low = int(v.argmin()) if v.size else None
    lowest = None if low is None else int(at_v[low])
    series = v if v.size >= m.epochs else t
    found["falling"], fell = fall(series, floor)
    found["falling"] *= fell / size > m.small
    if v.size:
        final = last(v)
        found["gap"] = (final - end) / size
        least = float(smooth(v).min())
        found["rise"] = (final - least) / max(least - floor, 1e-12 * size)
        found["rise"] *= (final - least) / size > m.small
    return judged(found, m, lowest, bool(v.size), series is v)


def judged(
    found: dict, m: Limits, lowest: int | None, checked: bool, by_validation: bool
) -> Verdict:
    def per_cent(x: float) -> str:
        return f"{number(round(100 * x, 1))} %"

    turned = found.get("rise", 0.0) > m.rise
    falling = found["falling"] > m.falling

    def made(word: str, reason: str) -> Verdict:
        return Verdict(word, reason, lowest, turned, found)

    if found["diverged"] > m.diverged:
        return made("diverged", f"the training loss ends at {per_cent(found['diverged'])} of the "
                    f"first (limit {per_cent(m.diverged)})")  # fmt: skip
    if found["epochs"] < m.epochs:
        many = f"{number(found['epochs'])} epoch{'s' * (found['epochs'] != 1)}"
        return made("too short", f"{many}; a verdict takes {number(m.epochs)}")
    if turned:
        return made("overfit", f"the validation loss ends {per_cent(found['rise'])} above its "
                    f"lowest (limit {per_cent(m.rise)})")  # fmt: skip
    if found.get("gap", 0.0) > m.gap and not falling:
        return made("overfit", f"validation ends above training by {per_cent(found['gap'])} of the "
                    f"first loss (limit {per_cent(m.gap)})")  # fmt: skip
    if falling:
        which = "validation" if by_validation else "training"
        return made("still improving", f"the {which} loss fell by {per_cent(found['falling'])} "
                    f"in the last fifth (limit {per_cent(m.falling)}): train longer")  # fmt: skip
    if found["left"] > m.left:
        return made("underfit", f"{per_cent(found['left'])} of the first training loss is left "
                    f"(limit {per_cent(m.left)}), and it falls no more")  # fmt: skip
    if not checked:
        return made("trained", f"{per_cent(found['left'])} of the first loss is left; without a "
                    "validation loss no one knows how well it generalises")  # fmt: skip
    return made("good fit", f"{per_cent(found['left'])} of the first training loss is left, the "
                f"gap is {per_cent(found['gap'])} of it (limit {per_cent(m.gap)})")  # fmt: skip


def measured(values: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """(the losses, at which epochs); None, and a gap of NaN that closes again, is left out."""
    numbers = np.array([math.nan if x is None else float(x) for x in values])
    known = np.array([x is not None for x in values], bool)
    at = np.flatnonzero(known)
    losses = numbers[at]
    finite = np.flatnonzero(np.isfinite(losses))
    inner = np.arange(len(losses)) < (finite[-1] if finite.size else -1)
    keep = np.isfinite(losses) | ~inner
    return losses[keep], at[keep]


def ending(losses: np.ndarray) -> int:
    """How many losses at the end are not finite."""
    finite = np.flatnonzero(np.isfinite(losses))
    return len(losses) - (int(finite[-1]) + 1 if finite.size else 0)


def last(losses: np.ndarray) -> float:
    """The median of the last tenth, one epoch at least: a single noisy epoch decides nothing."""
    return float(np.median(losses[-max(len(losses) // 10, 1) :]))


def smooth(losses: np.ndarray) -> np.ndarray:
    """Medians over a tenth of the epochs, as of the end."""
    width = max(len(losses) // 10, 1)
    return np.array([np.median(losses[k : k + width]) for k in range(len(losses) - width + 1)])


def fall(losses: np.ndarray, floor: float) -> tuple[float, float]:
    """By what share the loss over the floor fell in the last fifth, and by how much."""
    fifth = max(len(losses) // 5, 1)
    if len(losses) <= fifth:
        return 0.0, 0.0
    before = last(losses[: len(losses) - fifth])
    fell = before - last(losses)
    return fell / max(before - floor, 1e-300), fell
