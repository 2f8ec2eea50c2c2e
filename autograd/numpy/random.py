"""NumPy's ``random``, so that programs find it beside the other functions: ``autograd.numpy.random``.

Random numbers are plain: no derivative passes through how they are drawn. To differentiate by the parameters of a
distribution, draw from its standard form and transform that.

Examples
--------
>>> import autograd.numpy as np
>>> from autograd import grad
>>> np.random.seed(0)
>>> noise = np.random.randn(5)
>>> float(grad(lambda scale: np.sum(scale * noise))(2.0)) == float(np.sum(noise))
True
"""

from __future__ import annotations

import numpy.random as _numpy_random

__all__ = [name for name in dir(_numpy_random) if not name.startswith("_")]

globals().update({name: getattr(_numpy_random, name) for name in __all__})
