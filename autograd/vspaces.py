"""Vector spaces of values, as the established ``autograd`` package has them for those who extend it.

The engine itself needs none: a space says what zeros, ones, a basis and inner products of values like a given one are.
Sums and multiples of vectors may be of tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from autograd._handles import settled
from autograd._values import external
from autograd.tensor import Tensor
from autograd.trees import Skeleton, take_apart

__all__ = ["ArrayVSpace", "ComplexArrayVSpace", "ContainerVSpace", "VSpace", "vspace"]


class VSpace:
    """The vector space that a value belongs to.

    Parameters
    ----------
    value
        Any of its elements.

    Examples
    --------
    >>> space = vspace(np.ones((2, 3)))
    >>> space.shape, space.size, space.zeros().sum()
    ((2, 3), 6, np.float64(0.0))
    """

    #: What makes the space of values of a type.
    mappings: ClassVar[dict[type, Callable[[Any], VSpace]]] = {}
    iscomplex = False
    size: int

    def __init__(self, value: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} must define its vectors")

    def zeros(self) -> Any:
        """The zero vector."""
        raise NotImplementedError

    def ones(self) -> Any:
        """The vector of ones (for complex numbers 1 + i)."""
        raise NotImplementedError

    def standard_basis(self) -> Iterator[Any]:
        """The vectors with a single 1; for complex numbers also those with a single i."""
        raise NotImplementedError

    def randn(self) -> Any:
        """A normally distributed vector, from NumPy's global generator."""
        raise NotImplementedError

    def add(self, x_prev: Any, x_new: Any) -> Any:
        """The sum of two vectors."""
        return x_prev + x_new

    def mut_add(self, x_prev: Any, x_new: Any) -> Any:
        """The sum of two vectors, of which the first may be None for zero."""
        return self.add(self.zeros() if x_prev is None else x_prev, x_new)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """A multiple of a vector."""
        return x * a

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The inner product of two vectors, a real number."""
        raise NotImplementedError

    def covector(self, x: Any) -> Any:
        """A vector as a cotangent: for complex numbers the conjugate."""
        return x

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self.__dict__.items())})"

    @classmethod
    def register(cls, value_type: type, vspace_maker: Callable[[Any], VSpace] | None = None) -> None:
        """Say that values of a type belong to this kind of space."""
        VSpace.mappings[value_type] = vspace_maker or cls


class ArrayVSpace(VSpace):
    """Real arrays of one shape and dtype."""

    def __init__(self, value: Any) -> None:
        value = np.asarray(value)
        self.shape: tuple[int, ...] = value.shape
        self.dtype = value.dtype

    @property
    def size(self) -> int:  # type: ignore[override]
        """The dimension of the space over the real numbers."""
        return int(np.prod(self.shape))

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def zeros(self) -> Any:
        """An array of zeros."""
        return np.zeros(self.shape, self.dtype)

    def ones(self) -> Any:
        """An array of ones."""
        return np.ones(self.shape, self.dtype)

    def standard_basis(self) -> Iterator[Any]:
        """Arrays with a single 1."""
        for place in np.ndindex(*self.shape):
            vector = np.zeros(self.shape, self.dtype)
            vector[place] = 1
            yield vector

    def randn(self) -> Any:
        """A normally distributed array."""
        return np.array(np.random.randn(*self.shape)).astype(self.dtype)  # noqa: NPY002 - seeded as by its users

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The sum of the products."""
        return np.sum(np.multiply(x, y))


