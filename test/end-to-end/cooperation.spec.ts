import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Syscalls } from '@welkin/abi'
import { all, codeOf, textOf } from '../kernel/in-cloud.ts'
import { Daemons } from './daemons.ts'

const DOCUMENT = fileURLToPath(new URL('../../../docs/migration.md', import.meta.url))

/** The examples of the document, as they stand there: they count, a line each. */
const LANGUAGES = [
  { fence: 'python', interpreter: '/usr/bin/python3' },
  { fence: 'sh', interpreter: '/bin/sh' },
  { fence: 'js', interpreter: process.execPath }
] as const

/** Does not give its state at first; then a large one. Says what system calls tell it. */
const RELUCTANT = `
import os, sys, time
sys.path.append(os.environ["WELKIN_CLIENTS"])
import welkin
state = welkin.restored()
print(welkin.call("whoami", {})["principal"], len(state or b""), flush=True)
try:
    welkin.call("stat", {"id": "missing"})
except welkin.Fault as fault:
    print(fault.code, flush=True)
answers = [OSError("not now"), b"x" * 1_000_000]
def give():
    answer = answers.pop(0)
    if isinstance(answer, OSError):
        raise answer
    return answer
while True:
    time.sleep(0.02)
    try:
        welkin.point(give)
    except OSError as error:
        print(error, flush=True)
`

async function example (fence: string): Promise<string> {
  const found = new RegExp(`\`\`\`${fence}\n([^]*?)\`\`\``).exec(await readFile(DOCUMENT, 'utf8'))
  return found?.[1] as string
}

/** Why it cannot be run here. */
function whyNot (interpreter: string, script: string): string | undefined {
  try {
    execFileSync(interpreter, ['-c', script], { stdio: 'ignore' })
    return undefined
  } catch {
    return `There is no ${interpreter} that works.`
  }
}

