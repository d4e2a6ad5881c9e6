import { expect } from 'chai'
import * as fc from 'fast-check'
import { EventQueue } from '../src/event-queue.ts'
import { createVirtualRandom, Timeline, type TimelineOptions } from '../src/index.ts'

async function failure (promise: Promise<unknown>): Promise<Error> {
  return await promise.then(() => expect.fail('it passed'), (error: Error) => error)
}

describe('An event queue', () => {
  it('gives events in the order of their times, then of their coming, whatever is cancelled', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ cancel: fc.nat(200) }),
      fc.constant({ take: true })
    )
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const queue = new EventQueue()
      const cancels: Array<() => void> = []
      let model: Array<{ dueMs: number, id: number }> = []
      let taken = -1
      for (const action of steps) {
        if ('add' in action) {
          const id = cancels.length
          cancels.push(queue.add(action.add, () => { taken = id }))
          model.push({ dueMs: action.add, id })
          model.sort((a, b) => a.dueMs - b.dueMs || a.id - b.id)
        } else if ('cancel' in action) {
          cancels[action.cancel]?.()
          model = model.filter(({ id }) => id !== action.cancel)
        } else {
          expect(queue.nextMs).to.equal(model[0]?.dueMs ?? Number.POSITIVE_INFINITY)
          taken = -1
          queue.take()?.()
          expect(taken).to.equal(model.shift()?.id ?? -1)
        }
        expect(queue.size).to.equal(model.length)
      }
    }))
  })

  it('lets go of events that are cancelled in great numbers', () => {
    const queue = new EventQueue()
    const order: number[] = []
    for (let i = 0; i < 20_000; i++) {
      const cancel = queue.add(20_000 - i, () => { order.push(20_000 - i) })
      if (i % 10 !== 0) cancel()
    }
    expect(queue.size).to.equal(2000)
    for (let task = queue.take(); task !== undefined; task = queue.take()) task()
    expect(order).to.deep.equal(Array.from({ length: 2000 }, (_none, i) => 10 * (i + 1)))
  })
})

describe('A timeline', () => {
  it('lets promises settle between two events of the same moment', async () => {
    const timeline = new Timeline()
    const order: string[] = []
    for (const name of ['a', 'b']) {
      timeline.after(5, () => {
        order.push(name)
        void Promise.resolve().then(() => order.push(`${name} then`)).then(() => order.push(`${name} at last`))
      })
    }
    await timeline.runUntil(5)
    expect(order).to.deep.equal(['a', 'a then', 'a at last', 'b', 'b then', 'b at last'])
  })

  it('runs what is due and stands at the time that was asked for', async () => {
    const timeline = new Timeline()
    const seen: number[] = []
    for (const ms of [10, 20, 30]) timeline.after(ms, () => { seen.push(timeline.nowMs) })
    await timeline.runUntil(20)
    expect(seen).to.deep.equal([10, 20])
    await timeline.runUntil(25)
    expect(timeline.nowMs).to.equal(25)
    expect(timeline.eventCount).to.equal(2)
  })

  it('gives what a promise settles with, at the moment when it does', async () => {
    const timeline = new Timeline()
    timeline.after(100, () => {})
    const kept = new Promise<string>(resolve => { timeline.after(40, () => resolve('kept')) })
    expect(await timeline.until(kept)).to.equal('kept')
    expect(timeline.nowMs).to.equal(40)
    const broken = new Promise((_resolve, reject) => { timeline.after(1, () => reject(new Error('broken'))) })
    expect((await failure(timeline.until(broken))).message).to.equal('broken')
  })

  it('says so when nothing is left that could settle a promise', async () => {
    const timeline = new Timeline()
    timeline.after(7, () => {})
    const error = await failure(timeline.until(new Promise(() => {})))
    expect(error.message).to.contain('Nothing is left to happen at 7 ms')
  })

  it('rejects with what a task throws, and can go on', async () => {
    const timeline = new Timeline()
    timeline.after(1, () => { throw new TypeError('a bug') })
    let ran = false
    timeline.after(2, () => { ran = true })
    expect((await failure(timeline.runUntil(10))).message).to.equal('a bug')
    await timeline.runUntil(10)
    expect(ran).to.equal(true)
  })

  it('refuses to run inside of itself, and delays without end', async () => {
    const timeline = new Timeline()
    const inner = new Promise<Error>(resolve => {
      timeline.after(1, () => { void failure(timeline.runUntil(2)).then(resolve) })
    })
    expect((await timeline.until(inner)).message).to.contain('runs already')
    for (const delayMs of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => timeline.after(delayMs, () => {})).to.throw(RangeError)
    }
  })

  it('lets the real event loop turn while it runs', async () => {
    const timeline = new Timeline()
    let turned = false
    const next = (): void => { if (!turned) timeline.after(1, next) }
    next()
    setTimeout(() => { turned = true }, 1)
    await timeline.until(new Promise<void>(resolve => {
      const look = (): void => {
        if (turned) resolve()
        else timeline.after(1, look)
      }
      look()
    }))
    expect(turned).to.equal(true)
  })

  it('tells the same story whichever way promises settle', async () => {
    const checkpoint = await tellStory('checkpoint')
    expect(await tellStory('event-loop')).to.deep.equal(checkpoint)
    expect(await tellStory('checkpoint')).to.deep.equal(checkpoint)
    expect(checkpoint.length).to.be.greaterThan(500)
  })
})

/** Processes that sleep, fork, race and pass messages, by chance; what each did and when. */
async function tellStory (drain: Exclude<TimelineOptions['drain'], undefined>): Promise<string[]> {
  const timeline = new Timeline({ drain })
  const random = createVirtualRandom('story')
  const story: string[] = []
  const pass = async (ms: number): Promise<void> => {
    await new Promise<void>(resolve => { timeline.after(ms, resolve) })
  }
  let mail: Promise<string> = Promise.resolve('none')
  const live = async (name: string, depth: number): Promise<void> => {
    for (let i = 0; i < 4; i++) {
      await Promise.race([pass(random.unit() * 4), pass(Math.floor(random.unit() * 4))])
      story.push(`${timeline.nowMs} ${name} ${await mail}`)
      mail = mail.then(async () => {
        await Promise.resolve()
        return name
      })
      if (depth > 0) await Promise.all([live(`${name}l`, depth - 1), live(`${name}r`, i % 2 === 0 ? depth - 1 : 0)])
    }
  }
  await timeline.until(live('p', 3))
  return story
}
