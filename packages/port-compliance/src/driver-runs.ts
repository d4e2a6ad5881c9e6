import { expect } from 'chai'
import type { DriverPorts } from './driver.ts'
import { bytesOf, ID, OTHER_ID, outputHas, outputText, specOf } from './driver-specs.ts'
import { rejects } from './rejects.ts'
import type { Fact } from './world.ts'

const HOUR_MS = 3_600_000

export function runFacts (fact: Fact<DriverPorts>): void {
  exitFacts(fact)
  signalFacts(fact)
  abilityFacts(fact)
}

function exitFacts (fact: Fact<DriverPorts>): void {
  fact('says whether it works on this machine', async ({ driver }) => {
    const { health, reason } = await driver.facts()
    expect(health, reason).to.equal('healthy')
  })

  fact('tells the status that a program ended with', async ({ driver, programs }) => {
    for (const code of [0, 1, 77]) {
      const task = await driver.run(specOf(programs.exits(code)))
      expect(task.id).to.equal(ID)
      const { exit, endedAtMs } = await task.ended
      expect(exit).to.deep.equal({ kind: 'exited', code })
      expect(endedAtMs).to.be.at.least(Math.floor(task.startedAtMs))
      await driver.remove(ID)
    }
  })

  fact('rejects ENOENT for a program that is not there, with nothing left', async ({ driver, programs }) => {
    await rejects(driver.run(specOf(programs.missing)), 'ENOENT')
    await driver.remove(ID)
    expect(await driver.recover(ID)).to.equal(undefined)
  })

  fact('runs many tasks at once', async ({ driver, programs }) => {
    const ids = Array.from({ length: 10 }, (_none, i) => `${i}`.repeat(32))
    const exits = await Promise.all(ids.map(async (id, code) => {
      const task = await driver.run(specOf(programs.exits(code), { id }))
      return (await task.ended).exit
    }))
    expect(exits).to.deep.equal(ids.map((_id, code) => ({ kind: 'exited', code })))
  })

  fact('gives a program its environment', async ({ driver, programs }) => {
    const task = await driver.run(specOf(programs.printsVariable('WELKIN_TEST'), { env: { WELKIN_TEST: 'a b=c' } }))
    await task.ended
    expect((await outputText(driver.output(ID))).trimEnd()).to.equal('a b=c')
  })
}

function signalFacts (fact: Fact<DriverPorts>): void {
  fact('ends a task that is asked to stop', async ({ driver, programs }) => {
    const task = await driver.run(specOf(programs.sleeps))
    const bystander = await driver.run(specOf(programs.sleeps, { id: OTHER_ID }))
    await task.stop(HOUR_MS)
    expect((await task.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
    await task.stop(0)
    await bystander.stop(0)
    await bystander.ended
  })

  fact('ends a task that does not stop when the grace is over', async ({ driver, programs }) => {
    const task = await driver.run(specOf(programs.ignoresTerm))
    await outputHas(driver.output(ID), 'ready')
    await task.stop(20)
    expect((await task.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGKILL' })
  })

  fact('delivers signals, or refuses them with ENOSYS', async ({ driver, programs }) => {
    const task = await driver.run(specOf(programs.sleeps))
    if (driver.abilities.signals) {
      await rejects(task.signal('SIGNOTHING'), 'EINVAL')
      await task.signal('SIGUSR1')
      expect((await task.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGUSR1' })
      await rejects(task.signal('SIGHUP'), 'ESRCH')
    } else {
      await rejects(task.signal('SIGHUP'), 'ENOSYS')
      await task.stop(0)
      await task.ended
    }
  })
}

function abilityFacts (fact: Fact<DriverPorts>): void {
  fact('passes input on until it ends, or refuses it with ENOSYS', async ({ driver, programs }) => {
    if (!driver.abilities.input) {
      await rejects(driver.run(specOf(programs.sleeps, { input: true })), 'ENOSYS')
      return
    }
    const task = await driver.run(specOf(programs.echoesInput, { input: true }))
    await task.write(bytesOf('hear, '))
    await task.write(bytesOf('hear'))
    await outputHas(driver.output(ID), 'hear, hear')
    await task.endInput()
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    await rejects(task.write(bytesOf('more')), 'EPIPE')
  })

  fact('gives a task without input an empty one', async ({ driver, programs }) => {
    if (!driver.abilities.input) return
    const task = await driver.run(specOf(programs.echoesInput))
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
  })

  fact('ends a task that outgrows its memory, where it says that limits hold', async ({ driver, programs }) => {
    const memoryBytes = 64 * 1024 * 1024
    const task = await driver.run(specOf(programs.hogsMemory, { limits: { memoryBytes } }))
    if (driver.abilities.limits.memory === 'hard') {
      expect((await task.ended).exit).to.deep.equal({ kind: 'out-of-memory', limitBytes: memoryBytes })
    } else {
      await task.stop(0)
      await task.ended
    }
  })

  fact('keeps a task in a sandbox without a network, or refuses it with ENOSYS', async ({ driver, programs }) => {
    const limits = { processes: 50, files: 64 }
    const spec = specOf(programs.exits(7), { isolation: 'strict', network: 'none', limits })
    if (driver.abilities.isolation !== 'strict') {
      await rejects(driver.run(spec), 'ENOSYS')
      return
    }
    const task = await driver.run(spec)
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 7 })
  })

  fact('runs a further program beside a task, if it says so', async ({ driver, programs }) => {
    const task = await driver.run(specOf(programs.sleeps))
    expect(task.exec !== undefined).to.equal(driver.abilities.exec)
    const beside = await task.exec?.(programs.prints('beside'))
    if (beside !== undefined) {
      expect(beside.exit).to.deep.equal({ kind: 'exited', code: 0 })
      expect(new TextDecoder().decode(beside.stdout)).to.equal('beside')
    }
    await task.stop(0)
    await task.ended
  })
}
