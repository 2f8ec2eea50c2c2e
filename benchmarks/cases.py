"""What is measured, and the bars that the results are held against."""

from __future__ import annotations

from dataclasses import dataclass

OURS = "glassgrad"


@dataclass(frozen=True)
class Case:
    """One program of one size, run by several engines in turn."""

    name: str
    title: str
    program: str
    size: int
    engines: tuple[str, ...]
    nodes: int = 0
    """How many nodes the program records, where the time for one of them is of interest."""


@dataclass(frozen=True)
class Bar:
    """A ratio of two measurements, ours over another, and the most it may be; or ours alone, in seconds."""

    title: str
    over: tuple[str, str]
    """Case and engine of the numerator."""
    under: tuple[str, str] | None
    limit: float
    quantity: str = "time"
    """``time``, ``time per node`` or ``memory``."""
    inverse: bool = False
    """Whether to say how many times faster rather than what fraction of the time."""


CHAIN_ENGINES = (OURS, "torch", "autograd", "mygrad")
NETWORK_ENGINES = (OURS, "torch")
FUNCTION_ENGINES = (OURS, "autograd")

CASES = (
    *(
        Case(f"mixed-{size}", f"100 mixed operations on {size:,} elements", "mixed", size, CHAIN_ENGINES)
        for size in (10, 1_000, 1_000_000)
    ),
    *(
        Case(f"cheap-{size}", f"100 cheap operations on {size:,} elements", "cheap", size, CHAIN_ENGINES)
        for size in (10, 1_000_000)
    ),
    Case("function-1", "value and gradient of tanh from exp, of one number", "function", 1, FUNCTION_ENGINES),
    Case("function-50", "the same of logistic regression, 50 rows, 5 weights", "function", 50, FUNCTION_ENGINES),
    Case("demo", "micrograd's demo: a training step on 100 points", "demo", 100, (OURS, "micrograd")),
    *(
        Case(f"scalars-{size}", f"chain of {size:,} scalar nodes", "scalars", size, (OURS, "torch"), nodes=size)
        for size in (1_000, 10_000, 100_000, 1_000_000)
    ),
    *(
        Case(f"mlp-{batch}", f"MLP 784-256-128-10, Adam, batch {batch:,}", "mlp", batch, NETWORK_ENGINES)
        for batch in (32, 128, 1_024)
    ),
    Case("cnn", "CNN, 3x3 windows 3-32-64, batch 64 x 3 x 32 x 32", "cnn", 64, NETWORK_ENGINES),
    Case("lstm", "LSTM, 64 steps, batch 32, 128 features", "lstm", 32, NETWORK_ENGINES),
    Case("encoder", "Transformer encoder layer, 8 x 128 x 256, 4 heads", "encoder", 8, NETWORK_ENGINES),
    Case("draw-1000", "drawing a recorded graph of 1,000 nodes", "draw", 1_000, (OURS,)),
    Case("draw-10000", "drawing a recorded graph of 10,000 nodes", "draw", 10_000, (OURS,)),
    Case("fold-10000", "drawing 10,000 nodes, scopes folded", "fold", 10_000, (OURS,)),
    Case("draw-chain", "drawing a chain of 1,000,000 nodes, folded", "chain", 1_000_000, (OURS,)),
    Case("draw-explain", "explaining 10,000 nodes", "explain", 10_000, (OURS,)),
    Case("draw-step", "a page to step through 1,000 nodes", "step", 1_000, (OURS,)),
)

BARS = (
    Bar("10 elements, against PyTorch", ("mixed-10", OURS), ("mixed-10", "torch"), 0.6),
    Bar("10 elements, against autograd", ("mixed-10", OURS), ("mixed-10", "autograd"), 0.25),
    Bar("10 elements, against mygrad", ("mixed-10", OURS), ("mixed-10", "mygrad"), 0.25),
    *(
        Bar(f"value and gradient of {what}, against autograd", (name, OURS), (name, "autograd"), 0.4)
        for name, what in (("function-1", "one number"), ("function-50", "logistic regression"))
    ),
    Bar(
        "1,000,000 elements, against PyTorch on 2 threads",
        ("mixed-1000000", OURS),
        ("mixed-1000000", "torch"),
        1.1,
    ),
    Bar("demo step, against micrograd", ("demo", OURS), ("demo", "micrograd"), 1 / 15, inverse=True),
    Bar(
        "a node of 1,000,000, against one of 1,000",
        ("scalars-1000000", OURS),
        ("scalars-1000", OURS),
        1.4,
        "time per node",
    ),
    Bar(
        "memory at 1,000,000 nodes, against PyTorch",
        ("scalars-1000000", OURS),
        ("scalars-1000000", "torch"),
        0.6,
        "memory",
    ),
    *(
        Bar(
            f"training step of the MLP, batch {batch:,}, against PyTorch",
            (f"mlp-{batch}", OURS),
            (f"mlp-{batch}", "torch"),
            1.0,
        )
        for batch in (32, 128, 1_024)
    ),
    Bar("training step of the CNN, against PyTorch", ("cnn", OURS), ("cnn", "torch"), 3.0),
    Bar("training step of the LSTM, against PyTorch", ("lstm", OURS), ("lstm", "torch"), 3.0),
    Bar("training step of the encoder layer, against PyTorch", ("encoder", OURS), ("encoder", "torch"), 1.5),
    Bar("drawing 1,000 nodes, seconds", ("draw-1000", OURS), None, 3.0),
    Bar("drawing 10,000 nodes, scopes folded, seconds", ("fold-10000", OURS), None, 3.0),
    Bar("drawing a chain of 1,000,000 nodes, seconds", ("draw-chain", OURS), None, 15.0),
)

#: Nothing that takes long: shows that every program runs and gives the same results in every engine.
QUICK_CASES = (
    Case("mixed-10", "100 mixed operations on 10 elements", "mixed", 10, CHAIN_ENGINES),
    Case("cheap-1000", "100 cheap operations on 1,000 elements", "cheap", 1_000, CHAIN_ENGINES),
    Case("function-1", "value and gradient of tanh from exp, of one number", "function", 1, FUNCTION_ENGINES),
    Case("function-50", "the same of logistic regression, 50 rows, 5 weights", "function", 50, FUNCTION_ENGINES),
    Case("demo", "micrograd's demo: a training step on 10 points", "demo", 10, (OURS, "micrograd")),
    Case("scalars-1000", "chain of 1,000 scalar nodes", "scalars", 1_000, (OURS, "torch"), nodes=1_000),
    *(
        Case(f"{program}-2", f"training step: {program}, batch 2", program, 2, NETWORK_ENGINES)
        for program in ("mlp", "cnn", "lstm", "encoder")
    ),
    *(Case(f"{program}-300", f"{program}ing 300 nodes", program, 300, (OURS,)) for program in ("draw", "fold")),
    *(
        Case(f"draw-{program}", f"{program}: 300 nodes", program, 300, (OURS,))
        for program in ("chain", "explain", "step")
    ),
)
