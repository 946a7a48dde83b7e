"""Reads and writes RecordIO as MXNet's Python does, after its recordio.py and dmlc-core's recordio.cc, without them.

    python3 python_oracle.py read FOLDER        # a line of JSON for each line of train.idx: what read_idx and unpack give
    python3 python_oracle.py train FOLDER       # the same for the images that arcface_torch trains from, in its order
    python3 python_oracle.py rewrite FROM TO    # reads all, and writes it again with pack and write_idx
"""
import hashlib
import json
import os
import struct
import sys

MAGIC = 0xCED7230A
MAGIC_BYTES = struct.pack("<I", MAGIC)
IR_FORMAT = "<IfQQ"
IR_SIZE = struct.calcsize(IR_FORMAT)


class Reader:
    """MXIndexedRecordIO(idx, rec, 'r')."""

    def __init__(self, folder):
        self.file = open(os.path.join(folder, "train.rec"), "rb")
        self.idx = {}
        self.keys = []
        with open(os.path.join(folder, "train.idx")) as lines:
            for line in lines:
                key, offset = line.strip().split("\t")
                self.idx[int(key)] = int(offset)
                self.keys.append(int(key))

    def read_idx(self, key):
        self.file.seek(self.idx[key])
        return self.read()

    def read(self):
        record = b""
        while True:
            magic, lrec = struct.unpack("<II", self.file.read(8))
            assert magic == MAGIC, "Invalid RecordIO File"
            cflag, length = lrec >> 29, lrec & (1 << 29) - 1
            padded = (length + 3) >> 2 << 2
            part = self.file.read(padded)
            assert len(part) == padded, "Invalid RecordIO File"
            record += part[:length]
            if cflag in (0, 3):
                return record
            record += MAGIC_BYTES


class Writer:
    """MXIndexedRecordIO(idx, rec, 'w')."""

    def __init__(self, folder):
        os.makedirs(folder)
        self.file = open(os.path.join(folder, "train.rec"), "wb")
        self.lines = open(os.path.join(folder, "train.idx"), "w")

    def write_idx(self, key, record):
        self.lines.write("%s\t%d\n" % (key, self.file.tell()))
        begin = 0
        for at in range(0, len(record) >> 2 << 2, 4):
            if record[at : at + 4] == MAGIC_BYTES:
                self.frame(1 if begin == 0 else 2, record[begin:at])
                begin = at + 4
        self.frame(3 if begin != 0 else 0, record[begin:])
        self.file.write(bytes(-len(record) % 4))

    def frame(self, cflag, part):
        self.file.write(struct.pack("<II", MAGIC, cflag << 29 | len(part)) + part)


def unpack(record):
    flag, label, id_, id2 = struct.unpack(IR_FORMAT, record[:IR_SIZE])
    record = record[IR_SIZE:]
    if flag == 0:
        return flag, label, id_, id2, record
    return flag, list(struct.unpack("<%df" % flag, record[: 4 * flag])), id_, id2, record[4 * flag :]


def pack(label, id_, id2, image):
    if not isinstance(label, list):
        return struct.pack(IR_FORMAT, 0, label, id_, id2) + image
    return struct.pack(IR_FORMAT, len(label), 0, id_, id2) + struct.pack("<%df" % len(label), *label) + image


def tell(reader, key):
    flag, label, id_, _, image = unpack(reader.read_idx(key))
    sum_ = hashlib.sha256(image).hexdigest()
    labels = label if isinstance(label, list) else [label]
    print(json.dumps({"key": key, "flag": flag, "labels": labels, "id": id_, "bytes": len(image), "sha256": sum_}))


def main():
    command, folder = sys.argv[1:3]
    reader = Reader(folder)
    if command == "read":
        for key in reader.keys:
            tell(reader, key)
    elif command == "train":
        # MXFaceDataset in recognition/arcface_torch/dataset.py of deepinsight/insightface.
        flag, label, *_ = unpack(reader.read_idx(0))
        for key in range(1, int(label[0])) if flag > 0 else reader.keys:
            tell(reader, key)
    else:
        writer = Writer(sys.argv[3])
        for key in reader.keys:
            _, label, id_, id2, image = unpack(reader.read_idx(key))
            writer.write_idx(key, pack(label, id_, id2, image))


if __name__ == "__main__":
    main()
