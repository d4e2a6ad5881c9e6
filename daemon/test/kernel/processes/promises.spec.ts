import { objectSpec } from '@welkin/abi'
import { expect } from 'chai'
import fc from 'fast-check'
import { Promises } from '../../../src/kernel/processes/promises.ts'

const MACHINE = { hostname: 'm', os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 1000 << 20 }
const specOf = (limits: { cpu?: number, memoryBytes?: number }) =>
  objectSpec.parse({ program: { argv: ['true'] }, limits })

describe('what a node has promised', () => {
  it('comes back to nothing when all has ended, whatever the fractions', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0.01, max: 4, noNaN: true })), shares => {
      const promises = new Promises(MACHINE, 1000)
      for (const cpu of shares) promises.add(specOf({ cpu }))
      for (const cpu of shares.toReversed()) promises.release(specOf({ cpu }))
      expect(promises.state()).to.deep.equal({ objects: 0, objectsMax: 1000, cpuPromised: 0, memoryPromisedBytes: 0 })
    }))
  })

  it('fills the machine to the last share, and not past it', () => {
    const promises = new Promises(MACHINE, 1000)
    const tenth = specOf({ cpu: 0.1 })
    for (let i = 0; i < 40; i++) {
      expect(promises.roomFor(tenth).room, `${i} are here`).to.equal(40 - i)
      promises.add(tenth)
    }
    expect(promises.roomFor(tenth)).to.deep.equal({ room: 0, why: '4 of its 4 CPUs are promised' })
    expect(promises.roomFor(specOf({})).room).to.equal(960)
  })

  it('leaves as much room as what is scarcest', () => {
    const promises = new Promises(MACHINE, 5)
    expect(promises.roomFor(specOf({ cpu: 1, memoryBytes: 300 << 20 }))).to.include({ room: 3 })
    expect(promises.roomFor(specOf({ cpu: 2, memoryBytes: 1 << 20 }))).to.include({ room: 2 })
    expect(promises.roomFor(specOf({}))).to.include({ room: 5 })
  })
})
