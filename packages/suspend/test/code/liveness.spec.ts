import { expect } from 'chai'
import { CALL, LOOP } from '../../src/binary/opcodes.ts'
import { readModule } from '../../src/binary/module.ts'
import { readCode } from '../../src/code/code.ts'
import { liveLocals } from '../../src/code/liveness.ts'
import { LIMITS } from '../../src/limits.ts'
import { wat } from '../kit/wat.ts'

/** What is live after each call of $now, and at each loop, in the order of the code; on entry last. */
function liveIn (locals: string, body: string): number[][] {
  const module = readModule(wat(`(module (import "env" "now" (func $now)) (func ${locals} ${body}))`))
  const type = module.types[module.functions[1] as number] as { params: number[], results: number[] }
  const code = readCode(module, type, module.bodies[0] as { from: number, until: number }, LIMITS)
  const wanted = [...code.ops.keys()].filter(at => code.ops[at] === CALL || code.ops[at] === LOOP)
  const live = liveLocals(code, new Set([...wanted, -1]))
  return [...wanted, -1].map(at => live.get(at) ?? [])
}

describe('what is live', () => {
  it('is what is read before it is written', () => {
    const body = 'call $now (local.set 1 (local.get 0)) call $now (drop (local.get 1)) call $now'
    expect(liveIn('(param i32) (local i32)', body)).to.deep.equal([[0], [1], [], [0]])
  })

  it('is, before a branching, what is live on one of the ways', () => {
    const body = `call $now (if (local.get 0) (then (drop (local.get 1)) call $now) (else (drop (local.get 2))))
      (drop (local.get 3))`
    expect(liveIn('(param i32 i32 i32 i32)', body)).to.deep.equal([[0, 1, 2, 3], [3], [0, 1, 2, 3]])
  })

  it('is, at a branch out of blocks, what is live where that leads', () => {
    const body = `(block $a (block $b call $now (br_table $a $b (local.get 0))) (drop (local.get 1)) return)
      (drop (local.get 2))`
    expect(liveIn('(param i32 i32 i32)', body)).to.deep.equal([[0, 1, 2], [0, 1, 2]])
  })

  it('is, within a loop, what another round reads', () => {
    const body = `(loop $again call $now (drop (local.get 1)) (local.set 1 (local.get 2))
      (local.set 3 (i32.const 1)) (drop (local.get 3)) call $now (br_if $again (local.get 0)))`
    expect(liveIn('(param i32 i32 i32 i32)', body)).to.deep.equal([[0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 1, 2]])
  })

  it('is right in loops within loops, which take several passes', () => {
    const body = `(loop $a (loop $b (loop $c call $now (br_if $c (local.get 0))) (drop (local.get 1))
      (br_if $b (local.get 0))) (drop (local.get 2)) (br_if $a (local.get 0)))`
    expect(liveIn('(param i32 i32 i32)', body)[3]).to.deep.equal([0, 1, 2])
  })

  it('is everything, where loops are nested too deeply to find out', () => {
    const depth = 40
    const body = `${'(loop '.repeat(depth)} call $now ${Array.from({ length: depth }, (_, at) => {
      return `(local.set ${at} (local.get ${at + 1})) (br_if 0 (local.get 0)))`
    }).join(' ')}`
    const live = liveIn(`(param ${'i32 '.repeat(depth + 1)})`, body)
    expect(live[depth]?.length).to.be.above(depth - 2)
  })
})
