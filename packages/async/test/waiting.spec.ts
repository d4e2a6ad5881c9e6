import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { backOffMs, Gate, mapConcurrently, repeat, sleep, withDeadline } from '../src/index.ts'
import { FakeClock } from './fake-clock.ts'

const failure = async (promise: Promise<unknown>): Promise<CloudError> => await promise.then(
  () => { throw new Error('it resolved') },
  reason => reason as CloudError
)

describe('repeat', () => {
  it('runs a round a period, and none after it was cancelled', async () => {
    const clock = new FakeClock()
    let rounds = 0
    const cancel = repeat(clock, 10, () => { rounds++ })
    await clock.pass(35)
    expect(rounds).to.equal(3)
    cancel()
    await clock.pass(100)
    expect(rounds).to.equal(3)
    expect(clock.pending).to.equal(0)
  })

  it('never lets rounds overlap', async () => {
    const clock = new FakeClock()
    let running = 0
    let most = 0
    const cancel = repeat(clock, 10, async () => {
      most = Math.max(most, ++running)
      await sleep(clock, 25)
      running--
    })
    await clock.pass(200)
    expect(most).to.equal(1)
    cancel()
  })
})

describe('withDeadline', () => {
  it('gives what the work gives, and leaves no timer', async () => {
    const clock = new FakeClock()
    expect(await withDeadline(clock, { timeoutMs: 50, what: 'It' }, async () => 7)).to.equal(7)
    expect(clock.pending).to.equal(0)
  })

  it('rejects ETIMEDOUT when time is up, and tells the work', async () => {
    const clock = new FakeClock()
    let told: AbortSignal | undefined
    const late = failure(withDeadline(clock, { timeoutMs: 50, what: 'It' }, async signal => {
      told = signal
      return await new Promise<never>(() => {})
    }))
    await clock.pass(50)
    expect((await late).code).to.equal('ETIMEDOUT')
    expect(told?.aborted).to.equal(true)
  })

  it('rejects with the caller\'s reason when the caller gives up', async () => {
    const controller = new AbortController()
    const endless = async (): Promise<never> => await new Promise<never>(() => {})
    const given = failure(withDeadline(new FakeClock(), { signal: controller.signal, what: 'It' }, endless))
    controller.abort()
    expect((await given).code).to.equal('ECANCELED')
  })
})

describe('a gate', () => {
  it('lets so many in at a time, in the order of their coming', async () => {
    let inside = 0
    let most = 0
    const order: number[] = []
    await mapConcurrently([0, 1, 2, 3, 4, 5], 2, async item => {
      most = Math.max(most, ++inside)
      order.push(item)
      await new Promise<void>(resolve => { setImmediate(resolve) })
      inside--
    })
    expect(most).to.equal(2)
    expect(order).to.deep.equal([0, 1, 2, 3, 4, 5])
  })

  it('lets go of one that no longer wants in, and of its place', async () => {
    const gate = new Gate(1)
    let leave = (): void => {}
    const first = gate.run(async () => { await new Promise<void>(resolve => { leave = resolve }) })
    const controller = new AbortController()
    const second = failure(gate.run(async () => {}, controller))
    expect(gate.waiting).to.equal(1)
    controller.abort()
    expect((await second).code).to.equal('ECANCELED')
    expect(gate.waiting).to.equal(0)
    leave()
    await first
    expect(await gate.run(async () => 3)).to.equal(3)
  })

  it('stays usable when work fails', async () => {
    const gate = new Gate(1)
    await failure(gate.run(async () => { throw new CloudError('EIO', 'No.') }))
    expect(await gate.run(async () => 3)).to.equal(3)
  })
})

describe('the back-off', () => {
  it('doubles up to its bound, half of it by chance', () => {
    const random = { unit: () => 0.5, bytes: () => new Uint8Array(), fork: () => random }
    const waits = [0, 1, 2, 3, 50].map(attempt => backOffMs({ firstMs: 100, maxMs: 500, factor: 2 }, attempt, random))
    expect(waits).to.deep.equal([75, 150, 300, 375, 375])
  })
})
