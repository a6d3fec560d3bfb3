#!/bin/bash -eu
# build.sh - OSS-Fuzz calls this in the folder of the sources
exec fuzz/build.sh
