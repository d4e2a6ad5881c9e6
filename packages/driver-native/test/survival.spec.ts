import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Task, TaskEnd, TaskSpec } from '@welkin/interface'
import {
  ID, failureOf, idOf, isTask, longTime, parentOf, Room, shell, specOf, textOf, untilGone, untilNoneWith, untilOutput
} from './room.ts'

const STAND_IN = fileURLToPath(new URL('./stand-in.js', import.meta.url))

interface Running { pid: number, startedAtMs: number }

/** Lets another process run the specs and kills it, as a daemon may be; returns what it had started. */
async function killedDaemon (room: Room, ...specs: TaskSpec[]): Promise<Running[]> {
  const argv = [STAND_IN, room.directory, JSON.stringify(specs)]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(createInterface(child.stdout), 'line') as [string]
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  return JSON.parse(line) as Running[]
}

/** Waits in the working directory for a file called `go`, then prints and ends with status 5. */
const WAITS = shell('echo before; until [ -e go ]; do sleep 0.01; done; echo after; exit 5')

describe('A native task whose daemon is killed', () => {
  let room: Room
  beforeEach(async () => { room = await Room.open() })
  afterEach(async () => await room.close())

  it('runs on, and the next daemon finds it with its output and its exit status', async () => {
    const [before] = await killedDaemon(room, specOf(WAITS))
    const driver = await room.driver()
    const task = await driver.recover(ID) as Task
    expect(isTask(task)).to.equal(true)
    expect({ pid: task.pid, startedAtMs: task.startedAtMs }).to.deep.equal(before)
    await untilOutput(driver, /before/)
    await writeFile(room.work('go'), '')
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 5 })
    expect(await textOf(driver)).to.equal('before\nafter\n')
  })

  it('has its exit status told, and its signal told apart, when it ends before the next daemon comes', async () => {
    const tasks = await killedDaemon(room, specOf(WAITS), specOf(['sleep', '1000'], { id: idOf(2) }))
    process.kill(tasks[1]?.pid as number, 'SIGKILL')
    await writeFile(room.work('go'), '')
    for (const { pid } of tasks) await untilGone(pid)
    const driver = await room.driver()
    const exitOf = async (id: string): Promise<unknown> => {
      const trace = await driver.recover(id)
      return (isTask(trace) ? await trace.ended : trace as TaskEnd).exit
    }
    expect(await exitOf(ID)).to.deep.equal({ kind: 'exited', code: 5 })
    expect(await exitOf(idOf(2))).to.deep.equal({ kind: 'signaled', signal: 'SIGKILL' })
    expect(await textOf(driver)).to.equal('before\nafter\n')
  })

  it('is one task however often it is recovered', async () => {
    await killedDaemon(room, specOf(WAITS))
    const driver = await room.driver()
    const [first, second] = await Promise.all([driver.recover(ID), driver.recover(ID)])
    expect(first).to.equal(second)
    expect(await driver.recover(ID)).to.equal(first)
    await (first as Task).stop(0)
    await (first as Task).ended
  })

  it('keeps its standard input open for the next daemon', async () => {
    await killedDaemon(room, specOf(['cat'], { input: true }))
    const driver = await room.driver()
    const task = await driver.recover(ID) as Task
    await task.write(Buffer.from('still there'))
    await task.endInput()
    await task.ended
    expect(await textOf(driver)).to.equal('still there')
  })

  it('is known to be over after its shepherd has gone, too', async () => {
    await room.close()
    room = await Room.open({ lingerMs: 1 })
    const driver = await room.driver()
    const task = await driver.run(specOf(shell('exit 7')))
    await task.ended
    await driver.stop()
    while (await exists(join(room.directory, 'shepherd.sock'))) await sleep(5)
    const trace = await (await room.driver()).recover(ID)
    expect((trace as TaskEnd).exit).to.deep.equal({ kind: 'exited', code: 7 })
  })
})

async function exists (path: string): Promise<boolean> {
  return await access(path).then(() => true, () => false)
}

describe('A native task whose shepherd is killed', () => {
  let room: Room
  beforeEach(async () => { room = await Room.open() })
  afterEach(async () => await room.close())

  it('is ended and reported as lost, and the next one runs under another shepherd', async () => {
    const driver = await room.driver()
    const seconds = longTime()
    const task = await driver.run(specOf(shell(`sleep ${seconds} & echo; wait`)))
    await untilOutput(driver, /\n/)
    process.kill(await parentOf(task.pid as number), 'SIGKILL')
    const { exit } = await task.ended
    expect(exit.kind).to.equal('lost')
    await untilGone(task.pid as number)
    await untilNoneWith(seconds)
    expect(await driver.recover(ID)).to.deep.equal(await task.ended)
    const next = await driver.run(specOf(shell('exit 3'), { attempt: 1 }))
    expect((await next.ended).exit).to.deep.equal({ kind: 'exited', code: 3 })
  })

  it('is reported as lost to a daemon that was not there either', async () => {
    const [running] = await killedDaemon(room, specOf(['sleep', '1000'])) as [Running]
    process.kill(await parentOf(running.pid), 'SIGKILL')
    const driver = await room.driver()
    expect((await driver.recover(ID) as TaskEnd).exit.kind).to.equal('lost')
    await untilGone(running.pid)
  })

  it('refuses calls about it as those about any task that has ended', async () => {
    const driver = await room.driver()
    const task = await driver.run(specOf(['sleep', '1000'], { input: true }))
    process.kill(await parentOf(task.pid as number), 'SIGKILL')
    await task.ended
    expect((await failureOf(task.signal('SIGHUP'))).code).to.equal('ESRCH')
    expect((await failureOf(task.write(Buffer.from('x')))).code).to.equal('EPIPE')
    await task.stop(0)
  })
})

describe('endShepherd', () => {
  it('ends all tasks of a directory whose daemon was killed, and the shepherd', async () => {
    const room = await Room.open()
    const tasks = await killedDaemon(room, specOf(['sleep', '1000']), specOf(['sleep', '1000'], { id: idOf(2) }))
    const shepherd = await parentOf(tasks[0]?.pid as number)
    await room.endShepherd()
    for (const { pid } of tasks) await untilGone(pid)
    await untilGone(shepherd)
    await room.close()
  })

  it('does nothing where nothing ever ran', async () => {
    const room = await Room.open()
    await room.endShepherd()
    expect(await exists(join(room.directory, 'shepherd.log'))).to.equal(false)
    await room.close()
  })
})
