import { expect } from 'chai'
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CloudError, PAGE_BYTES, type Driver, type GivenState, type ProgramUpcalls, type RestoredTask, type Task
} from '@welkin/interface'
import { COUNTS, playedUpcalls } from './played-program.ts'
import {
  clock, failureOf, ID, isTask, longTime, pidsWith, Room, shell, specOf, textOf, untilNoneWith, untilOutput
} from './room.ts'

type Capturing = Required<Pick<Task, 'capture' | 'resume' | 'leave' | 'leash' | 'whenMovable'>> & Task

/** Programs that answer like this, whatever they do. */
function answering (answer: () => Promise<GivenState>, rest: Partial<ProgramUpcalls> = {}): ProgramUpcalls {
  return {
    handles: () => true, whenHandled: async () => {}, askForState: answer, resume: () => {}, async * readBlob () {},
    ...rest
  }
}

/**
 * Of the program itself, where `task` may only know its sandbox; found by its command line, which a child has as well
 * before it becomes another (a parent that waits for that is not told as stopped, and stands still with it).
 */
async function isStopped (argv: readonly string[]): Promise<boolean | undefined> {
  const commandLine = argv.map(argument => `${argument}\0`).join('')
  const processes = await Promise.all((await pidsWith(argv.at(-1) as string)).map(async pid => {
    return await Promise.all(['cmdline', 'status'].map(async name =>
      await readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')))
  }))
  const own = processes.filter(([line]) => line === commandLine)
  return own.length === 0 ? undefined : own.some(([, status = '']) => /^State:\s+T/m.test(status))
}

describe('a native program that is asked for its state', () => {
  let room: Room
  beforeEach(async () => { room = await Room.open() })
  afterEach(async () => { await room.close() })

  let argv: readonly string[]
  beforeEach(() => { argv = ['sleep', longTime()] })

  async function running (driver: Driver): Promise<Capturing> {
    const task = await driver.run(specOf(argv)) as Capturing
    while (await isStopped(argv) === undefined) await sleep(5)
    return task
  }

  const sleeping = async (upcalls: ProgramUpcalls): Promise<Capturing> =>
    await running(await room.driver({ upcalls, answerMs: 100 }))

  // What runs on another processor takes the signal a moment later.
  async function untilStopped (): Promise<void> {
    while (await isStopped(argv) !== true) await sleep(5)
  }

  async function goesOn (task: Task): Promise<void> {
    expect(await isStopped(argv)).to.equal(false)
    await task.stop(0)
    await task.ended
  }

  it('cannot be taken up before it has registered, and says so', async () => {
    const task = await sleeping(answering(async () => ({}), { handles: () => false }))
    expect(task.immovable).to.contain('has not registered')
    expect(await failureOf(task.capture({ stop: true }))).to.have.property('code', 'ENOSYS')
    await goesOn(task)
  })

  it('has some time after its start to register, and is waited for no longer', async () => {
    let register = (): void => {}
    const registered = new Promise<void>(resolve => { register = resolve })
    const { signal } = new AbortController()
    const late = answering(async () => ({}), { whenHandled: async () => await registered })
    const driver = await room.driver({ upcalls: late, clock: { ...clock, wallMs: () => Date.now() + 60_000 } })
    const old = await running(driver)
    await old.whenMovable({ signal })
    await goesOn(old)
    const young = await sleeping(late)
    const movable = young.whenMovable({ signal }).then(() => 'movable')
    const turn = new Promise<string>(resolve => { setImmediate(resolve, 'not yet') })
    expect(await Promise.race([movable, turn])).to.equal('not yet')
    register()
    expect(await movable).to.equal('movable')
    await goesOn(young)
  })

  it('goes on when it does not answer in time', async () => {
    const asked: AbortSignal[] = []
    const task = await sleeping(answering(async () => ({}), {
      askForState: async (_id, { signal }) => {
        asked.push(signal)
        return await new Promise<never>(() => {})
      }
    }))
    const failure = await failureOf(task.capture({ stop: true }))
    expect(failure).to.deep.include({ code: 'ETIMEDOUT' })
    expect(failure.message).to.contain('did not answer "checkpoint" within 0.1 s')
    expect(asked[0]?.aborted).to.equal(true)
    await goesOn(task)
  })

  it('goes on when it says that it cannot, or gives what is not its own', async () => {
    const answers: Array<[code: string, answer: () => Promise<GivenState>]> = [
      ['EBUSY', async () => { throw new CloudError('EBUSY', 'In the middle of it.') }],
      ['EINVAL', async () => ({})],
      ['EINVAL', async () => ({ file: '/etc/passwd' })],
      ['EINVAL', async () => ({ file: '../journal' })],
      ['ENOENT', async () => ({ file: 'missing' })]
    ]
    let answer = answers[0]?.[1] as () => Promise<GivenState>
    const task = await sleeping(answering(async () => await answer()))
    for (const [code, next] of answers) {
      answer = next
      expect(await failureOf(task.capture({ stop: true }))).to.have.property('code', code)
      expect(await isStopped(argv)).to.equal(false)
    }
    await goesOn(task)
  })

  it('finds at its new place what it gave, of any size, from a file, a blob or as it is', async () => {
    const big = Buffer.concat([randomBytes(PAGE_BYTES), Buffer.alloc(2 * PAGE_BYTES), randomBytes(1000)])
    const given: Array<[content: Buffer, answer: GivenState]> = [
      [big, { file: 'state' }], [big, { file: room.work('state') }], [big, { blob: 'b' }],
      [Buffer.alloc(0), { bytes: Buffer.alloc(0) }]
    ]
    let answer: GivenState = {}
    const upcalls = answering(async () => answer, { async * readBlob () { yield big } })
    const driver = await room.driver({ upcalls })
    const task = await running(driver)
    await writeFile(room.work('state'), big)
    const other = await Room.open()
    try {
      const there = await other.driver({ upcalls })
      for (const [content, next] of given) {
        answer = next
        const state = await task.capture({ stop: false })
        const restored = await there.restore?.(
          specOf(['sh', '-c', 'cat "$WELKIN_RESTORE" | wc -c; sha256sum < "$WELKIN_RESTORE"']), state,
          async page => state.read(page)) as RestoredTask
        await (await restored.start()).ended
        const hash = createHash('sha256').update(content).digest('hex')
        expect(await textOf(there)).to.equal(`${content.byteLength}\n${hash}  -\n`)
        await there.remove(ID)
      }
      expect(await readdir(join(other.directory, 'states'))).to.deep.equal([])
    } finally {
      await other.close()
    }
    await goesOn(task)
  })

  it('stands still over the end of its daemon, and goes on when the next says so', async () => {
    const upcalls = playedUpcalls((path, id) => room.work(path, id))
    const driver = await room.driver({ upcalls })
    argv = [...COUNTS, longTime()]
    const task = await running(driver)
    await untilOutput(driver, /^3$/m)
    const { output } = await task.capture({ stop: true })
    await driver.stop()
    const next = await room.driver({ upcalls })
    const found = await next.recover(ID) as Capturing
    await untilStopped()
    expect(await next.output(ID).size()).to.deep.equal(output)
    await found.resume()
    upcalls.resume(ID)
    const text = await untilOutput(next, /^6$/m)
    expect(text.trim().split('\n')).to.deep.equal(text.trim().split('\n').map((_line, at) => `${at + 1}`))
    await goesOn(found)
  })

  it('leaves nothing when it has gone elsewhere, whichever life of its daemon hears of it', async () => {
    const driver = await room.driver({ upcalls: answering(async () => ({ bytes: Buffer.from('x') })) })
    const task = await running(driver)
    await task.capture({ stop: true })
    await driver.stop()
    const next = await room.driver()
    const found = await next.recover(ID)
    expect(isTask(found)).to.equal(true)
    await (found as Capturing).leave()
    await next.remove(ID)
    await untilNoneWith(argv.at(-1) as string)
    expect(await next.recover(ID)).to.equal(undefined)
  })

  it('stands still when its leash runs out though its daemon is gone, and goes on with the next', async () => {
    const driver = await room.driver()
    const task = await running(driver)
    await task.leash(50)
    await driver.stop()
    await untilStopped()
    const next = await room.driver()
    const found = await next.recover(ID) as Capturing
    await found.resume()
    expect(await isStopped(argv)).to.equal(true)
    await found.leash(60_000)
    while (await isStopped(argv) !== false) await sleep(5)
    await goesOn(found)
  })

  it('is ended and does not run on to its end when it stands still', async () => {
    argv = shell('trap "echo ran" TERM; echo ready; while :; do sleep 0.1; done', longTime())
    const driver = await room.driver()
    const task = await running(driver)
    await untilOutput(driver, /ready/)
    await task.leash(1)
    await untilStopped()
    await task.stop(60_000)
    expect((await task.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGKILL' })
    expect(await textOf(driver)).to.equal('ready\n')
  })
})
