import { expect } from 'chai'
import type { Driver, Task, TaskEnd } from '@welkin/interface'
import type { DriverPorts } from './driver.ts'
import { collectText, ID, OTHER_ID, outputHas, outputText, specOf } from './driver-specs.ts'
import type { Fact } from './world.ts'

const isTask = (trace: Task | TaskEnd | undefined): trace is Task => trace !== undefined && 'ended' in trace

/** The task that ran when the daemon's life ended; undefined where the driver does not promise that it runs on. */
async function survivor (driver: Driver): Promise<Task | undefined> {
  const trace = await driver.recover(ID)
  if (driver.abilities.survivesDaemon) {
    expect(isTask(trace)).to.equal(true)
    return trace as Task
  }
  if (trace !== undefined && !isTask(trace)) expect(trace.exit.kind).to.equal('lost')
  expect(isTask(trace)).to.equal(false)
  return undefined
}

export function lifeFacts (fact: Fact<DriverPorts>): void {
  fact('knows nothing of an object that never ran', async ({ driver }) => {
    expect(await driver.recover(OTHER_ID)).to.equal(undefined)
  })

  fact('still knows how a task ended in an earlier life, and what it left', async ({ driver, programs, nextLife }) => {
    const first = await driver.run(specOf(programs.writesFile('result.txt', 'kept')))
    await first.ended
    const second = await driver.run(specOf(programs.exits(5), { id: OTHER_ID }))
    await second.ended
    const next = await nextLife()
    if (!next.abilities.survivesDaemon) return
    for (const [id, code] of [[ID, 0], [OTHER_ID, 5]] as const) {
      const trace = await next.recover(id)
      expect(isTask(trace)).to.equal(false)
      expect((trace as TaskEnd).exit).to.deep.equal({ kind: 'exited', code })
    }
    expect(await collectText(next, 'result.txt')).to.equal('kept')
  })

  fact('does not take the end of one attempt for that of the next', async ({ driver, programs, nextLife }) => {
    await (await driver.run(specOf(programs.exits(5)))).ended
    const next = await nextLife()
    expect(await next.recover(ID, 1)).to.equal(undefined)
  })

  fact('finds a task that runs on, says so, and can end it', async ({ driver, programs, nextLife }) => {
    const before = await driver.run(specOf(programs.ignoresTerm))
    await outputHas(driver.output(ID), 'ready')
    const next = await nextLife()
    const task = await survivor(next)
    if (task === undefined) return
    expect(task.id).to.equal(ID)
    expect(task.pid).to.equal(before.pid)
    expect(task.startedAtMs).to.equal(before.startedAtMs)
    expect(await outputText(next.output(ID))).to.contain('ready')
    await task.stop(0)
    expect((await task.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGKILL' })
  })

  fact('lets go of its tasks when it stops', async ({ driver, programs, nextLife }) => {
    await driver.run(specOf(programs.sleeps))
    await driver.stop()
    const next = await nextLife()
    const task = await survivor(next)
    await task?.stop(0)
    await task?.ended
  })
}