describe('a native program that gives its state', () => {
  const daemons = new Daemons()
  afterEach(async () => { await daemons.end() })

  async function untilWritten (syscalls: Syscalls, id: string, line: string): Promise<string> {
    for (;;) {
      const text = await textOf(syscalls.logs({ id }))
      if (text.split('\n').includes(line)) return text
      await sleep(20)
    }
  }

  async function start (syscalls: Syscalls, interpreter: string, program: string): Promise<string> {
    const input = (async function * () { yield new TextEncoder().encode(program) })()
    const { blob } = await syscalls.blob.put({}, { input })
    const { objects: [object] } = await syscalls.spawn({
      files: [{ path: 'program', blob, executable: false }], program: { argv: [interpreter, 'program'] }, on: 'n1'
    })
    return object?.id as string
  }

  async function untilMovable (syscalls: Syscalls, id: string): Promise<void> {
    while (!('pid' in await syscalls.stat({ id })) || 'immovable' in await syscalls.stat({ id })) await sleep(20)
  }

  const counted = (text: string): void => {
    const lines = text.trimEnd().split('\n')
    expect(lines).to.deep.equal(lines.map((_line, at) => `${at + Number(lines[0])}`))
  }

  function skipUnless (test: Mocha.Context, interpreter: string, script: string): void {
    const missing = whyNot(interpreter, script)
    if (missing === undefined) return
    process.stdout.write(`      skipped: ${missing}\n`)
    test.skip()
  }

  for (const { fence, interpreter } of LANGUAGES) {
    it(`moves, and goes on where it was, in ${fence}`, async function () {
      if (fence !== 'js') skipUnless(this, interpreter, fence === 'sh' ? 'command -v mkfifo' : 'pass')
      const one = await daemons.start()
      const two = await daemons.start({ name: 'n2', join: one.info.addresses })
      const { syscalls } = await daemons.connect(one)
      const id = await start(syscalls, interpreter, await example(fence))
      await untilMovable(syscalls, id)
      await untilWritten(syscalls, id, '2')
      expect((await all(syscalls.migrate({ ids: [id], to: 'n2' }))).at(-1)).to.have.property('kind', 'moved')
      expect((await syscalls.stat({ id })).node).to.equal(two.info.id)
      await untilMovable(syscalls, id)
      const { checkpoint } = await syscalls.checkpoint({ id })
      const restored = await syscalls.restore({ checkpoint, to: 'n1' })
      const last = (await textOf(syscalls.logs({ id }))).trimEnd().split('\n').length
      counted(await untilWritten(syscalls, id, `${last + 3}`))
      counted(await untilWritten(syscalls, restored.id, `${last + 3}`))
    })
  }

  it('goes on where it is when its node has no other, and says why another program does not move', async () => {
    const one = await daemons.start()
    const two = await daemons.start({ name: 'n2', join: one.info.addresses })
    const { syscalls } = await daemons.connect(one)
    const id = await start(syscalls, process.execPath, await example('js'))
    await untilMovable(syscalls, id)
    await daemons.stop(two)
    expect(await codeOf(all(syscalls.migrate({ ids: [id], to: two.info.id })))).to.be.oneOf(['EHOSTDOWN', 'ENOENT'])
    counted(await untilWritten(syscalls, id, '5'))
    const deaf = await start(syscalls, '/bin/sh', 'exec sleep 1000')
    while (!('pid' in await syscalls.stat({ id: deaf }))) await sleep(20)
    expect(await syscalls.stat({ id: deaf })).to.have.property('immovable').that.contains('has not registered')
    expect(await codeOf(syscalls.checkpoint({ id: deaf }))).to.equal('ENOSYS')
  })

  it('stays when it says that it cannot; in Python it gives a large state, and makes calls itself', async function () {
    skipUnless(this, '/usr/bin/python3', 'pass')
    const one = await daemons.start()
    const two = await daemons.start({ name: 'n2', join: one.info.addresses })
    const { syscalls } = await daemons.connect(one)
    const id = await start(syscalls, '/usr/bin/python3', RELUCTANT)
    await untilMovable(syscalls, id)
    const refused = await all(syscalls.migrate({ ids: [id], to: 'n2' })).catch((error: unknown) => error)
    expect(refused).to.deep.include({ code: 'EFAULT', message: 'The program could not give its state: not now' })
    expect(await untilWritten(syscalls, id, 'not now')).to.equal(`object:${id} 0\nENOENT\nnot now\n`)
    await all(syscalls.migrate({ ids: [id], to: 'n2' }))
    expect((await syscalls.stat({ id })).node).to.equal(two.info.id)
    await untilWritten(syscalls, id, `object:${id} 1000000`)
  })

  it('leaves a node that is drained; what gives no state does where its spec allows that it starts anew', async () => {
    const one = await daemons.start()
    const two = await daemons.start({ name: 'n2', join: one.info.addresses })
    const { syscalls } = await daemons.connect(one)
    const counting = await start(syscalls, process.execPath, await example('js'))
    const program = { argv: ['/bin/sh', '-c', 'echo began; exec sleep 1000'] }
    const spawned = async (elsewhere: boolean): Promise<string> => {
      const { objects: [object] } = await syscalls.spawn({ program, on: 'n1', restart: { elsewhere } })
      await untilWritten(syscalls, object?.id as string, 'began')
      return object?.id as string
    }
    const [anew, stays] = [await spawned(true), await spawned(false)]
    await untilMovable(syscalls, counting)
    await untilWritten(syscalls, counting, '2')
    const [plan] = await all(syscalls.migrate({ ids: [anew], to: 'n2', explain: true }))
    expect(plan).to.have.property('manner', 'restart')
    expect(await codeOf(syscalls.checkpoint({ id: anew })), 'has no state all the same').to.equal('ENOSYS')
    const items = await all(syscalls.drain({}, { node: one.info.id }))
    expect(items.flatMap(item => item.kind === 'moved' ? item.id : [])).to.have.members([counting, anew])
    const [left] = items.flatMap(item => item.kind === 'stays' ? item : [])
    expect(left).to.have.property('id', stays)
    expect(left?.why).to.contain('has not registered').and.to.contain('--restart-elsewhere')
    expect(await syscalls.stat({ id: anew })).to.deep.include({ node: two.info.id, attempt: 1 })
    while (await textOf(syscalls.logs({ id: anew })) !== 'began\nbegan\n') await sleep(20)
    counted(await untilWritten(syscalls, counting, '8'))
    expect((await syscalls.stat({ id: stays })).node).to.equal(one.info.id)
  })

  it('is found again by a daemon that comes back', async () => {
    const daemon = await daemons.start()
    const { syscalls } = await daemons.connect(daemon)
    const id = await start(syscalls, process.execPath, await example('js'))
    await untilMovable(syscalls, id)
    await daemons.stop(daemon)
    const next = await daemons.connect(await daemons.start({ dataDir: daemon.dataDir }))
    await untilMovable(next.syscalls, id)
    expect(await next.syscalls.checkpoint({ id })).to.have.property('bytes')
    const lines = (await textOf(next.syscalls.logs({ id }))).split('\n').length
    counted(await untilWritten(next.syscalls, id, `${lines + 2}`))
  })
})
