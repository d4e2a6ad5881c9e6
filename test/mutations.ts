/**
 * Does the simulator find bugs? Plants one at a time in the compiled kernel, as a programmer might make them, and soaks
 * swarms until one breaks. A bug that no seed finds is a hole in the checkers.
 *
 *     npm run mutations -- [--seeds 20] [--only N]
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

interface Mutation { what: string, file: string, from: string, to: string }

const MUTATIONS: readonly Mutation[] = [
  {
    what: 'an accused node does not deny',
    file: 'resources/site/hearing.js', from: 'this.#listener.contradicted(last.stamp);', to: ''
  },
  {
    what: 'a silent node is never held to be down',
    file: 'resources/detection/suspicion.js', from: 'return minMs;', to: 'return 1e9;'
  },
  {
    what: 'nobody is accused',
    file: 'resources/detection/detector.js', from: 'this.#listener.accuse(member);', to: ';'
  },
  {
    what: 'tables are not compared',
    file: 'resources/site/table-comparison.js', from: 'async compare(', to: 'async compare() {}\n    async never('
  },
  {
    what: 'an incarnation is not larger than in earlier lives',
    file: 'resources/incarnation.js',
    from: 'let incarnation = Math.floor(clock.wallMs());', to: 'return 1; let incarnation;'
  },
  {
    what: 'probation has no end',
    file: 'resources/detection/flap-damping.js', from: 'Math.min(PROBATION_MS_MAX, ', to: 'Math.max(1e9, '
  },
  {
    what: 'reservations never lapse',
    file: 'processes/reservations.js', from: '() => this.release(id)', to: '() => {}'
  },
  {
    what: 'promises of what has ended are kept',
    file: 'processes/processes.js', from: 'this.#promised.release(spec);', to: ';'
  },
  {
    what: 'nobody looks whether there is room',
    file: 'processes/promises.js', from: 'roomFor(', to: 'roomFor() { return { room: 1e6 } }\n    never('
  },
  {
    what: 'a record is not waited for',
    file: 'processes/records.js',
    from: 'await this.#disk.records.write(changes)', to: 'void this.#disk.records.write(changes)'
  },
  {
    what: 'what is lost is not started again',
    file: 'processes/after-end.js', from: 'if (killed || ', to: 'if (exit.kind === \'lost\' || killed || '
  }
]

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '20' }, only: { type: 'string' } } })
let missed = 0
for (const [i, { what, file, from, to }] of MUTATIONS.entries()) {
  if (values.only !== undefined && Number(values.only) !== i + 1) continue
  const path = fileURLToPath(new URL(`../../daemon/dist/src/kernel/${file}`, import.meta.url))
  const sound = readFileSync(path, 'utf8')
  if (!sound.includes(from)) throw new Error(`${file} has no longer "${from}"; mend this mutation.`)
  writeFileSync(path, sound.replace(from, to))
  try {
    const found = await firstBroken(Number(values.seeds))
    if (found === undefined) missed++
    process.stdout.write(`${i + 1}. ${what}: ${found ?? 'MISSED'}\n`)
  } finally {
    writeFileSync(path, sound)
  }
}
process.exitCode = missed === 0 ? 0 : 1

/** What broke first in a soak of so many seeds. */
async function firstBroken (seeds: number): Promise<string | undefined> {
  const soak = fileURLToPath(new URL('../../sim/bin/welkin-sim.js', import.meta.url))
  const child = spawn(process.execPath, [soak, 'soak', 'swarm', 'busy-cloud', 'short-pauses', '--seeds', `${seeds}`])
  let told = ''
  child.stderr.on('data', (piece: Buffer) => {
    told += piece.toString()
    if (/\n {4}.*\n/.test(told)) child.kill('SIGKILL')
  })
  await new Promise(resolve => { child.once('close', resolve) })
  const [run, broken] = told.trim().split('\n').map(line => line.trim())
  return broken === undefined ? undefined : `${broken.slice(0, 160)} (${run})`
}
