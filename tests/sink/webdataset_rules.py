"""Reads shards as the Python library webdataset does, and prints each sample as JSON, a line each.

The rules are those of its tariterators.py: members are regular files; a name that begins with a dot, or whose base name
is between two underscores, is skipped; the key is all before the first dot of the base name, with its folder; the rest,
in lower case, is the field; neighbours with the same key are a sample, and a field must not come twice in it; a sample of
another key begins a new one. Labels are decoded as `int(data)`.
"""

import hashlib
import json
import re
import sys
import tarfile


def samples(path):
    current = None
    with tarfile.open(path, mode="r|") as stream:
        for member in stream:
            name = member.name
            if not member.isreg() or name is None or re.search(r"(^|/)(\.|__[^/]*__$)", name):
                continue
            match = re.match(r"^((?:.*/|)[^.]+)[.]([^/]*)$", name)
            if match is None:
                continue
            key, field = match.group(1), match.group(2).lower()
            data = stream.extractfile(member).read()
            if current is None or key != current["__key__"]:
                if current is not None:
                    yield current
                current = {"__key__": key}
            if field in current:
                raise ValueError(f"{name}: duplicate field")
            current[field] = data
    if current is not None:
        yield current


for path in sys.argv[1:]:
    for sample in samples(path):
        print(json.dumps({
            "key": sample["__key__"],
            "fields": sorted(field for field in sample if not field.startswith("__")),
            "cls": int(sample["cls"]),
            "sha256": hashlib.sha256(sample["jpg"]).hexdigest(),
            "json": json.loads(sample["json"]) if "json" in sample else None,
        }))
