import { expect } from 'chai'
import {
  CloudError, type Clock, type Keys, type Logger, type Machine, type MachineLoad, type Random, type Transport
} from '@welkin/interface'
import { OwnNode } from '../../../../src/kernel/resources/statements/own-node.ts'
import { isSignedBy, openStatement } from '../../../../src/kernel/resources/statements/statement.ts'
import { keysOf } from './kit.ts'

const GIBIBYTE = 2 ** 30
const OPTIONS = { slightMs: 10_000, refreshMs: 90_000 }

/** A node on a machine whose every reading can be set. */
async function createOwn () {
  const keys: Keys = keysOf('n1')
  const state = {
    nowMs: 0, addresses: ['test:1'], load: { memoryFreeBytes: GIBIBYTE, cpuBusyRatio: 0 } as MachineLoad | undefined,
    promises: { objects: 0, objectsMax: 100, cpuPromised: 0, memoryPromisedBytes: 0 }, warned: [] as string[]
  }
  const own = await OwnNode.create({
    keys,
    clock: { monotonicMs: () => state.nowMs } as Clock,
    log: { warn: (event: string) => { state.warned.push(event) } } as Partial<Logger> as Logger,
    machine: {
      facts: async () => ({ hostname: 'h', os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 16 * GIBIBYTE }),
      load: async () => {
        if (state.load === undefined) throw new CloudError('EIO', 'The machine does not tell.')
        return state.load
      }
    } as Machine,
    random: { unit: () => 0.5 } as Random,
    transport: { addresses: () => state.addresses } as Partial<Transport> as Transport,
    promises: () => state.promises,
    coordinate: () => undefined
  }, { name: 'n1', zone: 'acme/lyon/r7', version: '1.0', drivers: ['native'], price: 0.123_456 }, OPTIONS, 1000)
  const reviewAt = async (nowMs: number): Promise<string> => {
    state.nowMs = nowMs
    return await own.review()
  }
  return { own, state, keys, reviewAt }
}

describe('what a node says of itself', () => {
  it('is its facts and its vitals, signed, in the order in which it says them', async () => {
    const { own, keys } = await createOwn()
    expect([own.facts.stamp, own.vitals.stamp])
      .to.deep.equal([{ incarnation: 1000, version: 0 }, { incarnation: 1000, version: 1 }])
    expect(openStatement(own.facts.wire, keys)).to.have.nested.property('facts.id', keys.self)
    for (const said of [own.facts, own.vitals]) expect(isSignedBy(keys.self, said, keys)).to.equal(true)
    expect(own.vitals.vitals).to.include({ price: 0.1235, leaving: false })
  })

  it('is said again at once where others place by it, though it be no whole number on the wire', async () => {
    const { own, state, reviewAt } = await createOwn()
    state.promises = { ...state.promises, objects: 1, cpuPromised: 1 / 3, memoryPromisedBytes: 1000 }
    expect(await reviewAt(1000)).to.equal('urgent')
    expect(own.vitals.stamp.version).to.equal(2)
    expect(await reviewAt(2000)).to.equal('none')
    expect(own.vitals.stamp.version).to.equal(2)
  })

  it('is said later where it matters less, and after a while though nothing has changed', async () => {
    const { own, state, reviewAt } = await createOwn()
    state.load = { ...state.load as MachineLoad, diskFreeBytes: 100 * GIBIBYTE }
    expect(await reviewAt(9999)).to.equal('none')
    expect(await reviewAt(10_000)).to.equal('slight')
    expect(await reviewAt(77_499)).to.equal('none') // the refresh was drawn to come after 67.5 s
    expect(await reviewAt(77_500)).to.equal('slight')
    expect(own.vitals.stamp.version).to.equal(3)
  })

  it('has new facts when it is reached elsewhere, and the vitals come after them', async () => {
    const { own, state, reviewAt } = await createOwn()
    state.addresses = Array.from({ length: 40 }, (_, i) => `test:${i}`)
    expect(await reviewAt(1000)).to.equal('urgent')
    expect(own.facts.facts.addresses).to.have.lengthOf(32)
    expect([own.facts.stamp.version, own.vitals.stamp.version]).to.deep.equal([2, 3])
    expect(await reviewAt(2000)).to.equal('none')
  })

  it('goes on with the last load that is known', async () => {
    const { own, state, reviewAt } = await createOwn()
    state.load = undefined
    state.promises = { ...state.promises, objects: 3 }
    expect(await reviewAt(1000)).to.equal('urgent')
    expect(own.vitals.vitals.load).to.include({ objects: 3, memoryFreeBytes: GIBIBYTE })
    expect(state.warned).to.deep.equal(['resources.load_unknown'])
  })

  it('stands above whatever it denies, in a new life where need be', async () => {
    const { own } = await createOwn()
    own.restate({ incarnation: 1000, version: 1 })
    expect(own.vitals.stamp).to.deep.equal({ incarnation: 1000, version: 2 })
    own.restate({ incarnation: 1000, version: 50 })
    expect(own.vitals.stamp).to.deep.equal({ incarnation: 1000, version: 51 })
    own.restate({ incarnation: 2000, version: 9 })
    expect(own.facts.stamp.incarnation).to.equal(2001)
    expect(own.vitals.stamp.incarnation).to.equal(2001)
    expect(own.vitals.stamp.version).to.be.above(own.facts.stamp.version)
  })

  it('ends with its farewell', async () => {
    const { own } = await createOwn()
    own.leave()
    expect(own.vitals.vitals.leaving).to.equal(true)
    expect(own.vitals.stamp.version).to.equal(2)
  })
})
