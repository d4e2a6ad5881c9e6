import { tmpdir } from 'node:os'
import { createNodeMachine } from '@welkin/platform-node'
import { compareOutcomes, formatComparison } from '../compare.ts'
import { commandOf, type Given } from './arguments.ts'
import { playOne } from './play-one.ts'
import { playableHere, playReal } from './play-real.ts'

/** What is counted as messages and bytes, in either world. */
const COUNTED = `Bytes are what goes over the line, encrypted: of simulated nodes an estimate, 48 a message beside its
payload; of real ones what they give to their sockets, without the headers of TCP and IP. Messages are those of the
kernel, and what real daemons give to a socket at a time. * differs by more than a fifth.`

/** Plays one run in virtual time and on real daemons, and shows both side by side; whether all held in both. */
export async function compare (given: Given): Promise<boolean> {
  const { json, seed, faults } = given
  const here = playableHere(given)
  const machine = await createNodeMachine(tmpdir()).facts() // so that virtual ones have as much, and as much to tell
  const scenario = { ...here, topology: { ...here.topology, machine } }
  const { report: simulated } = await playOne({ ...given, scenarios: [scenario] })
  const real = await playReal(given)
  const rows = compareOutcomes(simulated, real)
  const command = commandOf(given, 'compare', seed, faults)
  const { story: _story, ...plain } = real
  process.stdout.write(json ? `${JSON.stringify({ command, rows, simulated, real: plain })}\n` : [
    `${scenario.name}, ${real.nodes} nodes, seed ${seed}${real.interrupted ? ', until it was interrupted' : ''}`,
    ...simulated.broken.map(what => `  simulated: ${what}`),
    ...real.broken.map(what => `  real: ${what}`),
    ...real.leftOut.map(what => `  left out: ${what}`),
    formatComparison(rows), COUNTED, ''
  ].join('\n'))
  return simulated.broken.length === 0 && real.broken.length === 0
}
