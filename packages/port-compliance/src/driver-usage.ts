import { expect } from 'chai'
import type { TaskUsage } from '@welkin/interface'
import type { DriverPorts } from './driver.ts'
import { ID, OTHER_ID, specOf } from './driver-specs.ts'
import type { Fact } from './world.ts'

/** What is known is a number, and what is not is left out. */
function expectNumbers (usage: TaskUsage): void {
  for (const [name, value] of Object.entries(usage)) expect(value, name).to.be.a('number').and.at.least(0)
}

export function usageFacts (fact: Fact<DriverPorts>): void {
  fact('knows the processes and the memory of a task that runs, or neither', async ({ driver, programs }) => {
    const task = await driver.run(specOf(programs.sleeps))
    const { memoryBytes, memoryBytesMax = memoryBytes, processes, ...rest } = await task.usage()
    expectNumbers(rest)
    if (processes !== undefined) expect(processes).to.equal(1)
    if (memoryBytes !== undefined) expect(memoryBytesMax).to.be.at.least(memoryBytes).and.above(0)
    await task.stop(0)
    await task.ended
  })

  fact('knows what CPU time a task has used in all, or nothing of it', async ({ driver, programs }) => {
    const idle = await driver.run(specOf(programs.sleeps, { id: OTHER_ID }))
    const busy = await driver.run(specOf(programs.usesSecond))
    const { usage: { cpuSeconds: busySeconds } } = await busy.ended
    await idle.stop(0)
    const { usage: { cpuSeconds: idleSeconds } } = await idle.ended
    if (busySeconds !== undefined) expect(busySeconds).to.be.closeTo(1, 0.4)
    if (idleSeconds !== undefined) expect(idleSeconds).to.be.within(0, 0.25)
  })

  fact('tells after the end what was told in the end, and nothing of the moment', async ({ driver, programs }) => {
    const task = await driver.run(specOf(programs.sleeps))
    const now = await task.usage()
    await task.stop(0)
    const { usage } = await task.ended
    expectNumbers(usage)
    expect(usage).to.not.have.any.keys('memoryBytes', 'processes')
    for (const name of ['cpuSeconds', 'memoryBytesMax', 'readBytes', 'writtenBytes'] as const) {
      if (now[name] !== undefined) expect(usage[name], name).to.be.at.least(now[name])
    }
    expect(await task.usage()).to.deep.equal(usage)
  })

  fact('knows as much of a task that its next life finds', async ({ driver, programs, nextLife }) => {
    const before = await (await driver.run(specOf(programs.sleeps))).usage()
    const next = await nextLife()
    const found = await next.recover(ID)
    if (found === undefined || !('ended' in found)) return
    expect(await found.usage()).to.have.all.keys(Object.keys(before))
    await found.stop(0)
    await found.ended
  })
}
