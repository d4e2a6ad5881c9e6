import { bench, type Figures, type Target } from '../bench.ts'
import { geometricMean, raceKernels } from './kernels.ts'
import { optional } from './optional.ts'
import { PROGRAMS, raceProgram } from './programs.ts'
import { asyncify, MAKES } from './variants.ts'

const MADE_MS_MAX: Readonly<Record<string, number>> = { QuickJS: 1000, SQLite: 1200 }
const SLOWDOWN_MAX: Readonly<Record<string, number>> = { QuickJS: 2, SQLite: 1.3 }

/** What it costs that a program can be suspended: its time by that of the plain module; and to make it so. */
export const suspend = bench('What it costs WebAssembly modules that they can be suspended', {
  rounds: { about: 'rounds, of which the shortest counts', usual: 7, quick: 1 },
  size: { about: 'how long the large programs run', usual: 100, quick: 1 }
}, async ({ rounds, size }) => {
  const binaryen = await asyncify()
  const makes = { ...MAKES, ...binaryen === undefined ? {} : { asyncify: binaryen } }
  const ratios = await raceKernels(makes, rounds, size === 1)
  const lines: Record<string, Figures | null> = {}
  const mean = (name: string): number => geometricMean(Object.values(ratios[name] ?? {}))
  for (const name of Object.keys(makes).slice(1)) lines[label(name)] = { mean: mean(name), ...ratios[name] }
  if (binaryen === undefined) lines['binaryen asyncify, at calls'] = null
  const targets: Target[] = [
    { what: 'slowdown of eight kernels at calls, geometric mean', value: mean('calls'), atMost: 1.05 },
    { what: 'slowdown of eight kernels anywhere, geometric mean', value: mean('anywhere'), atMost: 1.25 }
  ]
  const programs: Record<string, Figures> = {}
  const missing: string[] = []
  for (const program of PROGRAMS) {
    if (await optional(program.from) === undefined) {
      missing.push(program.from)
      lines[program.name] = null
      continue
    }
    // asyncify takes most of a minute for each of them.
    const { plain, ...others } = await raceProgram(program, size === 1 ? MAKES : makes, Math.ceil(rounds / 3), size)
    for (const [name, { bytes, madeMs, ranMs }] of Object.entries(others)) {
      const slowdown = ranMs / (plain?.ranMs ?? Number.NaN)
      const figures = { madeMs, slowdown, ranMs, timesTheBytes: bytes / (plain?.bytes ?? Number.NaN) }
      programs[`${program.name}, ${name}`] = figures
      lines[`${program.name}, ${label(name)}`] = figures
      if (name !== 'anywhere') continue
      const { [program.name]: madeMsMax = 0 } = MADE_MS_MAX
      const { [program.name]: slowdownMax = 0 } = SLOWDOWN_MAX
      targets.push(
        { what: `milliseconds to make ${program.name} suspendable`, value: madeMs, atMost: madeMsMax },
        { what: `slowdown of ${program.name}, anywhere`, value: slowdown, atMost: slowdownMax })
    }
  }
  return {
    figures: { calls: mean('calls'), anywhere: mean('anywhere'), ...programs },
    rivals: { binaryen: binaryen === undefined ? null : { calls: mean('asyncify') } },
    lines,
    targets,
    notes: [
      'Time by that of the plain module: 1 is as fast. At calls: suspendable where imports are called; ' +
        'anywhere: also preempted.',
      ...missing.length + (binaryen === undefined ? 1 : 0) === 0 ? [] : [
        `Not installed here: ${[...missing, ...binaryen === undefined ? ['binaryen'] : []].join(', ')}; ` +
        'npm install --no-save NAME brings each.'
      ]
    ]
  }
})

function label (name: string): string {
  return name === 'asyncify' ? 'binaryen asyncify, at calls' : name === 'calls' ? 'at calls' : name
}
