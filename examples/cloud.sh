# What the examples begin with: a local cloud of their own, of which nothing is left when they end.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
PATH="$root/node_modules/.bin:$PATH"
# A program with many faces, whose source is beside it; of those, `pi` and `count` are used.
toolbox=$root/packages/driver-wasm/test/programs/toolbox.wasm

work=$(mktemp -d)
WELKIN_HOME=$work/home
export WELKIN_HOME PATH
unset WELKIN_SOCKET WELKIN_TOKEN
leave() {
  status=$?
  # shellcheck disable=SC2046 # several numbers
  kill $(jobs -p) 2> "$work/killed" || :
  welkin local down > "$work/down" 2>&1
  cd / && rm -rf "$work"
  exit "$status"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$work"

say() { printf '\n# %s\n' "$*"; }

# Shows a command as one would type it, and runs it.
run() { printf '$ %s\n' "$*"; "$@"; }

# Of what the cloud says of an object, a field.
field() { welkin stat "$1" --json | sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p"; }
is() { [ "$(field "$1" state 2> "$work/why")" = "$2" ]; }

# Moves it so many times, over so many nodes: travel OBJECT TIMES NODES
travel() {
  say "It is moved $2 times."
  moved=0
  while [ "$moved" -lt "$2" ]; do
    moved=$((moved + 1))
    run welkin mv "$1" "n$((moved % $3 + 1))"
  done
}

# Waits until a command succeeds, while an object has not ended: await OBJECT COMMAND ARGS...
await() {
  of=$1
  shift
  until "$@"; do
    if is "$of" ended; then
      echo "It ended too soon:" >&2
      welkin logs "$of" | tail -n 5 >&2
      exit 1
    fi
    sleep 0.2
  done
}
