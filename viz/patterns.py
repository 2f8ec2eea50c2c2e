"""What is known of operations beyond their declarations: what they send back, as a formula and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from viz.traces import Operation

__all__ = ["PRODUCTS", "SYMBOLS", "pattern"]

#: The variables in formulas of operations that are not simply ``x``, or ``x_1, x_2, ...``.
SYMBOLS: Mapping[str, tuple[str, ...]] = {
    "where": ("c", "x_1", "x_2"),
    "linear": ("x", "W", "b"),
    "attention": ("q", "k", "v", "m"),
    "standardize": ("x", "w", "b"),
    "convolution": ("x", "w"),
    "biased_convolution": ("x", "w", "b"),
    "convolution_transpose": ("y", "w"),
    "convolution_weight": ("x", "y"),
    "sum_pool_transpose": ("y",),
    "resample_transpose": ("y",),
    "ctc": ("p",),
    "linear_recurrence": ("a", "b"),
}

#: What a gate that is not elementwise sends back to each input (the last also to those after it), given the gradient g
#: of its output y.
PRODUCTS: Mapping[str, tuple[str, ...]] = {
    "identity": ("g",),
    "intercept": ("g",),
    "astype": ("g",),
    "reshape": (r"\operatorname{reshape}(g)",),
    "transpose": (r"g^\top",),
    "swapaxes": (r"g^\top",),
    "repeat": (r"\sum g",),
    "roll": (r"\operatorname{roll}^{-1}(g)",),
    "broadcast_to": (r"\sum g",),
    "concatenate": (r"\operatorname{part}(g)",),
    "stack": (r"\operatorname{part}(g)",),
    "sum": (r"\operatorname{broadcast}(g)",),
    "mean": (r"\frac{1}{n} \operatorname{broadcast}(g)",),
    "max": (r"[x = y] \odot g",),
    "min": (r"[x = y] \odot g",),
    "logsumexp": (r"g \odot \operatorname{softmax}(x)",),
    "log_softmax": (r"g - e^y \odot \sum_i g_i",),
    "softmax": (r"y \odot (g - \sum_i g_i y_i)",),
    "linear": ("g W", r"g^\top x", r"\sum_{\text{batch}} g"),
    "getitem": (r"\operatorname{scatter}(g)",),
    "scatter_add": ("g[i]",),
    "assemble": ("g[i]",),
    "take_along_axis": (r"\operatorname{scatter}(g)",),
    "add_along_axis": ("g[i]",),
    "sort": (r"\operatorname{unsort}(g)",),
    "prod": (r"g \odot \prod_{j \neq i} x_j",),
    "cumsum": (r"\sum_{j \geq i} g_j",),
    "cumprod": (r"\sum_{j \geq i} g_j \prod_{k \leq j, k \neq i} x_k",),
    "linear_recurrence": ("y_{i-1} z_i", r"z_i = a_{i+1} z_{i+1} + g_i"),
    "var": (r"\frac{2}{n} g \odot (x - \mathrm{E}[x])",),
    "std": (r"\frac{1}{n y} g \odot (x - \mathrm{E}[x])",),
    "convolution": (r"\operatorname{conv}^\top(g, w)", r"\operatorname{conv}(x, g)"),
    "biased_convolution": (
        r"\operatorname{conv}^\top(g, w)",
        r"\operatorname{conv}(x, g)",
        r"\sum_{\text{places}} g",
    ),
    "convolution_transpose": (r"\operatorname{conv}(g, w)", r"\operatorname{conv}(g, y)"),
    "convolution_weight": (r"\operatorname{conv}^\top(y, g)", r"\operatorname{conv}(x, g)"),
    "standardize": (
        r"J^\top g",
        r"\sum g \odot \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \varepsilon}}",
        r"\sum g",
    ),
    "pad": (r"\operatorname{unpad}(g)",),
    "unpad": (r"\operatorname{pad}(g)",),
    "max_pool": (r"\operatorname{route}(g)",),
    "sum_pool": (r"\operatorname{spread}(g)",),
    "sum_pool_transpose": (r"\operatorname{gather}(g)",),
    "resample": (r"\operatorname{resample}^\top(g)",),
    "resample_transpose": (r"\operatorname{resample}(g)",),
    "unfold": (r"\operatorname{fold}(g)",),
    "fold": (r"\operatorname{unfold}(g)",),
}


_PATTERNS: Mapping[str, str] = {
    "add": "add distributes: every input gets the upstream gradient unchanged",
    "subtract": "subtract distributes: the first input gets the upstream gradient, the second its negative",
    "negative": "negative flips the sign of the upstream gradient",
    "multiply": "multiply swaps and scales: each input gets the upstream gradient times the other input",
    "divide": "divide scales: the dividend by 1 / divisor, the divisor by -quotient / divisor",
    "power": "power scales: the exponent comes down as a factor, and is then one less",
    "exp": "exp uses its own output: the upstream gradient is scaled by the value it computed",
    "log": "log scales by one over its input: small inputs get large gradients",
    "sqrt": "sqrt scales by one over twice its own output",
    "sin": "sin scales by the cosine of its input",
    "cos": "cos scales by minus the sine of its input",
    "maximum": "max routes: the larger input gets the whole gradient, the other none",
    "minimum": "min routes: the smaller input gets the whole gradient, the other none",
    "fmax": "fmax routes: the larger input gets the whole gradient, the other, or NaN, none",
    "fmin": "fmin routes: the smaller input gets the whole gradient, the other, or NaN, none",
    "logaddexp": "logaddexp distributes by softmax: each input gets its share of the gradient",
    "logaddexp2": "logaddexp2 distributes by softmax: each input gets its share of the gradient",
    "square": "square scales by twice its input",
    "hypot": "hypot distributes by direction: each input gets the gradient times its part of the length",
    "arctan2": "arctan2 scales by one over the distance from the origin",
    "remainder": "mod passes the gradient to the dividend; the divisor gets it times minus the quotient rounded down",
    "fmod": "fmod passes the gradient to the dividend; the divisor gets it times minus the quotient cut off",
    "real": "the real part passes the gradient on, as a real number",
    "imag": "the imaginary part passes the gradient on, times -i",
    "conjugate": "conjugation undoes itself: the gradient is conjugated",
    "max": "max routes: the largest element gets the gradient, the others none",
    "min": "min routes: the smallest element gets the gradient, the others none",
    "max_pool": "max pooling routes: the largest element of each window gets its gradient",
    "relu": "relu is a gate: the gradient passes where the input is positive, and is stopped elsewhere",
    "leaky_relu": "leaky relu is a gate that leaks: where the input is negative, a small part of the gradient passes",
    "hardtanh": "clip is a gate: the gradient passes inside the limits, and is stopped outside",
    "where": "where is a gate: each gradient goes to the side that was chosen",
    "absolute": "abs passes the gradient with the sign of its input; of a complex number, turned by its angle",
    "tanh": "tanh uses its own output: the gradient is scaled by 1 - tanh², which is small where it saturates",
    "sigmoid": "sigmoid uses its own output: the gradient is scaled by (1 - σ) σ, at most a quarter",
    "identity": "identity passes the gradient on",
    "intercept": "the gradient passes through a function of the user's",
    "astype": "a cast passes the gradient on, in the dtype of its input",
    "sum": "sum copies: every element that was added gets the gradient of the sum",
    "mean": "mean distributes equally: every element gets the gradient divided by their number",
    "broadcast_to": "broadcast sums: what was copied gets the sum over its copies",
    "reshape": "reshape undoes itself: the gradient gets the shape that the input had",
    "transpose": "transpose undoes itself: the axes of the gradient are put back",
    "swapaxes": "transpose undoes itself: the axes of the gradient are swapped back",
    "repeat": "repeat sums: what was copied gets the sum over its copies",
    "roll": "roll undoes itself: the gradient is shifted back",
    "getitem": "indexing undoes itself: the gradient goes back to where the elements were taken, others get 0",
    "scatter_add": "scattering undoes itself: each element gets the gradient of the place it was added to",
    "assemble": "scattering undoes itself: each element gets the gradient of the place it was added to",
    "take_along_axis": "taking undoes itself: the gradient goes back to where the elements were taken, others get 0",
    "add_along_axis": "scattering undoes itself: each element gets the gradient of the place it was added to",
    "sort": "sort routes: each gradient goes back to the element that stands in its place",
    "prod": "product scales: each factor gets the gradient times the product of all others",
    "cumsum": "a running sum sends back a running sum, from the end: each element gets the gradients from its place on",
    "cumprod": "a running product is a chain of products: each factor gets the gradients from its place on, scaled",
    "linear_recurrence": "the gradient runs back step by step, multiplied by the same coefficients",
    "var": "variance pulls towards the mean: each element gets the gradient times its distance from the mean",
    "std": "standard deviation pulls towards the mean, by the distance from it relative to the deviation",
    "concatenate": "concatenate undoes itself: each input gets its own part of the gradient",
    "stack": "stack undoes itself: each input gets its own part of the gradient",
    "pad": "padding undoes itself: the gradient of the edge is cut off",
    "unpad": "cutting off undoes itself: the gradient gets an edge of zeros",
    "matmul": "matmul multiplies by the other factor transposed",
    "einsum": "einsum multiplies by the other factors: each gets their sum of products with the gradient",
    "convolve": "convolution multiplies by the other sequence, turned round",
    "inv": "an inverse multiplies from both sides: by itself transposed, with a minus",
    "pinv": "a pseudo-inverse multiplies from both sides, and adds what lies outside of its rows and columns",
    "solve": "solve solves again: the right side gets the solution of the transposed equations",
    "lstsq": "least squares multiplies by the transposed pseudo-inverse",
    "det": "a determinant scales: each element gets the gradient times its cofactor",
    "slogdet": "the logarithm of a determinant sends back the inverse transposed",
    "cholesky": "cholesky solves with its factor from both sides",
    "eigvalsh": "each eigenvalue sends its gradient back to the product of its vector with itself",
    "eigh": "values send theirs to the products of their vectors; vectors turn, faster the closer their values are",
    "eig": "values send theirs to the products of their vectors; vectors turn, faster the closer their values are",
    "svdvals": "each singular value sends its gradient back to the product of its two vectors",
    "svd": "values send theirs to the products of their vectors; vectors turn, faster the closer their values are",
    "qr": "the gradient is multiplied by the inverse of the triangle",
    "vector_norm": "a norm sends its gradient along the direction of the vector",
    "linear": "a linear layer is a matmul and an add: the weights get inputs times gradients, the bias their sum",
    "convolution": "convolution multiplies by the other factor: by the flipped kernel, and by the input",
    "biased_convolution": "a convolution and an add: the bias gets the sum over all places",
    "logsumexp": "logsumexp distributes by softmax: each element gets its share of the gradient",
    "softmax": "softmax compares: each element gets its gradient less the average of all, times its own output",
    "log_softmax": "log softmax compares: each element gets its gradient less its probability times their sum",
    "softmax_cross_entropy": "softmax with cross entropy is probabilities minus one-hot",
    "binary_cross_entropy_with_logits": "sigmoid with cross entropy is probability minus target",
    "standardize": "standardizing takes the mean of the gradient, and its part along the output, away from it",
    "attention": "attention is matmul, softmax and matmul again; backward in the opposite order",
    "self_attention": "attention is matmul, softmax and matmul again; backward in the opposite order",
    "lstm": "backpropagation through time: the gradient runs back step by step, mostly in the cell state",
    "gru": "backpropagation through time: the gradient runs back step by step, mostly past the update gate",
    "rnn": "backpropagation through time: the gradient is multiplied by the same weights at each step",
}

_PATTERNS_OF_KINDS: Mapping[str, str] = {
    "elementwise": "elementwise, so the Jacobian is diagonal: each element's gradient is scaled by its own derivative",
    "linear": "linear: the gradient goes back through the transpose of the same map",
    "multilinear": "linear in each input: the gradient goes back through the transpose, which holds the other inputs",
    "custom": "the gradient is multiplied by the transpose of the Jacobian",
    "fused": "several gates in one: its backward pass is that of the gates it stands for",
}


def pattern(operation: Operation) -> str:
    """What gates of an operation do with gradients, in a sentence.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> pattern(trace(Tensor(1.0) + 2).operations["add"])
    'add distributes: every input gets the upstream gradient unchanged'
    """
    return _PATTERNS.get(operation.name) or _PATTERNS_OF_KINDS.get(operation.kind, "")
