import { expect } from 'chai'
import fc from 'fast-check'
import { drawInteger, type Random } from '@welkin/interface'
import { createVirtualRandom } from '@welkin/platform-virtual'
import {
  checkLinearizable, tellLinearizability, type Linearizability, type Operation
} from '../src/checkers/linearizability.ts'
import { describeRegister, register, type RegisterInput, type RegisterOutput } from '../src/checkers/models.ts'

type Call = Operation<RegisterInput, RegisterOutput>

const check = (history: readonly Call[], stepsMax = 100_000): Linearizability<RegisterInput, RegisterOutput> =>
  checkLinearizable(register, history, { stepsMax })
const verdict = (...history: Call[]): string => check(history).verdict

const read = (process: string, value: string | null, startMs: number, endMs: number, key = 'x'): Call =>
  ({ process, input: { kind: 'read', key }, output: { value }, startMs, endMs })
const write = (process: string, value: string, startMs: number, endMs: number, key = 'x'): Call =>
  ({ process, input: { kind: 'write', key, value }, output: { written: true }, startMs, endMs })
const cas = (
  process: string, from: string | null, to: string, swapped: boolean, startMs: number, endMs: number
): Call => ({ process, input: { kind: 'cas', key: 'x', from, to }, output: { swapped }, startMs, endMs })
const unanswered = ({ process, input, startMs }: Call): Call => ({ process, input, startMs, endMs: Infinity })

describe('a history is linearizable', () => {
  it('when it is empty, or of one client that sees what it wrote', () => {
    expect(verdict()).to.equal('linearizable')
    expect(verdict(read('a', null, 0, 1), write('a', '1', 2, 3), read('a', '1', 4, 5))).to.equal('linearizable')
  })

  it('when reads that overlap a write see it or not', () => {
    expect(verdict(write('a', '1', 0, 10), read('b', null, 1, 2), read('c', '1', 3, 4))).to.equal('linearizable')
  })

  it('when of two swaps at once from the same value one is refused', () => {
    expect(verdict(cas('a', null, '1', true, 0, 10), cas('b', null, '2', false, 0, 10), read('c', '1', 11, 12)))
      .to.equal('linearizable')
  })

  it('when a write without an answer is seen later, or never', () => {
    const lost = unanswered(write('a', '1', 0, 1))
    expect(verdict(lost, read('b', null, 10, 11), read('b', '1', 100, 101))).to.equal('linearizable')
    expect(verdict(lost, read('b', null, 10, 11), write('b', '2', 12, 13), read('b', '2', 14, 15)))
      .to.equal('linearizable')
    expect(verdict(lost, write('b', '2', 12, 13), read('b', '1', 14, 15))).to.equal('linearizable')
  })

  it('when a swap without an answer rests on a write without one', () => {
    const history = [unanswered(write('a', '1', 0, 1)), unanswered(cas('b', '1', '2', true, 0, 1))]
    expect(verdict(...history, read('c', null, 2, 3), read('c', '2', 4, 5))).to.equal('linearizable')
    expect(verdict(...history, read('c', '2', 2, 3), read('c', '1', 4, 5))).to.equal('not linearizable')
  })

  it('when every key is, whatever the order between keys', () => {
    expect(verdict(write('a', '1', 0, 1, 'x'), write('a', '1', 0, 1, 'y'), read('b', '1', 2, 3, 'y')))
      .to.equal('linearizable')
  })
})

