/**
 * Attacks all that takes bytes from strangers with messages that nobody has sent.
 *
 *     npm run fuzz -- [--mutations 100000] [--seed S] [--target NAME] [--own N] [--http URL]
 */
import { parseArgs } from 'node:util'
import { DNS } from './dns.ts'
import { FRAMES } from './frames.ts'
import { fuzz, type Target } from './fuzz.ts'
import { Chance } from './mutator.ts'
import { httpTarget } from './http.ts'
import { TARGETS } from './targets.ts'

const { values } = parseArgs({
  options: {
    mutations: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' },
    target: { type: 'string' }, own: { type: 'string' }, http: { type: 'string' }
  }
})
const all: Target[] = [...TARGETS, FRAMES, DNS, ...values.http === undefined ? [] : [httpTarget(values.http)]]
const chosen = all.filter(({ name }) => values.target === undefined || name === values.target)
const shares = chosen.reduce((sum, { share = 1 }) => sum + share, 0)

if (values.own === undefined) {
  for (const target of chosen) {
    const count = Math.ceil(Number(values.mutations) * (target.share ?? 1) / shares)
    const startedMs = performance.now()
    const { taken, refused } = await fuzz(target, count, Number(values.seed))
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    process.stdout.write(`${target.name.padEnd(12)} ${count} in ${seconds} s: ${refused} refused, ${taken} taken\n`)
  }
} else await chosen[0]?.attack(new Chance(Number(values.own)))
