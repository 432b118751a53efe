"""PyTorch's answers for the ready models, composed of its own layers under the same names.

Of the gradient of each parameter only some elements are kept, and its sum weighted by numbers.
"""

import itertools
import math

CAUSAL = [[column > row for column in range(5)] for row in range(5)]
PADDING = [[False] * 5, [False, False, False, True, True]]


def models(torch):
    """Outputs and gradients by model, of a step of training and, with buffers, one of eval."""
    answers = {}
    for name, (model, run, inputs) in _cases(torch).items():
        _fill(torch, model)
        answer = {"steps": []}
        for training in (True, False) if list(model.buffers()) else (True,):
            model.train(training)
            leaves = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
            ys = run(model, *leaves)
            ys = list(ys) if isinstance(ys, tuple) else [ys]
            floating = [y for y in ys if y.is_floating_point()]
            sum((y * _numbers(torch, y.shape, 7)).sum() for y in floating).backward()
            grads = [x.grad.tolist() for x in leaves if x.requires_grad]
            answer["steps"].append({"y": [y.tolist() for y in ys], "x.grad": grads})
        parameters = model.named_parameters()
        answer["grad"] = {key: _some(torch, p.grad) for key, p in parameters if p.grad is not None}
        answer["names"] = list(model.state_dict())
        answers[name] = answer
    return answers


