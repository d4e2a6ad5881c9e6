#!/bin/sh
# Builds the program of the bench, on Debian after: apt-get install clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32
set -eu
cd "$(dirname "$0")"
clang-14 --target=wasm32-wasi --sysroot=/usr -I/usr/include/wasm32-wasi -O2 -s steady.c -o steady.wasm
