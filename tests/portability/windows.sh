#!/bin/sh
# windows.sh SOURCE ZIG - do library and command compile for Windows on both machines,
# without a warning, and link as a program and as a DLL? Zig has the headers and
# libraries of mingw-w64 for both. The program for this machine is run by wine, if there is
# one.
