import { expect } from 'chai'
import fc from 'fast-check'
import { CloudError, type Cancel, type Clock } from '@welkin/interface'
import { Promises } from '../../../src/kernel/processes/promises.ts'
import { Reservations } from '../../../src/kernel/processes/reservations.ts'

const MACHINE = { hostname: 'm', os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 1000 << 20 }

/** A clock whose timers the test fires itself. */
function handClock (): Clock & { fire: () => void } {
  const due = new Set<() => void>()
  return {
    monotonicMs: () => 0,
    wallMs: () => 0,
    after: (_delayMs, callback): Cancel => {
      due.add(callback)
      return () => { due.delete(callback) }
    },
    fire: () => { for (const callback of due) callback() }
  }
}

function stage (objectsMax = 10) {
  const promises = new Promises(MACHINE, objectsMax)
  const clock = handClock()
  let drawn = 0
  const reservations = new Reservations(clock, promises, () => `r${++drawn}`)
  return { promises, clock, reservations }
}

describe('a reservation', () => {
  it('counts as promised, for as many as there is room for', () => {
    const { promises, reservations } = stage()
    const { id, granted } = reservations.reserve({ limits: { cpu: 1.5 } }, 5, 1000)
    expect({ id, granted }).to.deep.equal({ id: 'r1', granted: 2 })
    expect(promises.state()).to.include({ objects: 2, cpuPromised: 3 })
    expect(reservations.reserve({ limits: { cpu: 1.5 } }, 1, 1000)).to.deep.include({ id: undefined, granted: 0 })
  })

  it('lapses', () => {
    const { promises, clock, reservations } = stage()
    const { id } = reservations.reserve({ limits: { cpu: 1 } }, 2, 1000)
    clock.fire()
    expect(promises.state()).to.include({ objects: 0, cpuPromised: 0 })
    expect(() => reservations.use(id as string, 1)).to.throw(CloudError).with.property('code', 'ESTALE')
  })

  it('is used in parts, and no further than it goes', () => {
    const { promises, reservations } = stage()
    const { id } = reservations.reserve({ limits: {} }, 3, 1000)
    reservations.use(id as string, 2)
    expect(promises.objects).to.equal(1)
    expect(() => reservations.use(id as string, 2)).to.throw(CloudError).with.property('code', 'ESTALE')
    expect(promises.objects).to.equal(1)
    reservations.release(id as string)
    reservations.release(id as string)
    expect(promises.objects).to.equal(0)
  })

  it('never lets more be promised than there is, whatever comes and goes', () => {
    const step = fc.record({
      kind: fc.constantFrom('reserve', 'use', 'release', 'lapse'), count: fc.integer({ min: 1, max: 6 })
    })
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const { promises, clock, reservations } = stage(7)
      const ids: string[] = []
      for (const { kind, count } of steps) {
        if (kind === 'reserve') ids.push(reservations.reserve({ limits: { cpu: 0.7 } }, count, 1000).id ?? 'none')
        else if (kind === 'release') reservations.release(ids.at(-1) ?? 'none')
        else if (kind === 'lapse') clock.fire()
        else if (ids.length > 0) {
          try {
            reservations.use(ids[0] as string, count)
            for (let i = 0; i < count; i++) promises.add({ limits: { cpu: 0.7 } })
          } catch (error) {
            if (!(error instanceof CloudError)) throw error
          }
        }
        expect(promises.state().objects).to.be.within(0, 7)
        expect(promises.state().cpuPromised).to.be.within(0, 4)
      }
    }))
  })
})
