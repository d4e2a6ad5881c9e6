#!/bin/sh
# A rack fails under a job whose state is kept elsewhere: sh examples/rack/run.sh
. "$(dirname "$0")/../cloud.sh"
cp "$toolbox" toolbox.wasm

say 'Eight daemons in two sites of two racks.'
run welkin local up --nodes 8 --sites 2 --racks 2 --detach

say 'A job that counts, whose state is kept on two other nodes every two seconds, and somebody who watches.'
run welkin run --detach --name job --on local/site2 --wasm --checkpoint-every 2s --on-failure restore \
  -- toolbox.wasm count 50
await job is job running
printf '$ %s &\n' 'welkin logs -f job > watched'
: > watched
welkin logs -f job > watched & watcher=$!
is_kept() { welkin events | grep -q objectCheckpointed; }
await job is_kept
run welkin ps

rack=$(field job zone)
say "Its rack, $rack, fails: each daemon there is ended by SIGKILL, and the job with it."
before=$(wc -l < watched)
for node in $(welkin local ls | awk -v rack="$rack" '$3 == rack { print $2 }'); do
  run welkin local kill "$node"
done

say 'Another node goes on with it, as soon as it may: when the word of the failed one has run out.'
goes_on() { [ "$(wc -l < watched)" -gt $((before + 20)) ] && is job running; }
await job goes_on
run welkin ps
run welkin kill job
wait "$watcher"

printf '$ %s\n' "awk '\$1 != NR' watched"
awk '$1 != NR { print "line " NR " is " $1; wrong = 1 } END { exit wrong }' watched
say "It counted from 1 to $(tail -n 1 watched), of which it had come to $before when the rack failed, and left out \
nothing."
