#!/bin/sh
# Digits of pi, by a program that is moved while it computes: sh examples/pi/run.sh [js|c] [DIGITS] [MOVES]
#
# js: JavaScript, by QuickJS compiled to WebAssembly (examples/build.sh). c: a program of ours, which needs nothing.
. "$(dirname "$0")/../cloud.sh"
language=${1:-js}
moves=${3:-10}

if [ "$language" = js ] && ! js=$(sh "$here/../build.sh" quickjs); then
  say 'There is no QuickJS (see above); going on with the program in C.'
  language=c
  set -- c # which is faster: as many digits as it takes
fi
if [ "$language" = js ]; then
  cp "$js" js.wasm
  cp "$here/pi.js" .
  digits=${2:-2500}
  set -- --file pi.js -- js.wasm pi.js "$digits"
else
  cp "$toolbox" toolbox.wasm
  digits=${2:-20000}
  set -- -- toolbox.wasm pi "$digits"
fi

say 'Five daemons on this machine.'
run welkin local up --nodes 5 --detach

say "A program that computes $digits digits of pi, and somebody who watches."
run welkin run --detach --name pi --on n1 --wasm "$@"
await pi is pi running
printf '$ %s &\n' 'welkin logs -f pi | tee watched'
: > watched
welkin logs -f pi > watched & watcher=$!
tail -n +1 -f watched & printer=$!

travel pi "$moves" 5
run welkin ps
run welkin wait pi
wait "$watcher"
kill "$printer"

say 'The same, not moved.'
printf '$ %s\n' "welkin run --wasm $* > stayed"
welkin run --wasm "$@" > stayed
run cmp watched stayed
say "Moved $moves times, and not a digit is another: $(grep -o '[0-9]' watched | wc -l) of them, ending in \
$(tr -d '\n' < watched | tail -c 10)."