describe('a history is not linearizable', () => {
  it('when a read is stale', () => {
    expect(verdict(write('a', '1', 0, 1), write('a', '2', 2, 3), read('b', '1', 4, 5))).to.equal('not linearizable')
  })

  it('when an acknowledged write is lost', () => {
    expect(verdict(write('a', '1', 0, 1), read('b', null, 2, 3))).to.equal('not linearizable')
    expect(verdict(cas('a', null, '1', true, 0, 1), cas('b', '1', '2', true, 2, 3), read('a', '1', 4, 5)))
      .to.equal('not linearizable')
  })

  it('when two swaps from the same value both swap', () => {
    expect(verdict(cas('a', null, '1', true, 0, 10), cas('b', null, '2', true, 0, 10))).to.equal('not linearizable')
  })

  it('when a write without an answer was seen and is seen no more, or is seen before it began', () => {
    const lost = unanswered(write('a', '1', 0, 1))
    expect(verdict(lost, read('b', '1', 2, 3), read('b', null, 4, 5))).to.equal('not linearizable')
    expect(verdict(unanswered(write('a', '1', 10, 11)), read('b', '1', 2, 3))).to.equal('not linearizable')
  })

  it('when one write without an answer would have to take effect twice', () => {
    const lost = unanswered(write('a', '1', 0, 1))
    expect(verdict(lost, read('b', '1', 2, 3), write('b', '2', 4, 5), read('b', '1', 6, 7)))
      .to.equal('not linearizable')
  })

  it('when a client that calls again in the same millisecond does not see its own write', () => {
    expect(verdict(write('a', '1', 5, 5), read('a', null, 5, 5))).to.equal('not linearizable')
    expect(verdict(write('a', '1', 5, 5), read('b', null, 5, 5))).to.equal('linearizable')
  })
})

describe('the finding', () => {
  const history = [
    write('a', '1', 0, 1, 'y'), write('a', '1', 2, 3), write('b', '2', 4, 5), read('c', '1', 6, 7), read('c', '2', 8, 9)
  ]

  it('names the part, how far it came, and what it is stuck on', () => {
    expect(check(history)).to.deep.equal({
      verdict: 'not linearizable', part: 'x', longest: history.slice(1, 3), state: '"2"', stuckOn: [history[3]]
    })
  })

  it('is told in a few lines', () => {
    expect(tellLinearizability(check(history), describeRegister)).to.equal([
      'the history of x is not linearizable. This far it can be put in an order:',
      '  a: write x = "1" (2 ms to 3 ms)',
      '  b: write x = "2" (4 ms to 5 ms)',
      'The state is then "2", and nothing that may come next fits it:',
      '  c: read x as "1" (6 ms to 7 ms)'
    ].join('\n'))
    expect(tellLinearizability(check([]))).to.equal('the history is linearizable')
  })

  it('is told in a few lines however long the history', () => {
    const long = Array.from({ length: 50 }, (_, index) => write('a', `${index}`, index * 2, index * 2 + 1))
    const story = tellLinearizability(check([...long, unanswered(cas('d', '49', '7', true, 98, 99)),
      read('b', '7', 100, 101), cas('c', '1', '2', true, 102, 103)]))
    expect(story.split('\n')).to.have.lengthOf(10)
    expect(story).to.include('(46 earlier operations)')
    expect(story).to.include('"to":"7"} (98 ms to never answered)')
    expect(story).to.include('c: {"kind":"cas","key":"x","from":"1","to":"2"} gave {"swapped":true} (102 ms to 103 ms)')
  })

  it('is none when the steps do not suffice, unless another part is decided', () => {
    const hard = Array.from({ length: 8 }, (_, index) => write(`w${index}`, `${index}`, 0, 10, 'y'))
    const found = check([...hard, read('r', '9', 11, 12, 'y')], 50)
    expect(found.verdict).to.equal('gave up')
    expect(found.part).to.equal('y')
    expect(tellLinearizability(found, describeRegister)).to.include('the steps did not suffice')
    expect(check([...hard, read('r', '9', 11, 12, 'y'), read('r', '9', 11, 12)], 50)).to.deep.include({
      verdict: 'not linearizable', part: 'x'
    })
  })

  it('is refused for a history that contradicts itself', () => {
    expect(() => check([read('a', '1', 2, 1)])).to.throw('ends before it starts')
    expect(() => check([read('a', '1', 2, Infinity)])).to.throw('exactly if it has an end')
    expect(() => check([{ ...unanswered(read('a', '1', 2, 3)), endMs: 3 }])).to.throw('exactly if it has an end')
  })
})

