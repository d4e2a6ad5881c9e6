import { expect } from 'chai'
import type { Machine } from '@welkin/interface'
import { factsIn, type Setup } from './world.ts'

export function machineCompliance (setup: Setup<{ machine: Machine }>): void {
  describe('as a Machine', () => {
    const fact = factsIn(setup)

    fact('tells facts that can be', async ({ machine }) => {
      const { hostname, os, arch, cpuCount, memoryBytes } = await machine.facts()
      for (const text of [hostname, os, arch]) expect(text).to.be.a('string').and.not.equal('')
      expect(cpuCount).to.be.a('number').and.at.least(1)
      expect(memoryBytes).to.be.a('number').and.greaterThan(0)
    })

    fact('tells a load that the facts allow, as often as asked', async ({ machine }) => {
      const { memoryBytes } = await machine.facts()
      for (let i = 0; i < 3; i++) {
        const { cpuBusyRatio = 0, memoryFreeBytes, diskFreeBytes = 0 } = await machine.load()
        expect(cpuBusyRatio).to.be.within(0, 1)
        expect(memoryFreeBytes).to.be.within(0, memoryBytes)
        expect(diskFreeBytes).to.be.at.least(0)
      }
    })
  })
}
