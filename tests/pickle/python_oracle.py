"""Says what Python's own unpickler makes of pickles, with stand-ins for the few names that verification sets have.

    python3 python_oracle.py opcodes    # prints all opcodes: [[code, name, protocol], ...]
    python3 python_oracle.py read       # reads pickles from the standard input, each after its length (4 bytes, little-
                                        # endian), and prints a line for each: [[same, sha256, sha256], ...], or
                                        # null if that cannot be, or "too large"
"""
import hashlib
import io
import json
import pickle
import pickletools
import struct
import sys


class Array:
    data = None

    def __setstate__(self, state):
        version, shape, dtype, _, data = state
        self.fill(shape, dtype, data)

    def fill(self, shape, dtype, data):
        size = dtype.size
        for length in shape:
            size *= length
        if len(data) != size:
            raise ValueError("another length")
        self.dtype, self.shape, self.data = dtype, shape, bytes(data)

    def numbers(self):
        size = self.dtype.size
        return [int.from_bytes(self.data[at : at + size], "little") for at in range(0, len(self.data), size)]


class Dtype:
    def __init__(self, code, align, copy):
        self.code = text(code)
        self.size = int(self.code[1:])

    def __setstate__(self, state):
        if text(state[1]) == ">":
            raise ValueError("another byte order")


class Ndarray:
    pass


def text(name):
    return name.decode("latin1") if isinstance(name, bytes) else name


def encode(characters, encoding):
    return characters.encode(text(encoding))


def reconstruct(kind, shape, code):
    if kind is not Ndarray:
        raise ValueError("no array")
    return Array()


def frombuffer(data, dtype, shape, order):
    array = Array()
    array.fill(shape, dtype, data)
    return array


def scalar(dtype, data):
    array = Array()
    array.fill((), dtype, data)
    return array.numbers()[0]


NAMES = {
    "_codecs.encode": encode,
    "builtins.bytes": bytes,
    "__builtin__.bytes": bytes,
    "numpy.ndarray": Ndarray,
    "numpy.dtype": Dtype,
}
for core in ["numpy.core", "numpy._core"]:
    NAMES[core + ".multiarray._reconstruct"] = reconstruct
    NAMES[core + ".multiarray.scalar"] = scalar
    NAMES[core + ".numeric._frombuffer"] = frombuffer


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        return NAMES[module + "." + name]


def sha256_of(image):
    data = image.data if isinstance(image, Array) else image
    if not isinstance(data, (bytes, bytearray)):
        raise TypeError("no bytes")
    return hashlib.sha256(data).hexdigest()


def read(data):
    # The names of Python 2 are bytes to Python 3, as its images are.
    images, same = Unpickler(io.BytesIO(data), encoding="bytes").load()
    if isinstance(same, Array):
        same = same.numbers()
    if len(images) != 2 * len(same):
        raise ValueError("another number")
    sums = [sha256_of(image) for image in images]
    return [[int(one), sums[2 * i], sums[2 * i + 1]] for i, one in enumerate(same)]


def main():
    if sys.argv[1] == "opcodes":
        print(json.dumps([[ord(opcode.code), opcode.name, opcode.proto] for opcode in pickletools.opcodes]))
        return
    # Windows does not have it.
    import resource

    # A place in its memory may be any number, up to which Python makes room.
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    pickles = sys.stdin.buffer
    while True:
        length = pickles.read(4)
        if not length:
            return
        data = pickles.read(struct.unpack("<I", length)[0])
        try:
            print(json.dumps(read(data)))
        except MemoryError:
            print('"too large"')
        except Exception:
            print("null")


if __name__ == "__main__":
    main()
