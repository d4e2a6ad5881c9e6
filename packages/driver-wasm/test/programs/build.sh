#!/bin/sh
# Builds the programs of the specs, on Debian after: apt-get install clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32
set -eu
cd "$(dirname "$0")"
for source in *.c; do
  clang-14 --target=wasm32-wasi --sysroot=/usr -I/usr/include/wasm32-wasi -O2 -s "$source" -o "${source%.c}.wasm"
done
