#!/bin/sh
# A server that is moved while somebody talks to it, over one connection: sh examples/server/run.sh [c|go] [MOVES]
#
# c: a program of ours, which needs nothing. go: an ordinary server of net/http, for which it takes Go 1.24 or later.
. "$(dirname "$0")/../cloud.sh"
language=${1:-c}
moves=${2:-10}

if [ "$language" = go ]; then
  say 'Compiled from server.go.'
  run env GOOS=wasip1 GOARCH=wasm GOCACHE="$work/go" GO111MODULE=off go build -o server.wasm "$here/server.go"
  port=http
  set -- server.wasm
else
  cp "$root/packages/driver-wasm/test/programs/talk.wasm" server.wasm
  port=lines
  set -- server.wasm count lines
fi

say 'Three daemons on this machine.'
run welkin local up --nodes 3 --detach

say 'A server, and somebody who asks it again and again from another node.'
run welkin run --detach --name server --on n1 --wasm "$@"
listens() { welkin logs server | grep -q listening; }
await server listens
printf '$ %s &\n' "welkin forward --resumable 0 server:$port"
: > forwarded
welkin forward --resumable 0 "server:$port" > forwarded & forward=$!
forwards() { grep -q : forwarded; }
await server forwards
address=$(sed -n 's/ .*//p' forwarded | head -n 1)
: > answers
node "$here/client.mjs" "${address##*:}" "$port" > answers & client=$!

travel server "$moves" 3
run welkin ps

kill "$client"
wait "$client" # which fails where an answer was not the next
kill "$forward"
wait "$forward" || :
say "Moved $moves times: $(cat answers)"
