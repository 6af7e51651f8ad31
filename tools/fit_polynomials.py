#!/usr/bin/env python3
"""Prints the polynomials of src/kernels/math_constants.h: minimax fits by Remez' exchange (Debian: python3-mpmath)."""
import struct

from mpmath import atanh, cos, exp, log, lu_solve, matrix, mp, mpf, pi, sqrt

mp.dps = 60
GRID = 400


def extrema(errors):
    """Indices of the largest error of each run of one sign."""
    found = []
    for i, error in enumerate(errors):
        if found and errors[found[-1]] * error > 0:
            if abs(error) > abs(errors[found[-1]]):
                found[-1] = i
        else:
            found.append(i)
    return found


def minimax(function, weight, low, high, terms):
    """Coefficients whose weighted error over [low, high] is smallest, and that error."""
    points = [low + (high - low) * (1 - cos(pi * i / terms)) / 2 for i in range(terms + 1)]
    grid = [low + (high - low) * (1 - cos(pi * i / GRID)) / 2 for i in range(GRID + 1)]
    for _ in range(12):
        system, right = matrix(terms + 1, terms + 1), matrix(terms + 1, 1)
        for i, x in enumerate(points):
            for j in range(terms):
                system[i, j] = x**j
            system[i, terms] = (-1) ** i / weight(x)
            right[i] = function(x)
        solution = lu_solve(system, right)
        coefficients = [solution[j] for j in range(terms)]
        errors = [weight(x) * (sum(c * x**j for j, c in enumerate(coefficients)) - function(x)) for x in grid]
        places = extrema(errors)
        while len(places) > terms + 1:
            places.pop(0 if abs(errors[places[0]]) < abs(errors[places[-1]]) else -1)
        if len(places) < terms + 1:
            break
        points = [grid[i] for i in places]
    return coefficients, max(map(abs, errors))


def as_float(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0].hex() + "f"


def as_double(x):
    return float(x).hex()


TINY = mpf(10) ** -12


def exp_rest(r):
    return (exp(r) - 1 - r) / r**2 if abs(r) > TINY else mpf(1) / 2 + r / 6


def log_rest(z):
    return (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z if z > TINY else mpf(2) / 3 + 2 * z / 5


def main():
    half = log(mpf(2)) / 2 * mpf("1.001")
    s = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf("1.001")
    fits = [
        ("exp_terms", exp_rest, lambda r: max(r**2, TINY) / exp(r), -half, half, (5, 10)),
        ("log_terms", log_rest, lambda z: max(z, TINY) / 2, mpf(0), s, (4, 7)),
    ]
    for name, function, weight, low, high, terms in fits:
        for count, text in zip(terms, (as_float, as_double)):
            coefficients, error = minimax(function, weight, low, high, count)
            print(f"{name}: error 2^{float(log(error, 2)):.1f}\n  " + ", ".join(map(text, coefficients)))


if __name__ == "__main__":
    main()
