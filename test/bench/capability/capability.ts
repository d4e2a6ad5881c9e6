import type { NodeFile } from '@welkin/daemon/real'
import { bench } from '../bench.ts'
import { contender, contest } from '../contest.ts'
import { until, type Stage } from '../stage.ts'
import { median } from '../statistics.ts'
import { verifyRates } from './chains.ts'
import type { Started } from './daemons.ts'

/** What capabilities cost: chains verified by one core, and calls of a guarded cloud of two beside an open one. */
export const capability = bench('Chains of delegations verified, and calls to guarded and open daemons', {
  chains: { about: 'two-link chains, each verified for the first time and again', usual: 4000, quick: 200 },
  rounds: { about: 'turns of each contender', usual: 5, quick: 1 },
  ms: { about: 'length of a turn', usual: 1500, quick: 150 },
  inFlight: { about: 'calls at a time, on one connection', usual: 64, quick: 64 }
}, async ({ chains: count, ...rules }, stage) => {
  const turns = Array.from({ length: rules.rounds }, () => verifyRates(count, rules.ms))
  const chains = {
    coldPerSecond: median(turns.map(({ coldPerSecond }) => coldPerSecond)),
    warmPerSecond: median(turns.map(({ warmPerSecond }) => warmPerSecond))
  }
  const [guarded, open] = [await pairOf(stage, true), await pairOf(stage, false)]
  const { figures, ratio } = await contest([
    contender('guarded', await asking(stage, guarded)),
    contender('open', await asking(stage, open)),
    contender('guarded, forwarded', await asking(stage, guarded, 'n2')),
    contender('open, forwarded', await asking(stage, open, 'n2'))
  ], rules)
  const rate = (name: string): number => figures[name]?.['perSecond'] ?? Number.NaN
  const calls = {
    guardedPerSecond: rate('guarded'), openPerSecond: rate('open'), ratio: ratio('guarded', 'open'),
    guardedForwardedPerSecond: rate('guarded, forwarded'), openForwardedPerSecond: rate('open, forwarded'),
    ratioForwarded: ratio('guarded, forwarded', 'open, forwarded')
  }
  return {
    figures: { chains, calls },
    rivals: { 'iso-ucan': null },
    lines: { 'two-link chains': chains, ...figures },
    targets: [
      { what: 'two-link chains a second, cold', value: chains.coldPerSecond, atLeast: 4000 },
      { what: 'two-link chains a second, warm', value: chains.warmPerSecond, atLeast: 100_000 },
      { what: 'calls, guarded by open', value: calls.ratio, atLeast: 0.85 },
      { what: 'calls that are forwarded, guarded by open', value: calls.ratioForwarded, atLeast: 0.85 }
    ],
    notes: [
      'A call asks which objects go by a name that none has, through a UNIX socket; forwarded, of the other node.',
      'iso-ucan is not installed here; its 0.5.0 was known to verify 363 two-link chains a second, 4000 with a ' +
      'verifier of node:crypto.'
    ]
  }
})

/** Two daemons that know one another. */
async function pairOf (stage: Stage, guarded: boolean): Promise<NodeFile> {
  type More = { join?: readonly string[], ticket?: string | undefined }
  const start = async (name: string, more: More): Promise<Started> =>
    await stage.fork(new URL('daemons.js', import.meta.url)).ask<Started>({
      dataDir: stage.dataDir(), name, guarded, http: false, logLevel: 'error', ...more
    })
  const { info, ticket } = await start('n1', {})
  await start('n2', { join: info.addresses, ticket })
  const { syscalls } = await stage.connect(info)
  await until(async () => (await syscalls.nodes({})).nodes.filter(({ state }) => state === 'up').length === 2)
  return info
}

async function asking (stage: Stage, info: NodeFile, node?: string): Promise<() => Promise<unknown>> {
  const { syscalls } = await stage.connect(info)
  return async () => await syscalls.locate({ ref: 'nobody' }, node === undefined ? {} : { node })
}
