import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { abortReason, type ObjectId, type ProgramUpcalls } from '@welkin/interface'
import { shell } from './room.ts'

/** Counts, and gives what comes next when it finds a file `ask` in its directory; then it waits for a file `go`. */
export const COUNTS = shell(`
  n=$(cat "\${WELKIN_RESTORE:-/dev/null}"); n=\${n:-1}
  while :; do
    echo "$n"; n=$((n + 1))
    if [ -e ask ]; then
      rm ask; echo "$n" > draft; mv draft state
      while [ ! -e go ]; do sleep 0.01; done
      rm go
    fi
    sleep 0.1
  done`)

/** The node's part, by files in the program's directory. */
export function playedUpcalls (work: (path: string, id: ObjectId) => string): ProgramUpcalls {
  const asked = new Set<ObjectId>()
  return {
    handles: () => true,
    whenHandled: async () => {},
    askForState: async (id, { signal }) => {
      asked.add(id)
      await rm(work('state', id), { force: true })
      await writeFile(work('ask', id), '')
      while (!existsSync(work('state', id))) {
        if (signal.aborted) throw abortReason(signal)
        await sleep(5)
      }
      return { bytes: await readFile(work('state', id)) }
    },
    resume: id => { if (asked.delete(id)) void writeFile(work('go', id), '') },
    async * readBlob () {}
  }
}
