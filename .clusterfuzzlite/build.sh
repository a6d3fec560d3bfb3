#!/bin/bash -eu
# build.sh - ClusterFuzzLite calls this in the folder of the sources
exec fuzz/build.sh
