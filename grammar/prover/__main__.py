# SPDX-License-Identifier: MIT OR Apache-2.0
"""python3 grammar/prover"""
import contextlib
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
from prover import prove

with contextlib.suppress(BrokenPipeError):
    sys.exit(prove.main())
