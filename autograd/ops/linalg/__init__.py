"""Linear algebra: decompositions, solutions of equations, determinants and norms of stacks of matrices.

A decomposition of several factors is one operation whose result is one array that holds them all, so that it is
computed once, and differentiated once; ``numpy.linalg``'s functions give its parts.

Functions of a symmetric or Hermitian matrix (``eigh``, ``eigvalsh``) read one triangle of it, as in NumPy, and only
that triangle has a gradient; ``cholesky`` takes its Hermitian part, and has a Hermitian gradient.

Where eigenvalues, or singular values, are equal, the derivatives of vectors that belong to them do not exist: the terms
with the reciprocal of their difference are left out. What does not depend on the choice of vectors then has its
right derivative if it depends on equal values only by the values themselves or by the space that their vectors span.

References
----------
.. [1] M. Giles, "An extended collection of matrix derivative results for forward and reverse mode algorithmic
   differentiation", Oxford University Computing Laboratory, report 08/01, 2008.
.. [2] J. Townsend, "Differentiating the singular value decomposition", 2016.
.. [3] S. F. Walter and L. Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum
   experimental design", arXiv:1001.1654, 2010.
.. [4] I. Murray, "Differentiation of the Cholesky decomposition", arXiv:1602.07527, 2016.
.. [5] C. Boeddeker, P. Hanebrink, L. Drude, J. Heymann and R. Haeb-Umbach, "On the computation of complex-valued
   gradients with application to statistically optimum beamforming", arXiv:1701.00392, 2017.
.. [6] Z.-Q. Wan and S.-X. Zhang, "Automatic differentiation for complex valued SVD", arXiv:1909.02659, 2019.
"""

from __future__ import annotations

from autograd.ops.linalg.determinants import cofactor, cofactor_tangent, det, slogdet
from autograd.ops.linalg.eigen import eig, eigvals
from autograd.ops.linalg.hermitian import cholesky, eigh, eigvalsh
from autograd.ops.linalg.inverses import inv, lstsq, pinv, solve
from autograd.ops.linalg.norms import vector_norm
from autograd.ops.linalg.orthogonal import qr
from autograd.ops.linalg.singular import svd, svdvals

__all__ = [
    "cholesky",
    "cofactor",
    "cofactor_tangent",
    "det",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "lstsq",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "vector_norm",
]
