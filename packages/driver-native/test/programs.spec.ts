import { expect } from 'chai'
import type { Driver } from '@welkin/interface'
import {
  failureOf, idOf, ID, longTime, pidsWith, Room, shell, specOf, textOf, untilNoneWith, untilOutput
} from './room.ts'

describe('A native program', () => {
  let room: Room
  let driver: Driver
  beforeEach(async () => {
    room = await Room.open()
    driver = await room.driver()
  })
  afterEach(async () => await room.close())

  const refusal = async (argv: string[], env = {}): Promise<string> => {
    return (await failureOf(driver.run(specOf(argv, { env })))).code
  }

  it('is refused with ENOENT when it is neither in the PATH of the task nor at its path', async () => {
    expect(await refusal(['no-such-program'])).to.equal('ENOENT')
    expect(await refusal(['./no-such-program'])).to.equal('ENOENT')
    expect(await refusal(['/no/such/program'])).to.equal('ENOENT')
    expect(await refusal(['sh'], { PATH: '/nowhere' })).to.equal('ENOENT')
  })

  it('is refused with EACCES when it may not be run', async () => {
    expect(await refusal(['/etc/passwd'])).to.equal('EACCES')
    expect(await refusal(['/etc'])).to.equal('EACCES')
  })

  it('is refused with ENOEXEC when it is not of a format that this machine runs', async () => {
    const files = [await room.file('noise', '\u0001\u0002\u0003', { executable: true })]
    expect((await failureOf(driver.run(specOf(['./noise'], { files })))).code).to.equal('ENOEXEC')
  })

  it('is refused with ENOENT that names the interpreter when that is missing', async () => {
    const files = [await room.file('script', '#!/no/such/interpreter\n', { executable: true })]
    const { code, message } = await failureOf(driver.run(specOf(['./script'], { files })))
    expect(code).to.equal('ENOENT')
    expect(message).to.contain('/no/such/interpreter')
  })

  it('is refused with E2BIG when its arguments are longer than the machine takes', async () => {
    expect(await refusal(['true', 'x'.repeat(1024 * 1024)])).to.equal('E2BIG')
  })

  it('is refused with EINVAL when its name, an argument or a variable cannot be', async () => {
    expect(await refusal([])).to.equal('EINVAL')
    expect(await refusal(['true', 'a\0b'])).to.equal('EINVAL')
    expect(await refusal(['true'], { 'A=B': 'c' })).to.equal('EINVAL')
  })

  it('can be a file of the spec, and sees its own name', async () => {
    const files = [await room.file('bin/tool', '#!/bin/sh\necho "$0 $1"\n', { executable: true })]
    const task = await driver.run(specOf(['bin/tool', 'argument'], { files }))
    await task.ended
    expect(await textOf(driver)).to.match(/bin\/tool argument\n$/)
  })

  it('has the environment of its spec, the bare necessities, and nothing of the daemon', async () => {
    process.env.WELKIN_TEST_SECRET = 'daemon'
    const task = await driver.run(specOf(['env'], { env: { A: '1', LANG: 'C' } }))
    await task.ended
    delete process.env.WELKIN_TEST_SECRET
    const lines = (await textOf(driver)).trim().split('\n').toSorted()
    const work = room.work('')
    expect(lines).to.deep.equal(['A=1', `HOME=${work}`, 'LANG=C', `PATH=${process.env.PATH}`, `PWD=${work}`])
  })

  it('can open what it writes to by name', async () => {
    await (await driver.run(specOf(shell('echo yes > /dev/stdout; echo no > /dev/stderr')))).ended
    expect([await textOf(driver), await textOf(driver, 'stderr')]).to.deep.equal(['yes\n', 'no\n'])
  })

  it('takes large input as fast as it reads, and no further than it reads', async () => {
    const bytes = Buffer.alloc(3_000_000, 'abcdefg')
    const task = await driver.run(specOf(['wc', '-c'], { input: true }))
    await task.write(bytes)
    await task.endInput()
    await task.ended
    expect((await textOf(driver)).trim()).to.equal('3000000')
    const closes = shell('exec < /dev/null; echo closed; sleep 1000')
    const closed = await driver.run(specOf(closes, { id: idOf(2), input: true }))
    await untilOutput(driver, /closed/, idOf(2))
    expect((await failureOf(closed.write(bytes))).code).to.equal('EPIPE')
    await closed.stop(0)
    await closed.ended
  })

  it('is stopped with all its descendants', async () => {
    const seconds = longTime()
    const task = await driver.run(specOf(shell(`sh -c "sleep ${seconds} & echo; wait" & echo; wait`)))
    await untilOutput(driver, /\n.*\n/)
    await task.stop(60_000)
    expect((await task.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
    await untilNoneWith(seconds)
  })

  it('leaves nothing running when it ends by itself', async () => {
    const seconds = longTime()
    const task = await driver.run(specOf(shell(`trap "" TERM; sleep ${seconds} & echo`)))
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    await untilNoneWith(seconds)
  })

  it('is over even though somebody who left its group keeps its output open', async () => {
    const seconds = longTime()
    const leaves = `setsid sh -c "touch gone; exec sleep ${seconds}" & until [ -e gone ]; do sleep 0.01; done`
    const task = await driver.run(specOf(shell(leaves)))
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    for (const pid of await pidsWith(seconds)) process.kill(pid, 'SIGKILL')
    await untilNoneWith(seconds)
  })

  it('runs beside two hundred others that start at once', async () => {
    const codes = await Promise.all(Array.from({ length: 200 }, async (_none, n) => {
      const task = await driver.run(specOf(shell('echo $1; exit $(($1 % 50))', `${n}`), { id: idOf(n) }))
      const { exit } = await task.ended
      return [exit, await textOf(driver, 'stdout', idOf(n))]
    }))
    expect(codes).to.deep.equal(Array.from({ length: 200 }, (_none, n) => [{ kind: 'exited', code: n % 50 }, `${n}\n`]))
  })

  it('is refused with EBUSY while its object runs already', async () => {
    const task = await driver.run(specOf(['sleep', '1000']))
    expect(await refusal(['true'])).to.equal('EBUSY')
    expect((await failureOf(driver.remove(ID))).code).to.equal('EBUSY')
    await task.stop(0)
    await task.ended
  })

  it('has further programs beside it, which end with it', async () => {
    const task = await driver.run(specOf(['sleep', '1000'], { env: { A: '1' } }))
    const beside = await task.exec?.(shell('echo $A; pwd; kill -9 $$'))
    expect(beside?.exit).to.deep.equal({ kind: 'signaled', signal: 'SIGKILL' })
    expect(Buffer.from(beside?.stdout ?? []).toString()).to.equal(`1\n${room.work('')}\n`)
    const refused = async (argv: string[], signal?: AbortSignal): Promise<string> => {
      return (await failureOf(task.exec?.(argv, { signal }) as Promise<unknown>)).code
    }
    expect(await refused([])).to.equal('EINVAL')
    expect(await refused(['no-such-program'])).to.equal('ENOENT')
    expect(await refused(['head', '-c', '2000000', '/dev/zero'])).to.equal('E2BIG')
    const controller = new AbortController()
    const aborted = refused(['sleep', '1000'], controller.signal)
    controller.abort()
    expect(await aborted).to.equal('ECANCELED')
    const endless = refused(['sleep', '1000'])
    await task.stop(0)
    expect(await endless).to.equal('ESRCH')
  })
})
