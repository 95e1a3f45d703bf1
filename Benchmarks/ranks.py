"""Ranks of methods over several sets: Friedman's test and Nemenyi's critical difference, as in
Demšar, Journal of Machine Learning Research 7, 2006.

Friedman's test asks whether the methods' mean ranks differ by more than chance. Two methods differ
if their mean ranks differ by more than the critical difference.
`python3 -m doctest Benchmarks/ranks.py` compares with the worked example of that paper, and with
tables.

>>> rows = [  # AUC of four forms of C4.5 on 14 sets: Demšar's table 6
...     (.763, .768, .771, .798), (.599, .591, .590, .569), (.954, .971, .968, .967),
...     (.628, .661, .654, .657), (.882, .888, .886, .898), (.936, .931, .916, .931),
...     (.661, .668, .609, .685), (.583, .583, .563, .625), (.775, .838, .866, .875),
...     (1.0, 1.0, 1.0, 1.0), (.940, .962, .965, .962), (.619, .666, .614, .669),
...     (.972, .981, .9751, .975), (.957, .978, .946, .970)]
>>> means = mean_ranks(rows)
>>> [round(rank, 3) for rank in means]
[3.143, 2.0, 2.893, 1.964]
>>> test = Friedman(rows)
>>> round(test.uncorrected, 2), round(critical_difference(4, 14), 2)
(9.28, 1.25)
>>> round(chi_squared_tail(9.28, 3), 4), round(chi_squared_tail(3.84, 1), 3)
(0.0258, 0.05)
>>> groups([1.0, 1.5, 3.0, 3.2], 1.0)
[(0, 1), (2, 3)]
"""
import math

# The studentized range of 2 to 20 groups at 5 %, divided by the root of 2.
QUANTILES = [1.960, 2.344, 2.569, 2.728, 2.850, 2.948, 3.031, 3.102, 3.164, 3.219, 3.268, 3.313, 3.354, 3.391, 3.426, 3.458, 3.489, 3.517, 3.544]


def ranks(values):
    """1 for the largest; equal values share the mean of their ranks.

    >>> ranks([.5, .9, .5, .1])
    [2.5, 1.0, 2.5, 4.0]
    """
    return [1 + sum(other > value for other in values) + (sum(other == value for other in values) - 1) / 2 for value in values]


def mean_ranks(rows):
    """The mean rank of every column of rows without gaps."""
    table = [ranks(row) for row in rows]
    return [sum(column) / len(table) for column in zip(*table)]


class Friedman:
    """χ² of mean ranks over the rows, with and without the correction for ties, and the probability
    of a value as large."""

    def __init__(self, rows):
        n, k = len(rows), len(rows[0])
        means = mean_ranks(rows)
        self.uncorrected = 12 * n / (k * (k + 1)) * sum((mean - (k + 1) / 2) ** 2 for mean in means)
        ties = sum(row.count(value) ** 3 - row.count(value) for row in map(list, rows) for value in set(row))
        share = 1 - ties / (n * k * (k * k - 1))
        self.statistic = self.uncorrected / share if share > 0 else 0.0
        self.chance = chi_squared_tail(self.statistic, k - 1)


def critical_difference(methods, sets):
    """Nemenyi's critical difference, at 5 %; None for more methods than the table has."""
    if not 2 <= methods < len(QUANTILES) + 2 or sets < 1:
        return None
    return QUANTILES[methods - 2] * math.sqrt(methods * (methods + 1) / (6 * sets))


def chi_squared_tail(x, freedom):
    """The chance of χ² above x: Q(freedom / 2, x / 2), by its series or its continued fraction."""
    a, x = freedom / 2, x / 2
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for n in range(1, 500):
            term *= x / (a + n)
            total += term
        return max(0.0, 1 - total * scale)
    b = x + 1 - a
    c, d = 1e300, 1 / b
    h = d
    for n in range(1, 500):
        b += 2
        d = 1 / (n * (a - n) * d + b)
        c = b + n * (a - n) / c
        h *= c * d
    return scale * h


def groups(means, difference):
    """The longest runs of methods, as places from best to worst in `means` (rising), that differ by
    less than the difference."""
    found = []
    for first in range(len(means)):
        last = max(place for place in range(first, len(means)) if means[place] - means[first] < difference)
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return found
