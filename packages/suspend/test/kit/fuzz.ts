import { makeSuspendable, type Value } from '../../src/index.ts'
import { always, every, Traveller, type Itinerary } from './traveller.ts'
import { randomModule } from './random-module.ts'

/** What can be seen of a run from outside. */
interface Seen { readonly outcome: string, readonly calls: readonly string[], readonly memory: number }

const ITINERARIES: ReadonlyArray<() => Itinerary> = [
  () => ({ suspendsNow: () => false, movesOn: false }), always, () => every(3), () => always(false)
]
const ARGUMENTS = [0, 7, -3]

/**
 * Compares a module drawn from this seed, run as it is, with the same made suspendable, in several ways, and suspended
 * at all kinds of places. Resolves to the count of suspensions; throws for a difference.
 */
export function fuzzOne (seed: number): number {
  const bytes = randomModule(seed)
  if (!WebAssembly.validate(bytes)) throw new Error(`seed ${seed} draws no valid module`)
  const expected = ARGUMENTS.map(argument => look(seen => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports(seen))
    const { memory, run } = instance.exports as { memory: WebAssembly.Memory, run: (of: number) => number }
    return { memory: () => memory, run: () => run(argument) }
  }))
  let hops = 0
  for (const points of ['calls', 'anywhere'] as const) {
    for (const uncheckedInstructionsMax of points === 'calls' ? [0] : [0, 50_000]) {
      const made = makeSuspendable(bytes, {
        points, uncheckedInstructionsMax, suspendingImports: (_, name) => name !== 'quiet'
      })
      if (!made.isSuspendable) throw new Error(`seed ${seed}: ${made.reasons.join()}`)
      const module = new WebAssembly.Module(made.module)
      for (const [nth, makeItinerary] of ITINERARIES.entries()) {
        for (const [at, argument] of ARGUMENTS.entries()) {
          const seen = look(notes => {
            const traveller = new Traveller(module, () => imports(notes), makeItinerary())
            return {
              memory: () => traveller.guest.memory as WebAssembly.Memory,
              run: () => {
                const [result] = traveller.call('run', [argument])
                hops += traveller.hops
                return result
              }
            }
          })
          const [want, got] = [JSON.stringify(expected[at]), JSON.stringify(seen)]
          if (want !== got) {
            const way = `${points}, ${uncheckedInstructionsMax}, itinerary ${nth}, run(${argument})`
            throw new Error(`seed ${seed}, ${way}:\n${differenceOf(want, got)}`)
          }
        }
      }
    }
  }
  return hops
}

function look (make: (calls: string[]) => { memory: () => WebAssembly.Memory, run: () => unknown }): Seen {
  const calls: string[] = []
  const { memory, run } = make(calls)
  let outcome: string
  try {
    outcome = String(run())
  } catch (error) {
    outcome = (error as Error).message
  }
  let sum = 0
  for (const word of new Int32Array(memory().buffer)) sum = Math.imul(sum ^ word, 0x0100_0193)
  return { outcome, calls, memory: sum }
}

function imports (calls: string[]): Record<string, Record<string, unknown>> {
  const note = (name: string, args: readonly Value[]): number => {
    calls.push(`${name} ${args.map(arg => Object.is(arg, -0) ? '-0' : String(arg)).join()}`)
    return calls.length
  }
  return {
    env: {
      note: (value: number) => note('note', [value]) * 3 + value,
      wide: (...args: Value[]) => BigInt(note('wide', args)) * -0x1_2345_6789n,
      pair: (value: number) => [note('pair', [value]), value / 3],
      quiet: Object.assign(() => { note('quiet', []) }, { steady: true })
    }
  }
}

/** Both from a little before where they part. */
function differenceOf (one: string, other: string): string {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return [one, other].map(text => text.slice(Math.max(0, at - 60), at + 200)).join('\n')
}
