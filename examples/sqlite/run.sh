#!/bin/sh
# A long query of SQLite, moved in its middle: sh examples/sqlite/run.sh
#
# SQLite is compiled to WebAssembly by examples/build.sh. Its database is a file of the object's own, and moves along.
. "$(dirname "$0")/../cloud.sh"

sql=$(sh "$here/../build.sh" sqlite) || { echo 'There is no SQLite (see above).' >&2; exit 1; }
cp "$sql" sql.wasm
cp "$here/query.sql" .

say 'Three daemons on this machine.'
run welkin local up --nodes 3 --detach

say 'A query that goes on for a while.'
run welkin run --detach --name query --on n1 --wasm --file query.sql -- sql.wasm data.db query.sql
await query is query running
: > watched
welkin logs -f query > watched & watcher=$!
middle() { [ "$(wc -l < watched)" -gt 1 ]; }
await query middle
run welkin mv --explain query n2

say 'It is moved in the middle, twice.'
run welkin mv query n2
run welkin mv query n3
run welkin wait query
wait "$watcher"
run tail -n 4 watched

say 'The same, not moved.'
printf '$ %s\n' 'welkin run --wasm --file query.sql -- sql.wasm data.db query.sql > stayed'
welkin run --wasm --file query.sql -- sql.wasm data.db query.sql > stayed
run cmp watched stayed
say "The same $(wc -l < watched) rows."