class ComplexArrayVSpace(ArrayVSpace):
    """Complex arrays of one shape and dtype, as a space over the real numbers."""

    iscomplex = True

    @property
    def size(self) -> int:  # type: ignore[override]
        """Twice the number of elements."""
        return 2 * int(np.prod(self.shape))

    def ones(self) -> Any:
        """An array of 1 + i."""
        return np.full(self.shape, 1 + 1j, self.dtype)

    def standard_basis(self) -> Iterator[Any]:
        """Arrays with a single 1 or i."""
        for vector in super().standard_basis():
            yield vector
            yield vector * 1j

    def randn(self) -> Any:
        """An array with normally distributed parts."""
        parts = np.random.randn(2, *self.shape)  # noqa: NPY002 - seeded as by its users
        return np.asarray(parts[0] + 1j * parts[1]).astype(self.dtype)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The real part of the sum of the products, the first conjugated."""
        return np.real(np.sum(np.multiply(np.conj(x), y)))

    def covector(self, x: Any) -> Any:
        """The conjugate."""
        return np.conj(x)


class ContainerVSpace(VSpace):
    """Structures: tuples, lists and dictionaries of vectors."""

    def __init__(self, value: Any) -> None:
        leaves, skeleton = take_apart(value)
        self.shape: Any = skeleton.filled([vspace(x) for x in leaves])

    def _parts(self) -> tuple[list[VSpace], Skeleton]:
        return take_apart(self.shape)

    @property
    def size(self) -> int:  # type: ignore[override]
        """The sum of those of the parts."""
        return sum(space.size for space in self._parts()[0])

    def _mapped(self, method: str, *vectors: Any) -> Any:
        spaces, skeleton = self._parts()
        columns = [skeleton.leaves(vector) for vector in vectors]
        return skeleton.filled(
            [getattr(space, method)(*[column[i] for column in columns]) for i, space in enumerate(spaces)]
        )

    def zeros(self) -> Any:
        """Zeros everywhere."""
        return self._mapped("zeros")

    def ones(self) -> Any:
        """Ones everywhere."""
        return self._mapped("ones")

    def randn(self) -> Any:
        """Random numbers everywhere."""
        return self._mapped("randn")

    def standard_basis(self) -> Iterator[Any]:
        """The bases of the parts, the others being zero."""
        spaces, skeleton = self._parts()
        for i, space in enumerate(spaces):
            for vector in space.standard_basis():
                leaves = [other.zeros() for other in spaces]
                leaves[i] = vector
                yield skeleton.filled(leaves)

    def add(self, x_prev: Any, x_new: Any) -> Any:
        """The sums of the parts."""
        return self._mapped("add", x_prev, x_new)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """The multiples of the parts."""
        spaces, skeleton = self._parts()
        return skeleton.filled(
            [space.scalar_mul(part, a) for space, part in zip(spaces, skeleton.leaves(x), strict=True)]
        )

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The sum of those of the parts."""
        return sum(take_apart(self._mapped("inner_prod", x, y))[0])

    def covector(self, x: Any) -> Any:
        """Those of the parts."""
        return self._mapped("covector", x)


def _space_of_array(value: Any) -> VSpace:
    return ComplexArrayVSpace(value) if np.iscomplexobj(value) else ArrayVSpace(value)


_REAL: tuple[type, ...] = (float, np.longdouble, np.float64, np.float32, np.float16)
_COMPLEX: tuple[type, ...] = (complex, np.clongdouble, np.complex64, np.complex128)
_CONTAINERS: tuple[type, ...] = (tuple, list, dict)

for _type in (np.ndarray, *_REAL, *_COMPLEX):
    VSpace.register(_type, _space_of_array)
for _type in _CONTAINERS:
    ContainerVSpace.register(_type)


def vspace(value: Any) -> VSpace:
    """The vector space that a value belongs to.

    Parameters
    ----------
    value
        A number, an array, a tensor, or a structure of these.

    Raises
    ------
    TypeError
        If it is none of these (integers and strings are no vectors).
    """
    value = settled(value)
    if type(value) is Tensor:
        value = external(value._data)
    maker = VSpace.mappings.get(type(value))
    if maker is None and isinstance(value, (np.ndarray, tuple, list, dict)):
        maker = ContainerVSpace if isinstance(value, (tuple, list, dict)) else _space_of_array
    if maker is None:
        raise TypeError(f"no vector space for {value!r} of {type(value)}; register one with VSpace.register")
    return maker(value)
