"""How wide text is in Helvetica, and in the fonts like it (Arial, Liberation Sans)."""

# Thousandths of the size, of the characters from the space to the tilde.
PLAIN = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip
# Signs of our pictures. What Helvetica lacks comes from another font: these are on the safe side.
SIGNS = {c: w for chars, w in (
    ("₀₁₂₃₄₅₆₇₈₉ₐₑₒₓ⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", 440), ("·", 380), ("∂", 540), ("×−±÷", 600), ("–", 556),
    ("≤≥√≈≠", 600), ("■", 650), ("…—→←↑↓▲▼⋯", 1000),
) for c in chars}  # fmt: skip
LETTER, SIGN, WIDE = 680, 900, 1050  # accented and Greek, other signs, Chinese and the like


def width(text: str, size: float, bold: bool = False) -> float:
    """Width of a line, in the unit of `size`.

    >>> width("tanh", 10)
    19.46
    """
    table = BOLD if bold else PLAIN
    total = 0
    for char in text:
        code = ord(char)
        if 32 <= code < 127:
            total += table[code - 32]
        else:
            total += SIGNS.get(char) or (
                LETTER if code < 0x2000 else SIGN if code < 0x2E80 else WIDE
            )
    return total * size / 1000
