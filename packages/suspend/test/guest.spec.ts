import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { Guest, makeSuspendable, SUSPEND, type GuestOptions, type GuestState, type Value } from '../src/index.ts'
import { wat } from './kit/wat.ts'

type Functions = Record<string, (...args: Value[]) => unknown>

/** Makes guests of this text; functions of `env` are its imports. */
function guestsOf (text: string, points: 'calls' | 'anywhere' = 'calls') {
  const { module, reasons } = makeSuspendable(wat(text), { points, suspendingImports: () => true })
  expect(reasons).to.deep.equal([])
  const compiled = new WebAssembly.Module(module)
  return (env: Record<string, unknown> = {}, options: GuestOptions = {}) => new Guest(compiled, { env }, options)
}

/** Another guest that goes on where this one is, as after a journey. */
function moved (from: Guest, to: Guest): Guest {
  const state = structuredClone(from.save()) as GuestState
  to.restore(state)
  if (from.memory !== undefined && to.memory !== undefined) {
    new Uint8Array(to.memory.buffer).set(new Uint8Array(from.memory.buffer))
  }
  return to
}

function codeOf (run: () => unknown): string {
  try {
    run()
    return 'nothing'
  } catch (error) {
    return error instanceof CloudError ? error.code : String(error)
  }
}

const suspending = (): typeof SUSPEND => SUSPEND

