import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { Guest, makeSuspendable, type SuspendOptions, type Value } from '../src/index.ts'
import { always, every, Traveller, type Itinerary } from './kit/traveller.ts'
import { Wasi } from './kit/wasi.ts'

const KERNELS: ReadonlyArray<[name: string, argument: number]> = [
  ['fib', 9], ['sieve', 300], ['matmul', 5], ['sha', 2], ['sort', 90], ['trees', 5], ['text', 3], ['collatz', 20]
]
const VECTORS: ReadonlyArray<[name: string, argument: number]> = [['halves', 256], ['bytes', 200]]

const INPUT = 'pear\napple\nquince\nmedlar\nfig\ngrape\nblackberry\nelderberry\ncherry\n'
const COMMAND = { args: ['story', '12'], input: INPUT }

const WAYS: Record<string, SuspendOptions> = {
  'at its calls': { points: 'calls', suspendingImports: () => true },
  'anywhere': { points: 'anywhere', suspendingImports: () => true },
  'at every round of every loop': { points: 'anywhere', suspendingImports: () => true, uncheckedInstructionsMax: 0 }
}

const never: Itinerary = { suspendsNow: () => false, movesOn: false }

function program (name: string): Uint8Array {
  return readFileSync(new URL(`../../test/programs/${name}.wasm`, import.meta.url))
}

function suspendable (name: string, options: SuspendOptions): WebAssembly.Module {
  const { module, isSuspendable, reasons } = makeSuspendable(program(name), options)
  expect(reasons).to.deep.equal([])
  expect(isSuspendable).to.equal(true)
  return new WebAssembly.Module(module)
}

function travel (module: WebAssembly.Module, itinerary: Itinerary, command = {}): { traveller: Traveller, wasi: Wasi } {
  const wasi: Wasi = new Wasi(() => traveller.guest.memory as WebAssembly.Memory, command)
  const traveller: Traveller = new Traveller(module, () => wasi.imports(), itinerary)
  return { traveller, wasi }
}

function plain (name: string, command = {}): { exports: Record<string, (...args: Value[]) => Value>, wasi: Wasi } {
  const wasi: Wasi = new Wasi(() => exports['memory'] as unknown as WebAssembly.Memory, command)
  const instance = new WebAssembly.Instance(new WebAssembly.Module(program(name)), wasi.imports())
  const exports = instance.exports as Record<string, (...args: Value[]) => Value>
  return { exports, wasi }
}

function digest (memory: WebAssembly.Memory): number {
  let sum = 0
  for (const byte of new Uint8Array(memory.buffer)) sum = Math.imul(sum ^ byte, 0x0100_0193)
  return sum
}

describe('programs in C', function () {
  this.timeout(60_000)

  for (const [name, work] of [['kernels', KERNELS], ['vectors', VECTORS]] as const) {
    for (const [way, options] of Object.entries(WAYS)) {
      it(`${name} give the same results and leave the same memory, suspended ${way}`, () => {
        const module = suspendable(name, options)
        for (const itinerary of [never, always(), every(5), always(false)]) {
          const { exports } = plain(name)
          exports['_initialize']?.()
          const { traveller } = travel(module, itinerary)
          traveller.call('_initialize', [])
          for (const [kernel, argument] of work) {
            expect(traveller.call(kernel, [argument]), kernel).to.deep.equal([exports[kernel]?.(argument)])
          }
          expect(digest(traveller.guest.memory as WebAssembly.Memory))
            .to.equal(digest(exports['memory'] as unknown as WebAssembly.Memory))
          if (itinerary !== never && options.points === 'anywhere') expect(traveller.hops).to.be.above(0)
        }
      })
    }
  }

  for (const [way, options] of Object.entries(WAYS)) {
    it(`a command does the same, call by call, suspended ${way}`, () => {
      const { exports, wasi: expected } = plain('story', COMMAND)
      const status = expected.statusOf(() => exports['_start']?.())
      expect(expected.output).to.include('0: apple\n')
      const module = suspendable('story', options)
      const isSlow = options.uncheckedInstructionsMax === 0
      const itineraries = isSlow ? [every(97)] : [never, always(), every(3), always(false)]
      for (const itinerary of itineraries) {
        const { traveller, wasi } = travel(module, itinerary, COMMAND)
        expect(wasi.statusOf(() => traveller.call('_start', []))).to.equal(status)
        expect(wasi.output).to.equal(expected.output)
        expect(wasi.calls).to.deep.equal(expected.calls)
        expect(digest(traveller.guest.memory as WebAssembly.Memory))
          .to.equal(digest(exports['memory'] as unknown as WebAssembly.Memory))
        if (itinerary !== never) expect(traveller.hops).to.be.above(1)
      }
    })
  }

  it('count about the same fuel however often they are suspended', () => {
    const module = suspendable('kernels', WAYS['anywhere'] as SuspendOptions)
    const used = [never, always()].map(itinerary => {
      const { traveller } = travel(module, itinerary)
      traveller.call('fib', [15])
      return traveller.guest.fuelUsed
    })
    expect(used[0]).to.be.above(1000)
    expect(used[1]).to.equal(used[0])
  })

  it('run as they are in a guest that nobody suspends', () => {
    const guest = new Guest(suspendable('kernels', WAYS['anywhere'] as SuspendOptions), new Wasi(() => {
      throw new Error('nothing is written')
    }).imports())
    expect(guest.call('fib', [20])).to.deep.equal({ kind: 'finished', results: [6765] })
  })
})
