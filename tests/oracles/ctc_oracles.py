"""PyTorch's answers for connectionist temporal classification; see make_oracles.py."""

import math


def logits(torch, *shape, seed):
    """2 sin(1.7 i + seed): numbers that need no random generator to agree."""
    size = math.prod(shape)
    values = [2 * math.sin(1.7 * i + seed) for i in range(size)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


SHAPES = {
    "padded": {
        "shape": [6, 3, 5],
        "targets": [[1, 2, 2], [4, 3, 0], [3, 0, 0]],
        "input_lengths": [6, 5, 3],
        "target_lengths": [3, 2, 1],
    },
    "one after the other": {
        "shape": [6, 3, 5],
        "targets": [1, 2, 2, 4, 3, 3],
        "input_lengths": [6, 5, 3],
        "target_lengths": [3, 2, 1],
    },
    "another blank, an empty target": {
        "shape": [4, 2, 4],
        "targets": [[0, 1], [2, 2]],
        "input_lengths": [4, 2],
        "target_lengths": [2, 0],
        "blank": 3,
    },
    "one sequence": {
        "shape": [5, 3],
        "targets": [1, 1],
        "input_lengths": [5],
        "target_lengths": [2],
    },
    "too short": {
        "shape": [4, 3, 3],
        "targets": [[1, 1, 1], [1, 2, 1], [2, 2, 1]],
        "input_lengths": [4, 3, 4],
        "target_lengths": [3, 3, 3],
        "zero_infinity": True,
    },
    "just long enough": {
        "shape": [5, 2, 3],
        "targets": [[1, 1, 1], [2, 1, 2]],
        "input_lengths": [5, 3],
        "target_lengths": [3, 3],
    },
    "long": {
        "shape": [40, 2, 6],
        "targets": [[1, 2, 3, 4, 5, 5, 1, 1, 2, 4], [3, 3, 3, 1, 2, 1, 2, 0, 0, 0]],
        "input_lengths": [40, 31],
        "target_lengths": [10, 7],
    },
}


def ctc(torch):
    """Losses and gradients of logits, through log_softmax, in each reduction."""
    answers = []
    for name, case in SHAPES.items():
        for seed, reduction in enumerate(("mean", "sum", "none")):
            x = logits(torch, *case["shape"], seed=float(seed)).requires_grad_()
            loss = torch.nn.CTCLoss(
                case.get("blank", 0), reduction, case.get("zero_infinity", False)
            )(
                x.log_softmax(-1),
                torch.tensor(case["targets"]),
                torch.tensor(case["input_lengths"]),
                torch.tensor(case["target_lengths"]),
            )
            weights = torch.arange(1, loss.numel() + 1, dtype=torch.float64).reshape(loss.shape)
            (loss * weights).sum().backward()
            answers.append(
                {
                    "name": name,
                    "seed": seed,
                    "reduction": reduction,
                    **case,
                    "loss": loss.tolist(),
                    "grad": x.grad.tolist(),
                }
            )
    return answers
