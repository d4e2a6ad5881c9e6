#!/bin/sh
# Builds the programs of the tests. Debian 12: apt-get install clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32
set -e
cd "$(dirname "$0")"
cc="clang-14 --target=wasm32-wasi --sysroot=/usr -I/usr/include/wasm32-wasi -O2 -Wl,--strip-all"
$cc -mexec-model=reactor kernels.c -o kernels.wasm
$cc -mexec-model=reactor -msimd128 vectors.c -o vectors.wasm
$cc story.c -o story.wasm
