"""Writes tests/golden/arrays through NumPy, SciPy and h5py, the oracles of src/data/example_arrays_test.cpp.

    apt-get install python3-numpy python3-scipy python3-h5py && python3 make_arrays.py arrays

Sequence i has 2 + i % 3 steps of 2 values, 10 i + t and -t, and is of class i % 2; step t has the label t % 2.
"""
import pathlib
import sys

import h5py
import numpy as np
from scipy.io import netcdf_file, savemat

SEQUENCES = 6


def steps(i):
    return np.array([[10 * i + t, -t] for t in range(2 + i % 3)], "f4")


def labels(i):
    return np.arange(len(steps(i)), dtype="i4") % 2


def padded(arrays, fill, kind):
    """One array of all, those that are shorter filled up."""
    out = np.full((len(arrays), max(map(len, arrays)), *arrays[0].shape[1:]), fill, kind)
    for i, one in enumerate(arrays):
        out[i, :len(one)] = one
    return out


def cells(arrays):
    out = np.empty((len(arrays), 1), object)
    for i, one in enumerate(arrays):
        out[i, 0] = one
    return out


def texts(words):
    width = max(map(len, words))
    return np.array([list(word.ljust(width, "\0")) for word in words], "S1")


def write_netcdf(path, **variables):
    """The layout of RNNLIB; of each variable the names of its dimensions and its numbers."""
    with netcdf_file(path, "w") as file:
        for name, (axes, numbers) in variables.items():
            for axis, length in zip(axes, numbers.shape):
                if axis not in file.dimensions:
                    file.createDimension(axis, length)
            file.createVariable(name, "c" if numbers.dtype.kind == "S" else numbers.dtype, axes)[:] = numbers


def main():
    folder = pathlib.Path(sys.argv[1])
    x, y = [steps(i) for i in range(SEQUENCES)], np.arange(SEQUENCES) % 2
    each = [labels(i) for i in range(SEQUENCES)]
    np.save(folder / "sequences_x.npy", padded(x, np.nan, "<f8"))
    np.save(folder / "sequences_y.npy", y.astype("i1"))
    np.save(folder / "one.npy", np.asfortranarray(x[1]))
    savemat(folder / "one.mat", {"speed": x[1].astype("f8")})
    savemat(folder / "sequences.mat", {"x": cells(x), "y": y.astype("u1")}, do_compression=True)
    savemat(folder / "labels.mat", {"x": cells(x), "y": cells(each)})
    with h5py.File(folder / "one.h5", "w") as file:
        file["speed"] = x[1]
    with h5py.File(folder / "sequences.h5", "w") as file:
        for i in range(SEQUENCES):
            group = f"{'valid' if i >= 4 else 'train'}/s{i}"
            file[group + "/x"], file[group + "/y"] = x[i], y[i]
    sequences = {"seqLengths": (("numSeqs",), np.array([len(one) for one in x], "i4")),
                 "inputs": (("numTimesteps", "inputPattSize"), np.concatenate(x)),
                 "labels": (("numLabels", "maxLabelLength"), texts(["walk", "run"]))}
    tags = {"seqTags": (("numSeqs", "maxSeqTagLength"), texts([f"take {i}" for i in range(SEQUENCES)]))}
    said = texts(["walk run" if i % 2 else "walk" for i in range(SEQUENCES)])
    strings = {"targetStrings": (("numSeqs", "maxTargStringLength"), said)}
    write_netcdf(folder / "classes.nc", **sequences, **tags, targetClasses=(("numSeqs",), y.astype("i4")))
    write_netcdf(folder / "labels.nc", **sequences, targetClasses=(("numTimesteps",), np.concatenate(each).astype("i4")))
    write_netcdf(folder / "strings.nc", **sequences, **strings)


main()
