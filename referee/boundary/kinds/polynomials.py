"""Polynomials of NumPy."""

from typing import Any

import numpy as np

from referee.boundary.kinds.kind import ValueKind, array, text

NUMBERS = "iufc"  # kinds of dtypes that coefficients can have


class Poly1dKind(ValueKind):
    """A polynomial of the older kind, with the highest power first."""

    path = "numpy.poly1d"

    def parts(self, value: Any) -> list[Any] | None:
        """Coefficients, and what its variable is called."""
        numbers = np.array(value.coeffs)
        return [numbers, value.variable] if numbers.dtype.kind in NUMBERS else None

    def make(self, *parts: Any) -> Any:
        """Of numbers."""
        numbers, variable = parts
        return np.poly1d(array(numbers, NUMBERS), variable=text(variable))

    def update(self, value: Any, now: Any) -> None:
        """Take over the coefficients."""
        vars(value)["coeffs"] = now.coeffs  # where the class keeps them


class PolynomialKind(ValueKind):
    """A polynomial of one of the classes of `numpy.polynomial`."""

    def __init__(self, name: str) -> None:
        self.path = f"numpy.polynomial.{name}"

    def parts(self, value: Any) -> list[Any] | None:
        """Coefficients, domain, window, and what its variable is called."""
        arrays = [np.array(each) for each in (value.coef, value.domain, value.window)]
        if any(each.dtype.kind not in NUMBERS for each in arrays):
            return None
        return [*arrays, value.symbol]

    def make(self, *parts: Any) -> Any:
        """Of numbers, with intervals of two."""
        *arrays, symbol = parts
        numbers, domain, window = (array(each, NUMBERS) for each in arrays)
        if domain.shape != (2,) or window.shape != (2,) or not text(symbol).isidentifier():
            raise ValueError
        return self.found_class()(numbers, domain, window, symbol)

    def update(self, value: Any, now: Any) -> None:
        """Take over all numbers."""
        value.coef, value.domain, value.window = now.coef, now.domain, now.window


KINDS = [
    Poly1dKind(),
    *(
        PolynomialKind(name)
        for name in ("Polynomial", "Chebyshev", "Legendre", "Laguerre", "Hermite", "HermiteE")
    ),
]
