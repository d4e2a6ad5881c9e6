import { chmod, mkdir, mkdtemp, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Driver, TaskSpec } from '@welkin/interface'
import {
  failureOf, ID, idOf, longTime, parentOf, pidsWith, Room, shell, specOf as plainSpecOf, textOf, untilGone,
  untilNoneWith, untilOutput
} from './room.ts'

const specOf = (argv: readonly string[], rest: Partial<TaskSpec> = {}): TaskSpec =>
  plainSpecOf(argv, { isolation: 'default', ...rest })

const NO_SUCH = /No such file|Permission denied|can't open/
const isRoot = process.geteuid?.() === 0

/** Connects and writes what it hears, or why it cannot. */
const CALLS = 'const s = require("net").connect(JSON.parse(process.argv[1]));' +
  's.on("data", d => { process.stdout.write(d); s.destroy() }); s.on("error", e => console.log(e.code))'

/** Says hello to whoever comes. */
async function greeter (where: { path: string } | { port: number, host: string }): Promise<Server> {
  const server = createServer(socket => socket.end('hello'))
  await new Promise<void>(resolve => { server.listen(where, resolve) })
  return server
}

describe('A native task in a sandbox', () => {
  let room: Room
  let driver: Driver
  before(async function () {
    const trial = await Room.open()
    const { attributes, reason } = await (await trial.driver()).facts()
    await trial.close()
    if (attributes['isolation'] === 'bubblewrap') return
    console.log(`      skipped: ${reason}`)
    this.skip()
  })
  beforeEach(async () => {
    room = await Room.open()
    driver = await room.driver()
  })
  afterEach(async () => await room.close())

  /** What a script writes, with what goes wrong. */
  const saidBy = async (script: string, rest: Partial<TaskSpec> = {}): Promise<string> => {
    const spec = specOf(shell(`exec 2>&1; ${script}`), { isolation: 'strict', ...rest })
    await (await driver.run(spec)).ended
    return await textOf(driver, 'stdout', spec.id)
  }

  it('sees neither what the daemon keeps, nor the files of others, nor its owner\'s home', async () => {
    await writeFile(join(room.directory, 'key'), 'secret')
    await saidBy('echo secret > mine', { id: idOf(7) })
    for (const path of [join(room.directory, 'key'), room.work('mine', idOf(7))]) {
      expect(await saidBy(`cat ${path}`, { attempt: 1 })).to.match(NO_SUCH)
      await driver.remove(ID)
    }
    expect(await saidBy('ls -d /home/* /run/* /var/log /mnt | grep -v cannot')).to.not.match(/^\//m)
    await driver.remove(ID)
    const names = (await saidBy(`ls -A ${homedir()}`)).trim().split('\n')
    const needed = names.filter(name => process.env['PATH']?.includes(join(homedir(), name)))
    expect(names.filter(name => !needed.includes(name) && !NO_SUCH.test(name))).to.deep.equal([])
    await driver.remove(ID)
    expect(await saidBy(`ls ${join(room.directory, 'tasks')}`)).to.equal(`${ID}\n`)
    await driver.remove(ID)
    expect(await saidBy('cat /etc/shadow')).to.match(NO_SUCH)
  })

  it('sees no process but its own, and ends none', async () => {
    const seconds = longTime()
    const other = await driver.run(specOf(['sleep', seconds], { id: idOf(7) }))
    await other.usage() // waits until it is there
    const pids = await pidsWith(seconds)
    const said = await saidBy(`kill -9 ${pids.join(' ')}; kill -9 -1; cat /proc/[0-9]*/cmdline`)
    expect(said).to.match(/No such process|not permitted/)
    expect(said).to.not.include(seconds)
    expect(await pidsWith(seconds)).to.deep.equal(pids)
    await other.stop(0)
    await other.ended
  })

  it('is no superuser, and may write to its directory and its own /tmp only', async () => {
    const said = await saidBy('grep CapEff /proc/self/status; ' +
      'for at in / /usr /etc /opt /proc/sys/kernel /tmp .; do touch $at/welkin-trace && echo $at; done')
    const [rights, ...places] = said.trim().split('\n').filter(line => !line.startsWith('touch: '))
    expect(rights).to.match(/:\s0+$/)
    expect(places).to.deep.equal(['/tmp', '.'])
    expect(await readdir(tmpdir())).to.not.include('welkin-trace')
    if (isRoot) expect((await stat(room.work('welkin-trace'))).uid).to.be.above(65_535)
  })

  it('forks no further than its limit, and is ended with all that it has forked', async () => {
    const seconds = longTime()
    const bomb = `while :; do sleep ${seconds} & done; f() { f | f & }; f`
    const script = shell(`(${bomb}); echo full; exec sleep ${seconds}`)
    const task = await driver.run(specOf(script, { limits: { processes: 40 } }))
    await untilOutput(driver, /full/)
    expect((await task.usage()).processes).to.be.within(30, 40)
    await task.stop(0)
    await task.ended
    await untilNoneWith(seconds)
  })

  it('writes no larger files, and opens no more of them, than it may', async () => {
    const limits = { fileBytes: 8192, files: 16 }
    await saidBy('head -c 20000 /dev/zero > large', { limits })
    expect((await stat(room.work('large'))).size).to.equal(8192)
    expect(await saidBy('ulimit -n', { limits, attempt: 1 })).to.include('16\n')
  })

  it('makes no namespaces and mounts nothing, as the kernel is asked in its name', async () => {
    const said = await saidBy('for w in -U -m -n; do unshare $w true && echo made; done; mount -t tmpfs x /tmp; true')
    expect(said.match(/Operation not permitted/g), said).to.have.length.at.least(3)
    expect(said).to.not.include('made')
  })

  it('has the network that it asks for', async () => {
    const server = await greeter({ port: 0, host: '127.0.0.1' })
    const { port } = server.address() as { port: number }
    const argv = [process.execPath, '-e', CALLS, JSON.stringify({ port, host: '127.0.0.1' })]
    const answers: string[] = []
    for (const network of ['host', 'loopback', 'none'] as const) {
      await (await driver.run(specOf(argv, { network }))).ended
      answers.push(await textOf(driver))
      await driver.remove(ID)
    }
    server.close()
    expect(answers).to.deep.equal(['hello', 'ECONNREFUSED\n', 'ECONNREFUSED\n'])
  })

  it('comes to a socket behind a door, also to one that was put there later', async () => {
    const door = join(room.directory, 'door')
    await mkdir(door, { mode: 0o711 })
    driver = await room.driver({ doors: [door], hidden: [room.directory] })
    const path = join(door, 'tasks.sock')
    const call = [process.execPath, '-e', CALLS, JSON.stringify({ path })]
    const task = await driver.run(specOf(shell('until [ -e go ]; do sleep 0.01; done; exec "$@"', ...call)))
    const server = await greeter({ path })
    await chmod(path, 0o666)
    await writeFile(room.work('go'), '')
    await task.ended
    server.close()
    expect(await textOf(driver)).to.equal('hello')
  })

  it('hears signals, with input and without it', async () => {
    for (const input of [false, true]) {
      const id = idOf(Number(input))
      const task = await driver.run(specOf(shell('echo ready; exec sleep 1000'), { input, id }))
      await untilOutput(driver, /ready/, id)
      await task.signal('SIGINT')
      expect((await task.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGINT' })
    }
  })

  it('can be any program that is named by its path, and sees not what stands beside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'welkin-program-'))
    const program = join(folder, 'tool')
    await writeFile(program, `#!/bin/sh\necho "$0"; ls ${folder}\n`)
    await writeFile(join(folder, 'beside'), '')
    await chmod(program, 0o755)
    await (await driver.run(specOf([program]))).ended
    await rm(folder, { recursive: true })
    expect(await textOf(driver)).to.equal(`${program}\ntool\n`)
  })

  it('is not isolated where that is asked for', async () => {
    const task = await driver.run(specOf(shell('id -u; readlink /proc/self/ns/pid'), { isolation: 'none' }))
    await task.ended
    expect(await textOf(driver)).to.equal(`${process.geteuid?.()}\n${await readlink('/proc/self/ns/pid')}\n`)
    const both = driver.run(specOf(['true'], { isolation: 'none', network: 'none', attempt: 1 }))
    expect((await failureOf(both)).code).to.equal('EINVAL')
  })
})

describe('Where there is no bubblewrap', () => {
  const searchPath = process.env['PATH']
  let programs: string
  let room: Room
  let driver: Driver
  beforeEach(async () => {
    programs = await mkdtemp(join(tmpdir(), 'welkin-programs-'))
    await chmod(programs, 0o755)
    for (const name of ['cat', 'id', 'mkfifo', 'setpriv', 'sh']) await symlink(`/usr/bin/${name}`, join(programs, name))
    process.env['PATH'] = programs
    room = await Room.open()
    await chmod(room.directory, 0o711)
    driver = await room.driver()
  })
  afterEach(async () => {
    process.env['PATH'] = searchPath
    await room.close()
    await rm(programs, { recursive: true })
  })

  it('strict isolation and networks of their own are refused, and it is said what to install', async () => {
    for (const wish of [{ isolation: 'strict' }, { network: 'none' }] as const) {
      const { code, message } = await failureOf(driver.run(specOf(['id'], wish)))
      expect(code).to.equal('ENOSYS')
      expect(message).to.include('install bubblewrap')
    }
    const { attributes, reason } = await driver.facts()
    expect(attributes['isolation']).to.equal(isRoot ? 'user' : 'none')
    expect(reason).to.include('install bubblewrap')
  })

  it('tasks of the superuser end with their shepherd, though no daemon sees to it', async function () {
    if (!isRoot) return this.skip()
    const task = await driver.run(specOf(['/usr/bin/sleep', '1000']))
    const pid = task.pid as number
    await driver.stop()
    process.kill(await parentOf(pid), 'SIGKILL')
    await untilGone(pid)
  })

  it('tasks of the superuser are users of their own, who keep to their files', async function () {
    if (!isRoot) return this.skip()
    await writeFile(join(room.directory, 'key'), 'secret', { mode: 0o600 })
    const task = await driver.run(specOf(shell(`id -u; echo mine > own; cat own ${join(room.directory, 'key')}`)))
    await task.ended
    expect(await textOf(driver)).to.match(/^\d{10}\nmine\n$/)
    expect(await textOf(driver, 'stderr')).to.match(NO_SUCH)
  })
})