def _cases(torch):
    """Name -> (model, function that runs it on inputs, inputs)."""
    nn = torch.nn
    relu = torch.relu
    images = _numbers(torch, (2, 1, 8, 8), 0.5)
    tokens = torch.arange(10).reshape(2, 5) * 3 % 7
    rows = _numbers(torch, (4, 6), 0.5)

    def chain(*sizes, norm=False, before=(), activation=nn.ReLU):
        layers = list(before)
        for a, b in itertools.pairwise(sizes):
            layers += [nn.Linear(a, b, bias=not norm or b == sizes[-1])]
            layers += [nn.BatchNorm1d(b)] if norm and b != sizes[-1] else []
            layers += [activation()] if b != sizes[-1] else []
        return nn.Sequential(*layers)

    def mlp(*sizes, **options):
        return _holding(nn, layers=chain(*sizes, before=[nn.Flatten()], **options))

    def lenet(first, second, features):
        return _holding(
            nn,
            features=nn.Sequential(
                nn.Conv2d(1, 6, 5, padding=first), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(6, 16, 5, padding=second), nn.ReLU(), nn.MaxPool2d(2),
            ),
            classifier=chain(features, 120, 84, 10, before=[nn.Flatten()]),
        )  # fmt: skip

    def block(a, b, stride):
        first = nn.Conv2d(a, b, 3, stride, padding=1, bias=False)
        second = nn.Conv2d(b, b, 3, padding=1, bias=False)
        parts = {"residual": nn.Sequential(
            first, nn.BatchNorm2d(b), nn.ReLU(), second, nn.BatchNorm2d(b)
        )}  # fmt: skip
        if stride > 1:
            cross = nn.Conv2d(a, b, 1, stride, bias=False)
            parts["shortcut"] = nn.Sequential(cross, nn.BatchNorm2d(b))
        return _holding(nn, **parts)

    def run_resnet(model, x):
        x = model.stem(x)
        for stage in model.stages:
            for part in stage:
                x = relu(part.residual(x) + (part.shortcut(x) if hasattr(part, "shortcut") else x))
        return model.head(x.mean((-2, -1)))

    def seq2seq(attention):
        parts = {
            "source_embedding": nn.Embedding(7, 3),
            "encoder": nn.GRU(3, 4, batch_first=True),
            "target_embedding": nn.Embedding(6, 3),
            "decoder": nn.GRU(3, 4, batch_first=True),
        }
        if attention:
            parts["attention"] = nn.MultiheadAttention(4, 1, batch_first=True)
        return _holding(nn, **parts, head=nn.Linear(8 if attention else 4, 6))

    def write(model, target, state, memory):
        y, state = model.decoder(model.target_embedding(target), state)
        if hasattr(model, "attention"):
            y = torch.cat([y, model.attention(y, memory, memory)[0]], -1)
        return model.head(y), state

    def run_seq2seq(model, source, target):
        memory, state = model.encoder(model.source_embedding(source))
        logits, _ = write(model, target, state, memory)
        token, found = torch.ones(2, 1, dtype=torch.int64), []
        for _ in range(6):
            scores, state = write(model, token, state, memory)
            token = scores.argmax(-1)
            found.append(token)
        return logits, torch.cat(found, 1)

    def run_vae(model, x):
        mean, log_variance = model.encoder.layers(x).chunk(2, -1)
        z = mean + (log_variance / 2).exp() * _numbers(torch, mean.shape, 2)
        logits, normal = model.decoder.layers(z), torch.distributions.Normal
        bits = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = torch.distributions.kl_divergence(
            normal(mean, (log_variance / 2).exp()), normal(0.0, 1.0)
        ).sum(-1)
        return bits / 4 + kl.mean(), kl

    def transformer(outputs):
        layer = nn.TransformerEncoderLayer(8, 2, 32, 0.0, "gelu", batch_first=True, norm_first=True)
        encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(8), enable_nested_tensor=False)
        return _holding(
            nn, embedding=nn.Embedding(7, 8), positions=nn.Embedding(6, 8), encoder=encoder,
            head=nn.Linear(8, outputs),
        )  # fmt: skip

    def run_transformer(model, tokens, mask=None, padding=None):
        x = model.embedding(tokens) + model.positions.weight[:5]
        return model.encoder(x, mask, padding)

    def run_classifier(model, tokens):
        padding = torch.tensor(PADDING)
        y, real = run_transformer(model, tokens, None, padding), ~padding[..., None]
        return model.head((y * real).sum(1) / real.sum(1))

    def run_rnn(model, tokens):
        y, state = model.rnn(model.embedding(tokens))
        more, _ = model.rnn(model.embedding(tokens[:, ::2]), state)
        return model.head(y), model.head(more)

    def layers_of(model, x):
        return model.layers(x)

    cells = {
        f"char_rnn {kind.lower()}": (
            _holding(
                nn, embedding=nn.Embedding(7, 3), head=nn.Linear(4, 7),
                rnn=getattr(nn, kind)(3, 4, 2, batch_first=True),
            ), run_rnn, [tokens],
        )
        for kind in ("LSTM", "GRU", "RNN")
    }  # fmt: skip
    resnet = _holding(
        nn,
        stem=nn.Sequential(nn.Conv2d(3, 2, 3, padding=1, bias=False), nn.BatchNorm2d(2), nn.ReLU()),
        stages=nn.Sequential(
            nn.Sequential(block(2, 2, 1), block(2, 2, 1)),
            nn.Sequential(block(2, 3, 2), block(3, 3, 1)),
        ),
        head=nn.Linear(3, 5),
    )
    rbm = _holding(nn, head=nn.Linear(3, 2))
    rbm.rbm = nn.Module()
    for key, shape in {"weight": (3, 6), "visible_bias": (6,), "hidden_bias": (3,)}.items():
        rbm.rbm.register_parameter(key, nn.Parameter(torch.zeros(shape)))
    return {
        "mlp": (mlp(6, 5, 4, 3, norm=True), layers_of, [rows]),
        "mlp tanh": (mlp(6, 5, 3, activation=nn.Tanh), layers_of, [rows]),
        "lenet 8": (lenet(2, 2, 64), lambda m, x: m.classifier(m.features(x)), [images]),
        "lenet 28": (
            lenet(2, 0, 400),
            lambda m, x: m.classifier(m.features(x)),
            [_numbers(torch, (1, 1, 28, 28), 0.5)],
        ),
        "resnet": (resnet, run_resnet, [_numbers(torch, (2, 3, 5, 6), 0.5)]),
        **cells,
        "seq2seq": (seq2seq(False), run_seq2seq, [tokens, tokens[:, :3] % 6]),
        "seq2seq attention": (seq2seq(True), run_seq2seq, [tokens, tokens[:, :3] % 6]),
        "autoencoder": (
            _holding(nn, encoder=mlp(6, 4, 2), decoder=mlp(2, 4, 6)),
            lambda m, x: torch.sigmoid(m.decoder.layers(m.encoder.layers(x))),
            [rows],
        ),
        "vae": (_holding(nn, encoder=mlp(6, 5, 4), decoder=mlp(2, 5, 6)), run_vae, [rows**2]),
        "rbm_classifier": (
            rbm,
            lambda m, x: m.head(
                torch.sigmoid(nn.functional.linear(x, m.rbm.weight, m.rbm.hidden_bias))
            ),
            [rows],
        ),
        "transformer": (
            transformer(7),
            lambda m, x: m.head(run_transformer(m, x, torch.tensor(CAUSAL))),
            [tokens],
        ),
        "transformer classes": (transformer(3), run_classifier, [tokens]),
    }  # fmt: skip


def _holding(nn, **parts):
    """A module with these parts."""
    model = nn.Module()
    for name, part in parts.items():
        model.add_module(name, part)
    return model


def _fill(torch, model):
    """Give each parameter, in the order of names, numbers of a size that keeps signals alive."""
    model.double()
    with torch.no_grad():
        for k, (_, p) in enumerate(sorted(model.named_parameters())):
            p.copy_(_numbers(torch, p.shape, k + 1) / math.sqrt(math.prod(p.shape[1:])))


def _some(torch, g):
    """About 12 elements of a gradient, and its sum weighted by numbers."""
    few = g.flatten()[:: max(1, g.numel() // 12)]
    return {"some": few.tolist(), "sum": (g * _numbers(torch, g.shape, 5)).sum().item()}


def _numbers(torch, shape, seed):
    """sin(i + seed), as the tests make them."""
    numbers = [math.sin(i + seed) for i in range(math.prod(shape))]
    return torch.tensor(numbers, dtype=torch.float64).reshape(tuple(shape))