describe('a guest', () => {
  it('waits for what an import gives, and is told it when it is resumed', () => {
    const make = guestsOf(`(module (import "env" "ask" (func $ask (param i32 i64 f64) (result i64)))
      (func (export "run") (param i32) (result i64)
        (i64.add (i64.const 1) (call $ask (local.get 0) (i64.const -5) (f64.const 0.5)))))`)
    const guest = make({ ask: suspending })
    const pending = { module: 'env', name: 'ask', args: [7, -5n, 0.5] }
    expect(guest.call('run', [7])).to.deep.equal({ kind: 'suspended', pending })
    expect(moved(guest, make({ ask: suspending })).resume([2n ** 40n]))
      .to.deep.equal({ kind: 'finished', results: [2n ** 40n + 1n] })
  })

  it('has the import called again, with the same arguments, when nothing is told', () => {
    const make = guestsOf(`(module (import "env" "ask" (func $ask (param i32) (result i32)))
      (func (export "run") (result i32) (i32.mul (call $ask (i32.const 3)) (call $ask (i32.const 4)))))`)
    const asked: Value[] = []
    const env: Functions = { ask: of => asked.push(of as number) % 3 === 0 ? 10 + Number(of) : SUSPEND }
    const guest = make(env)
    let outcome = guest.call('run')
    for (let turn = 0; outcome.kind === 'suspended' && turn < 9; turn++) outcome = guest.resume()
    expect(outcome).to.deep.equal({ kind: 'finished', results: [13 * 14] })
    expect(asked).to.deep.equal([3, 3, 3, 4, 4, 4])
  })

  it('takes and gives several values', () => {
    const make = guestsOf(`(module (import "env" "ask" (func $ask (result i32 f32 i64)))
      (func (export "run") (result i64 f32 i32) (local i32 f32 i64)
        call $ask local.set 2 local.set 1 local.set 0 local.get 2 local.get 1 local.get 0))`)
    const guest = make({ ask: suspending })
    guest.call('run')
    expect(guest.resume([1, 1.5, -3n])).to.deep.equal({ kind: 'finished', results: [-3n, 1.5, 1] })
  })

  it('keeps all bits of what it computes with, those of a NaN too', () => {
    const make = guestsOf(`(module (import "env" "now" (func $now)) (global $g (mut f32) (f32.const nan:0x200001))
      (global $v (mut v128) (v128.const i32x4 1 2 3 4))
      (func (export "run") (result i64) (local $f f64) (local $v v128)
        (local.set $f (f64.const nan:0x4000000000001)) (local.set $v (v128.const i64x2 5 -6))
        call $now
        (i64.xor (i64.xor (i64.reinterpret_f64 (local.get $f)) (i64x2.extract_lane 1 (local.get $v)))
          (i64.add (i64.extend_i32_u (i32.reinterpret_f32 (global.get $g))) (i64x2.extract_lane 1 (global.get $v))))))`)
    const plain = make({ now: () => undefined }).call('run')
    const guest = make({ now: suspending })
    guest.call('run')
    expect(moved(guest, make({ now: () => undefined })).resume()).to.deep.equal(plain)
  })

  it('has run its start function when it is restored, or is in the middle of it', () => {
    const make = guestsOf(`(module (import "env" "ask" (func $ask (result i32))) (global $sum (mut i32) (i32.const 100))
      (func $begin (global.set $sum (i32.add (global.get $sum) (call $ask)))) (start $begin)
      (func (export "sum") (result i32) (global.get $sum)))`)
    const guest = make({ ask: suspending })
    expect(guest.start().kind).to.equal('suspended')
    const other = moved(guest, make({ ask: () => 11 }))
    expect(other.resume()).to.deep.equal({ kind: 'finished', results: [] })
    expect(other.call('sum')).to.deep.equal({ kind: 'finished', results: [111] })
  })

  it('takes with it which segments were dropped, how far memory grew, and what tables have become', () => {
    const make = guestsOf(`(module (import "env" "now" (func $now)) (memory (export "memory") 1) (table $t 2 funcref)
      (type $f (func (result i32))) (func $one (type $f) (i32.const 1)) (func $two (type $f) (i32.const 2))
      (elem $e func $one) (elem (i32.const 0) $one) (elem declare func $two) (data $d "abc")
      (func (export "run") (result i32)
        (data.drop $d) (elem.drop $e) (drop (memory.grow (i32.const 2)))
        (table.set $t (i32.const 1) (ref.func $two)) (drop (table.grow $t (ref.func $one) (i32.const 3)))
        (i32.store8 (i32.const 150000) (i32.const 42))
        call $now
        (i32.add (call_indirect $t (type $f) (i32.const 1)) (i32.add (call_indirect $t (type $f) (i32.const 4))
          (i32.add (memory.size) (i32.load8_u (i32.const 150000))))))
      (func (export "init") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3)))
      (func (export "fill") (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))))`)
    const guest = make({ now: suspending })
    guest.call('run')
    const other = moved(guest, make({ now: () => undefined }))
    expect(other.resume()).to.deep.equal({ kind: 'finished', results: [2 + 1 + 3 + 42] })
    expect(() => other.call('init')).to.throw(WebAssembly.RuntimeError)
    expect(() => other.call('fill')).to.throw(WebAssembly.RuntimeError)
  })

  it('cannot be saved while a table holds what is its host\'s', () => {
    const make = guestsOf(`(module (import "env" "now" (func $now)) (table (export "t") 2 funcref)
      (func (export "run") call $now))`)
    const stranger = make({ now: suspending })
    const guest = make({ now: suspending })
    ;(guest.exports['t'] as WebAssembly.Table).set(0, stranger.exports['run'])
    guest.call('run')
    expect(codeOf(() => guest.save())).to.equal('ENOSYS')
  })

  it('can be stopped wherever it runs, in endless loops and endless calls of each other', () => {
    const make = guestsOf(`(module (func (export "loop") (loop br 0)) (func $a (export "calls") (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (i32.const 0)))) (drop (call $b (i32.sub (local.get 0) (i32.const 1))))
      (call $b (i32.sub (local.get 0) (i32.const 1))))
      (func $b (param i32) (result i32) (i32.add (call $a (local.get 0)) (call $a (local.get 0)))))`, 'anywhere')
    for (const [name, args] of [['loop', []], ['calls', [40]]] as const) {
      let asked = 0
      const guest = make({}, { refuel: () => asked++ === 0 ? 100_000 : SUSPEND })
      expect(guest.call(name, args)).to.deep.equal({ kind: 'suspended', pending: undefined })
      expect(guest.fuelUsed).to.be.within(99_999, 110_000)
      expect(moved(guest, make({}, { refuel: suspending })).resume().kind).to.equal('suspended')
    }
  })

  it('may be thousands of calls deep', () => {
    const make = guestsOf(`(module (import "env" "ask" (func $ask (result i32)))
      (func $deep (export "deep") (param i32) (result i32)
        (if (result i32) (local.get 0) (then (i32.add (local.get 0) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
          (else (call $ask)))))`)
    const guest = make({ ask: suspending })
    guest.call('deep', [4000])
    const state = guest.save()
    expect(state.frames.length).to.be.above(4000 * 3)
    expect(moved(guest, make({ ask: () => 5 })).resume()).to.deep.equal({ kind: 'finished', results: [8_002_005] })
  })

  it('is not suspended while it was called by an import', () => {
    const make = guestsOf(`(module (import "env" "back" (func $back (result i32)))
      (import "env" "ask" (func $ask (result i32)))
      (func (export "run") (result i32) (call $back)) (func (export "inner") (result i32) (call $ask)))`)
    const guest: Guest = make({ back: () => inner(), ask: suspending })
    const inner = (): unknown => guest.call('inner')
    expect(codeOf(() => guest.call('run'))).to.equal('ENOSYS')
    const other: Guest = make({ back: () => nested().results[0], ask: () => 9 })
    const nested = (): { results: readonly Value[] } => other.call('inner') as { results: readonly Value[] }
    expect(other.call('run')).to.deep.equal({ kind: 'finished', results: [9] })
  })

  it('is idle after a trap, and after what an import throws', () => {
    const make = guestsOf(`(module (import "env" "ask" (func $ask (result i32)))
      (func (export "trap") (drop (call $ask)) unreachable) (func (export "ask") (result i32) (call $ask)))`)
    let answer: () => unknown = () => { throw new RangeError('no') }
    const guest = make({ ask: () => answer() })
    expect(() => guest.call('ask')).to.throw(RangeError, 'no')
    answer = suspending
    guest.call('trap')
    answer = () => 3
    expect(() => guest.resume()).to.throw(WebAssembly.RuntimeError)
    expect(guest.isSuspended).to.equal(false)
    expect(guest.call('ask')).to.deep.equal({ kind: 'finished', results: [3] })
  })

  it('says what cannot be done as it stands', () => {
    const make = guestsOf('(module (import "env" "now" (func $now)) (func (export "run") call $now))')
    const guest = make({ now: suspending })
    expect(codeOf(() => guest.call('walk'))).to.equal('ENOENT')
    expect(codeOf(() => guest.resume())).to.equal('ESRCH')
    expect(codeOf(() => guest.save())).to.equal('ESRCH')
    guest.call('run')
    expect(codeOf(() => guest.call('run'))).to.equal('EBUSY')
    const plain = wat('(module)')
    expect(codeOf(() => new Guest(new WebAssembly.Module(plain), {}))).to.equal('ENOEXEC')
  })

  it('refuses the state of another module, and a damaged one', () => {
    const text = '(module (import "env" "now" (func $now)) (func (export "run") call $now))'
    const guest = guestsOf(text)({ now: suspending })
    guest.call('run')
    const state = guest.save()
    const other = guestsOf(text.replace('run', 'ran'))
    expect(codeOf(() => { other({ now: suspending }).restore(state) })).to.equal('ESTALE')
    for (const frames of [[1, 2], [-3, 1, 1], [9, 1, 1]]) {
      const damaged = { ...state, frames: Int32Array.from(frames) }
      expect(codeOf(() => { guestsOf(text)({ now: suspending }).restore(damaged) })).to.equal('EINVAL')
    }
  })

  it('finds imports wherever its host keeps them', () => {
    class Host { now (): void { /* it is found */ } }
    const make = guestsOf(`(module (import "env" "now" (func $now)) (func (export "run") call $now))`)
    expect(make(new Host() as unknown as Functions).call('run')).to.deep.equal({ kind: 'finished', results: [] })
  })
})
