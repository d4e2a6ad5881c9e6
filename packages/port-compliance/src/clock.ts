import { expect } from 'chai'
import type { Clock } from '@welkin/interface'
import { factsIn, type Setup } from './world.ts'

export function clockCompliance (setup: Setup<{ clock: Clock }>): void {
  describe('as a Clock', () => {
    const fact = factsIn(setup)
    const pass = async (clock: Clock, ms: number): Promise<void> => {
      await new Promise<void>(resolve => { clock.after(ms, resolve) })
    }

    fact('never calls back before the delay has passed', async ({ clock }) => {
      for (const delayMs of [0, 0.5, 1, 3, 10.7]) {
        const beganMs = clock.monotonicMs()
        await pass(clock, delayMs)
        expect(clock.monotonicMs() - beganMs).to.be.at.least(delayMs)
      }
    })

    fact('calls back soon, and never at once, for a delay of 0', async ({ clock }) => {
      let called = false
      const passed = new Promise<void>(resolve => {
        clock.after(0, () => {
          called = true
          resolve()
        })
      })
      expect(called).to.equal(false)
      await passed
      expect(called).to.equal(true)
    })

    fact('calls back in the order of the delays', async ({ clock }) => {
      const order: string[] = []
      const late = new Promise<void>(resolve => {
        clock.after(40, () => {
          order.push('late')
          resolve()
        })
      })
      clock.after(5, () => { order.push('early') })
      await late
      expect(order).to.deep.equal(['early', 'late'])
    })

    fact('does not call back what was cancelled, however often', async ({ clock }) => {
      let called = false
      const cancel = clock.after(2, () => { called = true })
      cancel()
      cancel()
      await pass(clock, 10)
      expect(called).to.equal(false)
    })

    fact('lets what has happened already be cancelled', async ({ clock }) => {
      let calls = 0
      const cancel = clock.after(1, () => { calls++ })
      await pass(clock, 5)
      cancel()
      expect(calls).to.equal(1)
    })

    fact('keeps a delay of more than 2^31 ms waiting', async ({ clock }) => {
      let called = false
      const cancel = clock.after(2 ** 32, () => { called = true })
      await pass(clock, 10)
      expect(called).to.equal(false)
      cancel()
    })

    fact('counts monotonic time that never goes back', async ({ clock }) => {
      let lastMs = clock.monotonicMs()
      for (let i = 0; i < 20; i++) {
        await pass(clock, i % 3)
        expect(clock.monotonicMs()).to.be.at.least(lastMs)
        lastMs = clock.monotonicMs()
      }
    })

    fact('tells wall time since the Unix epoch', async ({ clock }) => {
      expect(clock.wallMs()).to.be.greaterThan(Date.UTC(2020, 0))
    })
  })
}
