# Welkin for programs in sh that can be moved while they run:
#
#   . "$WELKIN_CLIENTS/welkin.sh"
#   n=$(welkin_restored) || n=0          # the state to go on from; fails: it begins
#   welkin_cooperate                     # says that this program gives its state when it is asked
#   while :; do
#     echo "$n"; n=$((n + 1)); sleep 1
#     welkin_point echo "$n"             # between two steps: what this command prints is the state
#   done
#
# A helper holds the connection to the node, and tells the shell by SIGUSR1; it needs the "node" of Welkin in the PATH.

welkin_restored () {
  [ -n "${WELKIN_RESTORE:-}" ] && cat "$WELKIN_RESTORE"
}

welkin_cooperate () {
  welkin_asked=
  welkin_dir=$PWD/.welkin
  trap 'welkin_asked=1' USR1
  rm -rf "$welkin_dir"
  mkdir "$welkin_dir" && mkfifo "$welkin_dir/done" "$welkin_dir/go" || return
  # In a shell of its own, so that a bare "wait" does not wait for it.
  (node "$WELKIN_CLIENTS/../dist/src/shell-helper.js" $$ "$welkin_dir" < /dev/null > /dev/null &)
}

welkin_point () {
  [ -n "${welkin_asked:-}" ] || return 0
  welkin_asked=
  if "$@" > "$welkin_dir/state"; then welkin_said=ok; else welkin_said=failed; fi
  echo "$welkin_said" > "$welkin_dir/done"
  read -r welkin_said < "$welkin_dir/go"
}
