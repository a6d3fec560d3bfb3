# SPDX-License-Identifier: MIT OR Apache-2.0
# What the picture of bench.py looks like. Each parser is a list of (time, row, label).
set terminal svg noenhanced size 800,620 font "sans-serif,12" background "#ffffff"
set xlabel "nanoseconds for each call with random texts (logarithmic); further left is faster"
set logscale x
set xrange [5:2000]
set yrange [*:*] reverse
set offsets graph 0, graph 0, 1, 1
set grid x y linecolor "#dddddd"
set border 3 linecolor "#888888"
set tics nomirror textcolor "#222222"
set key outside top center horizontal samplen 1
set style line 1 linecolor "#888888" pointtype 4 pointsize 0.7
set style line 2 linecolor "#b07a00" pointtype 12 pointsize 0.9
set style line 3 linecolor "#7a4fb0" pointtype 6 pointsize 0.8
set style line 4 linecolor "#c0392b" pointtype 1 pointsize 0.8
set style line 5 linecolor "#3a7a3a" pointtype 8 pointsize 0.9
set style line 6 linecolor "#0a6068" pointtype 7 pointsize 0.9