/** Every order of every choice of the operations, tried one by one. */
function isLinearizableByForce (history: readonly Call[]): boolean {
  const rank = new Map(history.toSorted((a, b) => a.startMs - b.startMs).map((call, index) => [call, index]))
  const precedes = (a: Call, b: Call): boolean => a.endMs < b.startMs || (a.endMs === b.startMs &&
    a.process === b.process && (rank.get(a) as number) < (rank.get(b) as number))
  const holds = (order: readonly Call[]): boolean => {
    if (order.some((later, index) => order.slice(0, index).some(earlier => precedes(later, earlier)))) return false
    const states = new Map<string, string | null>()
    return order.every(({ input, output }) => {
      const state = register.step(states.get(input.key) ?? null, input, output)
      if (state !== undefined) states.set(input.key, state)
      return state !== undefined
    })
  }
  const anyOrder = (chosen: readonly Call[], rest: readonly Call[]): boolean => rest.length === 0
    ? holds(chosen)
    : rest.some((call, index) => anyOrder([...chosen, call], rest.toSpliced(index, 1)))
  const answered = history.filter(({ endMs }) => endMs !== Infinity)
  const open = history.filter(({ endMs }) => endMs === Infinity)
  return Array.from({ length: 2 ** open.length }, (_, choice) => choice)
    .some(choice => anyOrder([], [...answered, ...open.filter((_, index) => (choice >> index) % 2 === 1)]))
}

/** A call that took effect at `effectMs`, and tells what was true then, or a lie. */
interface Plan { input: RegisterInput, process: string, startMs: number, effectMs: number, endMs: number, lie: Lie }
type Lie = { value: string | null, swapped: boolean } | undefined

function outputOf ({ kind }: RegisterInput, { value, swapped }: Exclude<Lie, undefined>): RegisterOutput {
  if (kind === 'write') return { written: true }
  return kind === 'read' ? { value } : { swapped }
}

/** What clients with such plans would have seen, in the order of the plans. */
function played (plans: readonly Plan[]): Call[] {
  const states = new Map<string, string | null>()
  const calls = new Map<Plan, Call>()
  for (const plan of plans.toSorted((a, b) => a.effectMs - b.effectMs)) {
    const { input, process, startMs, endMs, lie } = plan
    const value = states.get(input.key) ?? null
    const swapped = input.kind === 'cas' && input.from === value
    if (input.kind === 'write') states.set(input.key, input.value)
    else if (input.kind === 'cas' && swapped) states.set(input.key, input.to)
    const output = outputOf(input, lie ?? { value, swapped })
    const call = { process, input, startMs, endMs }
    calls.set(plan, endMs === Infinity ? call : { ...call, output })
  }
  return plans.map(plan => calls.get(plan) as Call)
}

describe('the search', () => {
  const value = fc.constantFrom('0', '1')
  const key = fc.constantFrom('x', 'x', 'x', 'x', 'y')
  const seen = fc.option(value, { freq: 3 })
  const input: fc.Arbitrary<RegisterInput> = fc.oneof(
    fc.record({ kind: fc.constant('read' as const), key }),
    fc.record({ kind: fc.constant('write' as const), key, value }),
    fc.record({ kind: fc.constant('cas' as const), key, from: seen, to: value })
  )
  const plan: fc.Arbitrary<Plan> = fc.record({
    input, process: fc.constantFrom('a', 'b', 'c'), startMs: fc.nat(6), beforeMs: fc.nat(4), afterMs: fc.nat(4),
    isAnswered: fc.constantFrom(true, true, false),
    lie: fc.option(fc.record({ value: seen, swapped: fc.boolean() }), { nil: undefined, freq: 2 })
  }).map(({ beforeMs, afterMs, isAnswered, ...rest }) => {
    const effectMs = rest.startMs + beforeMs
    return { ...rest, effectMs, endMs: isAnswered ? effectMs + afterMs : Infinity }
  })

  it('finds what trying every order finds', () => {
    const found = new Set<boolean>()
    fc.assert(fc.property(fc.array(plan, { minLength: 1, maxLength: 6, size: 'max' }), plans => {
      const history = played(plans)
      const expected = isLinearizableByForce(history)
      found.add(expected)
      expect(check(history).verdict).to.equal(expected ? 'linearizable' : 'not linearizable')
    }), { numRuns: 300 })
    expect(found.size).to.equal(2)
  })

  it('keeps a write of what is there for when it is needed', () => {
    const atOnce = [write('b', '1', 2, 9), cas('c', '1', '2', true, 2, 9)]
    expect(verdict(write('a', '1', 0, 1), ...atOnce, read('a', '1', 10, 11))).to.equal('linearizable')
  })
})

