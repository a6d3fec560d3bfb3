#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the test vectors as inputs of the fuzz harnesses.

    from_vectors.py VECTORS OUT    makes OUT/parse and OUT/activation
"""
import json
import pathlib
import sys


def octets(vector, name):
    """The octets of a member, also when it is given in hexadecimal."""
    if name + "_hex" in vector:
        return bytes.fromhex(vector[name + "_hex"])
    value = vector.get(name)
    return None if value is None else value.encode("ascii")


def parse_input(vector):
    if "hex" in vector:
        return bytes.fromhex(vector["hex"])
    return vector["input"].encode("ascii")


def activation_input(vector):
    """Four values, each ended by a NUL; 0xFF stands for an unset one."""
    values = (octets(vector, name)
              for name in ("pid", "fds", "fdnames", "pidfdid"))
    return b"\0".join(b"\xff" if v is None else v for v in values)


def main(vectors, out):
    for path in sorted(pathlib.Path(vectors).glob("*.json")):
        document = json.loads(path.read_text())
        for vector in document.get("vectors", ()):
            is_parse = not document["suite"].startswith("activation")
            folder = pathlib.Path(out, "parse" if is_parse else "activation")
            folder.mkdir(parents=True, exist_ok=True)
            make = parse_input if is_parse else activation_input
            (folder / vector["id"]).write_bytes(make(vector))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
