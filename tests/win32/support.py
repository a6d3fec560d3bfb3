# SPDX-License-Identifier: MIT OR Apache-2.0
"""Functions that the tests of Windows share, in addition to those of the system tests.

The environment has SBIND_WINE: the wrapper and its prefix, separated by a semicolon. It
also has SBIND_BUILD, the directory of the programs, and what ../system/support.py
needs.
"""
import importlib.util
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
SOURCE = pathlib.Path(__file__).resolve().parents[2]
WINE = os.environ["SBIND_WINE"].split(";")
BUILD = pathlib.Path(os.environ["SBIND_BUILD"])


def load():
    spec = importlib.util.spec_from_file_location(
        "system_support", SOURCE / "tests/system/support.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


system = load()
main = system.main


def program(*argv):
    """The words that start a Windows program of the build."""
    return (*WINE, str(BUILD / argv[0]), *argv[1:])


def sbind(*argv):
    return program("sbind.exe", *argv)


class Case(system.Case):
    """Keeps a wineserver running. So no test waits for wineserver to start, and wine's own services
    write nothing to the logs of tests."""

    @classmethod
    def setUpClass(cls):
        cls.stay = subprocess.Popen(
            sbind("adapter"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        cls.stay.stdin.write(b"parse -\n")
        cls.stay.stdin.flush()
        cls.stay.stdout.readline()

    @classmethod
    def tearDownClass(cls):
        cls.stay.stdin.close()
        cls.stay.wait(system.WAIT)
        cls.stay.stdout.close()

    def run_program(self, *argv, **more):
        return system.run(*argv, timeout=300, **more)
