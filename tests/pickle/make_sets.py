"""Writes small verification sets as the Python that runs this pickles them, Python 2 or 3, with NumPy where it has that.

    python3 make_sets.py FOLDER

Each set has four pairs. tests/data/pairs has some that were written by Python 2.7, and by 3.11 with NumPy 2.4.
"""
import os
import pickle
import sys

try:
    import numpy
except ImportError:
    numpy = None

SAME = [True, False, False, True]


def image(number):
    """All bytes that there are, between those that a JPEG begins and ends with."""
    middle = bytearray((7 * number + i * i + i // 3) % 256 for i in range(600))
    return bytes(bytearray([0xFF, 0xD8, 0xFF]) + middle + bytearray([0xFF, 0xD9]))


def sets():
    images = [image(number) for number in range(8)]
    yield "bytes", (images, SAME)
    yield "tuples", (tuple(images), tuple(SAME))
    yield "lists", [images, [int(same) for same in SAME]]
    # One of each person, who is then met again: the same object, which a pickle names.
    yield "shared", ([images[0], images[1], images[0], images[2], images[0], images[1], images[2], b""], SAME)
    if numpy is None:
        return
    arrays = [numpy.frombuffer(data, numpy.uint8) for data in images]
    yield "arrays", (arrays, SAME)
    yield "copies", ([array.copy() for array in arrays], [numpy.bool_(same) for same in SAME])
    # As cv2.imencode of older versions of OpenCV gives them.
    yield "columns", ([array.reshape(-1, 1) for array in arrays], numpy.array(SAME))
    yield "numbers", (images, numpy.array(SAME).astype(numpy.int64))


def main(folder):
    for name, value in sets():
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with open(os.path.join(folder, "%s_p%d.bin" % (name, protocol)), "wb") as file:
                pickle.dump(value, file, protocol)


if __name__ == "__main__":
    main(sys.argv[1])
