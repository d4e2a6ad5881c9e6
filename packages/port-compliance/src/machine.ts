import { nodeRecord } from '@welkin/abi'
import { expect } from 'chai'
import type { Machine } from '@welkin/interface'
import { factsIn, type Setup } from './world.ts'

const PROMISES = { objects: 0, objectsMax: 0, cpuPromised: 0, memoryPromisedBytes: 0 }

export function machineCompliance (setup: Setup<{ machine: Machine }>): void {
  describe('as a Machine', () => {
    const fact = factsIn(setup)

    fact('tells facts that can be', async ({ machine }) => {
      const { hostname, os, arch, cpuCount, memoryBytes, diskBytes = 1 } = await machine.facts()
      for (const text of [hostname, os, arch]) expect(text).to.be.a('string').and.not.equal('')
      expect(cpuCount).to.be.a('number').and.at.least(1)
      expect(memoryBytes).to.be.a('number').and.greaterThan(0)
      expect(diskBytes).to.be.a('number').and.greaterThan(0)
    })

    fact('tells a load that the facts allow, as often as asked', async ({ machine }) => {
      const { memoryBytes, diskBytes = Infinity } = await machine.facts()
      for (let i = 0; i < 3; i++) {
        const { memoryFreeBytes, diskFreeBytes = 0 } = await machine.load()
        expect(memoryFreeBytes).to.be.within(0, memoryBytes)
        expect(diskFreeBytes).to.be.within(0, diskBytes)
      }
    })

    fact('tells what its node can announce, and leaves out what it does not know', async ({ machine }) => {
      const facts = await machine.facts()
      const load = await machine.load()
      expect(nodeRecord.shape.machine.parse(facts)).to.deep.equal(facts)
      expect(nodeRecord.shape.load.parse({ ...load, ...PROMISES })).to.deep.equal({ ...load, ...PROMISES })
      for (const part of [facts, load, load.pressure ?? {}]) expect(Object.values(part)).to.not.include(undefined)
    })
  })
}