const STEPS_FEW = 300_000

/** What `clients` at once would see of real registers, each call of which takes effect at one instant. */
function recorded (random: Random, { clients, calls, keys, unansweredRatio }: {
  clients: number, calls: number, keys: number, unansweredRatio: number
}): Call[] {
  const planned = Array.from({ length: clients }, (_, client) => {
    let nowMs = 0
    return Array.from({ length: calls / clients }, (_each, index) => {
      const startMs = nowMs + random.unit() * 5
      const effectMs = startMs + random.unit() * 10
      nowMs = effectMs + random.unit() * 10
      return { process: client, startMs, effectMs, endMs: nowMs, value: `${client}.${index}` }
    })
  }).flat().toSorted((a, b) => a.effectMs - b.effectMs)
  const states = new Map<string, string | null>()
  return planned.map(({ process, startMs, endMs, value }) => {
    const key = `k${drawInteger(random, keys)}`
    const state = states.get(key) ?? null
    const kind = (['read', 'write', 'cas'] as const)[drawInteger(random, 3)] ?? 'read'
    const from = random.unit() < 0.8 ? state : 'other'
    const answered = random.unit() >= unansweredRatio
    if (!answered && random.unit() < 0.5) {
      return { process, input: { kind: 'write', key, value }, startMs, endMs: Infinity }
    }
    const input: RegisterInput = kind === 'read' ? { kind, key }
      : kind === 'write' ? { kind, key, value } : { kind, key, from, to: value }
    const output: RegisterOutput = kind === 'read' ? { value: state }
      : kind === 'write' ? { written: true } : { swapped: from === state }
    if (kind === 'write' || (kind === 'cas' && from === state)) states.set(key, value)
    return answered ? { process, input, output, startMs, endMs } : { process, input, startMs, endMs: Infinity }
  })
}

/** The same history, but that a read late in it sees a value that another write had replaced before the read began. */
function withStaleRead (history: readonly Call[]): { history: Call[], stale: Call } {
  const late = history.findLastIndex(({ input, output }) => input.kind === 'read' && output !== undefined)
  const found = history[late] as Call
  const writes = history.filter(({ input, output, endMs }) => input.kind === 'write' && output !== undefined &&
    input.key === found.input.key && endMs < found.startMs)
  const [newer] = writes.slice(-1) as [Call]
  const older = writes.findLast(({ endMs }) => endMs < newer.startMs) as Call
  const stale = { ...found, output: { value: older.input.kind === 'write' ? older.input.value : null } }
  return { history: history.with(late, stale), stale }
}

for (const { keys, unansweredRatio } of [
  { keys: 1, unansweredRatio: 0 }, { keys: 1, unansweredRatio: 0.005 }, { keys: 5, unansweredRatio: 0.02 }
]) {
  describe(`2,000 operations of 10 clients on ${keys} registers, ${unansweredRatio} of them without an answer`, () => {
    const history = recorded(createVirtualRandom('registers'), { clients: 10, calls: 2000, keys, unansweredRatio })

    it('are linearizable in few steps', () => {
      expect(check(history, STEPS_FEW)).to.deep.equal({ verdict: 'linearizable' })
    })

    it('are found out by one stale read', () => {
      const { history: wrong, stale } = withStaleRead(history)
      const { verdict: found, part, stuckOn } = check(wrong, STEPS_FEW)
      expect({ found, part }).to.deep.equal({ found: 'not linearizable', part: stale.input.key })
      expect(stuckOn).to.include(stale)
    })
  })
}
