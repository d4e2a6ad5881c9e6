import { expect } from 'chai'
import type { Syscalls } from '@welkin/abi'
import {
  CloudError, onAbort, SILENT, type Clock, type Driver, type Link, type Task, type TaskSpec
} from '@welkin/interface'
import { createBuiltinDriver, type BuiltinModule } from '../src/index.ts'

const ID = '0'.repeat(32)

/** Timers that a test fires by hand. */
const timers: Array<() => void> = []
const clock: Clock = {
  monotonicMs: () => 0,
  wallMs: () => 1000,
  after: (_delayMs, callback) => {
    timers.push(callback)
    return () => { timers.splice(timers.indexOf(callback), 1) }
  }
}

const modules: Record<string, BuiltinModule> = {
  greet: async ({ args, env, stdout }) => { stdout(`hello ${args.join(' ')} in ${env['PLACE']}`) },
  fail: async () => { throw new Error('it broke') },
  exits: async ({ args: [code] }) => Number(code),
  asks: async ({ syscalls, stdout }) => { stdout((await syscalls.whoami({})).principal) },
  waits: async ({ signal }) => { await new Promise<void>(resolve => { onAbort(signal, () => resolve()) }) },
  hangs: async () => { await new Promise<never>(() => {}) }
}

/** Says whose it is. */
const linkFor = (id: string): Link => ({
  request: async () => new TextEncoder().encode(`object:${id}`),
  open: () => { throw new Error('Nobody talks here.') }
})

const syscallsOver = (link: Link): Syscalls => {
  const whoami = async () => ({ principal: new TextDecoder().decode(await link.request(new Uint8Array())) })
  return { whoami } as unknown as Syscalls
}

const create = (): Driver => createBuiltinDriver({
  clock, log: SILENT, keys: { digest: () => { throw new Error('Nothing is taken up here.') } }, modules, linkFor,
  syscallsOver, drawRequestId: () => '0'.repeat(32)
})

describe('the driver of built-in modules', () => {
  let driver: Driver

  beforeEach(async () => {
    timers.length = 0
    driver = create()
    await driver.start()
  })

  const spec = (argv: string[]): TaskSpec => ({
    id: ID, attempt: 0, argv, env: { PLACE: 'here' }, files: [], limits: {}, input: false
  })
  const run = async (...argv: string[]): Promise<Task> => await driver.run(spec(argv))
  const written = async (): Promise<string> => {
    const chunks = await driver.output(ID).read({ stdout: 0, stderr: 0 }, 1000)
    return chunks.map(({ stream, bytes }) => `${stream}: ${new TextDecoder().decode(bytes)}`).join()
  }
  const codeOf = async (call: Promise<unknown>): Promise<string> =>
    await call.then(() => 'none', (error: CloudError) => error.code)

  it('runs a module with its arguments and environment, and keeps what it writes', async () => {
    const { exit, endedAtMs } = await (await run('greet', 'big', 'world')).ended
    expect(exit).to.deep.equal({ kind: 'exited', code: 0 })
    expect(endedAtMs).to.equal(1000)
    expect(await written()).to.equal('stdout: hello big world in here')
  })

  it('tells exit statuses, and of a module that throws why', async () => {
    expect((await (await run('exits', '7')).ended).exit).to.deep.equal({ kind: 'exited', code: 7 })
    expect((await (await run('fail')).ended).exit).to.deep.equal({ kind: 'exited', code: 1 })
    expect(await written()).to.equal('stderr: it broke\n')
  })

  it('gives a module system calls in its object\'s name', async () => {
    await (await run('asks')).ended
    expect(await written()).to.equal(`stdout: object:${ID}`)
  })

  it('asks a module to end, and lets go of one that does not', async () => {
    const polite = await run('waits')
    await polite.stop(1000)
    expect((await polite.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
    expect(timers).to.have.lengthOf(0)
    const stubborn = await run('hangs')
    await stubborn.stop(1000)
    timers[0]?.()
    expect((await stubborn.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGKILL' })
  })

  it('refuses what it cannot do', async () => {
    expect(await codeOf(run('nope'))).to.equal('ENOENT')
    expect(await codeOf(run('toString'))).to.equal('ENOENT')
    const task = await run('waits')
    expect(await codeOf(task.signal('SIGHUP'))).to.equal('ENOSYS')
    expect(await codeOf(task.write(new Uint8Array(1)))).to.equal('EPIPE')
    await task.stop(0)
    await task.ended
    expect(await codeOf(task.signal('SIGHUP'))).to.equal('ESRCH')
  })

  it('tells this daemon that a task runs, and the next, which cannot know better, that all are lost', async () => {
    const task = await run('waits')
    expect(await driver.recover(ID)).to.equal(task)
    await driver.stop()
    const next = create()
    for (const id of [ID, '1'.repeat(32)]) {
      expect(await next.recover(id)).to.have.nested.property('exit.kind', 'lost')
    }
  })

  it('keeps no more output than its bound, the latest', async () => {
    modules['floods'] = async ({ stdout }) => { for (let i = 0; i < 300; i++) stdout('x'.repeat(10_000)) }
    await (await run('floods')).ended
    const chunks = await driver.output(ID).read({ stdout: 0, stderr: 0 }, 1e9)
    expect(chunks[0]?.offset).to.be.within(1.9e6, 2e6)
    expect(await driver.output(ID).size()).to.deep.equal({ stdout: 3e6, stderr: 0 })
  })
})
