"""A linear or integer programme as arrays -> HiGHS with it inside, quiet and on one thread, so that the same is found again."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from highspy._core import _Highs as Solver  # highspy.Highs prints a banner on stdout when it is made
from numpy.typing import ArrayLike

INF = 1e30


def programme(cost: ArrayLike, low: ArrayLike, high: ArrayLike, rows: Any, lower: ArrayLike, upper: ArrayLike, whole: bool = False) -> Solver:
    """Minimise cost x, with low <= x <= high and lower <= rows x <= upper.

    Parameters
    ----------
    cost, low, high
        Of columns.
    rows
        A scipy sparse matrix, shape (rows, columns).
    lower, upper
        Of rows.
    whole
        Whether x must be whole numbers.

    Returns
    -------
    The solver, to be run; columns can be added to it.
    """
    a = rows.tocsc()
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = a.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = (np.asarray(v, np.float64) for v in (cost, low, high))
    lp.row_lower_, lp.row_upper_ = np.asarray(lower, np.float64), np.asarray(upper, np.float64)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = a.indptr, a.indices, np.asarray(a.data, np.float64)
    if whole:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * a.shape[1]
    solver = Solver()
    for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 0)):
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    return solver


def values(solver: Solver) -> np.ndarray:
    """The columns of the solution."""
    return np.array(solver.getSolution().col_value)


def duals(solver: Solver) -> np.ndarray:
    """The prices of the rows."""
    return np.array(solver.getSolution().row_dual)


def objective(solver: Solver) -> float:
    """What was reached."""
    return float(solver.getInfo().objective_function_value)
