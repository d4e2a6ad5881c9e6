import { expect } from 'chai'
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { all, bytesOf, codeOf, exitOf, textOf } from '../kernel/in-cloud.ts'
import { Daemons } from './daemons.ts'

describe('a daemon on this machine', () => {
  const daemons = new Daemons()
  afterEach(async () => { await daemons.end() })

  it('runs programs, tells their output and how they ended', async () => {
    const daemon = await daemons.start()
    const { syscalls } = await daemons.connect(daemon)
    const program = { argv: ['sh', '-c', 'echo out; echo err >&2; exit 3'] }
    const { objects: [object] } = await syscalls.spawn({ program })
    const id = object?.id as string
    expect(await exitOf(syscalls, id)).to.deep.equal({ kind: 'exited', code: 3 })
    expect(await textOf(syscalls.logs({ id }))).to.equal('out\n')
    expect(await textOf(syscalls.logs({ id }), 'stderr')).to.equal('err\n')
  })

  it('gives each task its own name before the table', async () => {
    const daemon = await daemons.start()
    const { syscalls } = await daemons.connect(daemon)
    const program = { argv: ['sh', '-c', 'echo $WELKIN_SOCKET $WELKIN_TOKEN'] }
    const { objects: [object] } = await syscalls.spawn({ program })
    const id = object?.id as string
    await exitOf(syscalls, id)
    const [socket, token] = (await textOf(syscalls.logs({ id }))).trim().split(' ')
    expect(socket).to.equal(join(daemon.dataDir, 'door', 'tasks.sock'))
    const asTask = await daemons.connect(daemon, token)
    expect(await asTask.syscalls.whoami({})).to.have.property('principal', `object:${id}`)
    const asNobody = await daemons.connect(daemon, 'f'.repeat(32))
    expect(await codeOf(asNobody.syscalls.whoami({}))).to.equal('EACCES')
  })

  it('hears a task on the socket of tasks only, and as nobody else', async () => {
    const daemon = await daemons.start()
    const { syscalls } = await daemons.connect(daemon)
    const client = new URL('../../../syscalls/dist/src/connect.js', import.meta.url)
    const script = `
      const { connect } = await import('${client.href}')
      const principalAt = async options => {
        const { syscalls } = await connect(options)
        return (await syscalls.whoami({})).principal
      }
      const tries = [{}, { token: null }, { socket: '${daemon.info.socket}' }]
      for (const options of tries) console.log(await principalAt(options).catch(({ code }) => code))
      process.exit()`
    const argv = [process.execPath, '--input-type=module', '-e', script]
    const { objects: [object] } = await syscalls.spawn({ program: { argv } })
    const id = object?.id as string
    await exitOf(syscalls, id)
    const [own, nobody, owner] = (await textOf(syscalls.logs({ id }))).trim().split('\n')
    expect(own).to.equal(`object:${id}`)
    expect(nobody).to.equal('EACCES')
    const isIsolated = (await syscalls.measure({})).drivers[0]?.attributes['isolation'] !== 'none'
    expect(owner).to.be.oneOf(isIsolated ? ['ENOENT', 'EACCES', 'EHOSTDOWN'] : ['owner'])
  })

  it('refuses strict isolation where it cannot be had, and says what to install', async () => {
    const searchPath = process.env['PATH']
    const programs = await daemons.directory()
    for (const name of ['mkfifo', 'sh']) await symlink(`/usr/bin/${name}`, join(programs, name))
    process.env['PATH'] = programs
    const daemon = await daemons.start().finally(() => { process.env['PATH'] = searchPath })
    const { syscalls } = await daemons.connect(daemon)
    const spawning = syscalls.spawn({ program: { argv: ['true'] }, isolation: 'strict' })
    const error = await spawning.then(() => undefined, (reason: unknown) => reason as Error)
    expect(error).to.have.property('code', 'ENOSYS')
    expect(error?.message).to.include('install bubblewrap')
    expect((await syscalls.measure({})).drivers[0]?.reason).to.include('install bubblewrap')
  })

  it('keeps what it runs over its own end', async () => {
    const daemon = await daemons.start()
    const { syscalls } = await daemons.connect(daemon)
    const program = { argv: ['sh', '-c', 'echo before; read line; echo "after $line"; exit 7'], input: true }
    const { objects: [object] } = await syscalls.spawn({ program })
    const id = object?.id as string
    for await (const { bytes } of syscalls.logs({ id, follow: true })) {
      expect(Buffer.from(bytes).toString()).to.equal('before\n')
      break
    }
    await daemons.stop(daemon)

    const next = await daemons.start({ dataDir: daemon.dataDir })
    const again = (await daemons.connect(next)).syscalls
    async function * input () {
      yield { bytes: new TextEncoder().encode('all\n') }
    }
    const items = await all(again.attach({ id, from: {}, input: true }, { input: input() }))
    const written = items.flatMap(item => item.kind === 'output' ? [Buffer.from(item.bytes).toString()] : [])
    expect(written.join('')).to.equal('before\nafter all\n')
    expect(items.at(-1)).to.deep.equal({ kind: 'exit', exit: { kind: 'exited', code: 7 } })
    expect(next.info.id).to.equal(daemon.info.id)
  })

  it('works with others on other ports: any of them answers for all', async () => {
    const first = await daemons.start()
    const second = await daemons.start({ name: 'n2', join: [...first.info.addresses] })
    const [one, two] = [(await daemons.connect(first)).syscalls, (await daemons.connect(second)).syscalls]
    for (const [syscalls, other] of [[one, second], [two, first]] as const) {
      for await (const event of syscalls.events({ follow: true, scope: 'node', types: ['nodeJoined'] })) {
        if (event.fields['about'] === other.info.id) break
      }
    }
    const { blob } = await two.blob.put({}, { input: bytesOf('shared') })
    const { objects: [object] } = await one.spawn({
      program: { argv: ['cat', 'in'] },
      on: first.info.id,
      files: [{ path: 'in', blob }],
      name: 'reader'
    })
    expect(await exitOf(two, 'reader')).to.deep.equal({ kind: 'exited', code: 0 })
    expect(await textOf(two.logs({ id: object?.id as string }))).to.equal('shared')
    expect((await one.whoami({}, { node: 'n2' })).nodeName).to.equal('n2')
  })

  it('refuses a directory that another daemon has, and leaves that one alone', async () => {
    const daemon = await daemons.start()
    expect(await codeOf(daemons.start({ dataDir: daemon.dataDir }))).to.equal('EBUSY')
    expect(await codeOf((await daemons.connect(daemon)).syscalls.whoami({}))).to.equal('none')
  })

  it('refuses the data of another version, and a key that others can read', async () => {
    const strange = await daemons.directory()
    await mkdir(join(strange, 'disk'))
    await writeFile(join(strange, 'disk', 'format'), 'from the future\n')
    expect(await codeOf(daemons.start({ dataDir: strange }))).to.be.oneOf(['ESTALE', 'EIO'])
    const open = await daemons.start()
    await daemons.stop(open)
    await chmod(join(open.dataDir, 'key'), 0o644)
    expect(await codeOf(daemons.start({ dataDir: open.dataDir }))).to.equal('EACCES')
    await chmod(join(open.dataDir, 'key'), 0o600)
  })

  it('joins nobody uninvited, and listens to nonsense nowhere', async () => {
    const first = await daemons.start({ listen: ['/ip4/0.0.0.0/tcp/0'] })
    const dataDir = await daemons.directory()
    expect(await codeOf(daemons.start({ dataDir, join: ['/ip4/127.0.0.1/tcp/1'] }))).to.equal('EACCES')
    for (const address of ['/ip4/192.0.2.1/tcp/1', 'nonsense']) {
      expect(await codeOf(daemons.start({ listen: [address] })), address).to.be.oneOf(['EINVAL', 'EADDRINUSE'])
    }
    expect(await codeOf((await daemons.connect(first)).syscalls.whoami({}))).to.equal('none')
  })

  it('says so when a port is taken, and leaves nothing behind', async () => {
    const taken = createServer()
    await new Promise<void>(resolve => { taken.listen(0, '127.0.0.1', resolve) })
    const { port } = taken.address() as AddressInfo
    const dataDir = await daemons.directory()
    expect(await codeOf(daemons.start({ dataDir, listen: [`/ip4/127.0.0.1/tcp/${port}`] }))).to.equal('EADDRINUSE')
    expect(await codeOf(daemons.start({ dataDir, http: port }))).to.equal('EADDRINUSE')
    taken.close()
    await daemons.start({ dataDir, http: port })
  })

  it('shows its socket to nobody else', async () => {
    const { info } = await daemons.start()
    expect((await stat(info.socket)).mode & 0o777).to.equal(0o600)
  })

  it('refuses ten thousand objects at once, and answers meanwhile', async () => {
    const daemon = await daemons.start()
    const { syscalls } = await daemons.connect(daemon)
    const flood = codeOf(syscalls.spawn({ program: { argv: ['sleep', '60'] }, count: 10_000 }))
    expect(await codeOf(syscalls.whoami({}))).to.equal('none')
    expect(await flood).to.equal('EAGAIN')
    expect((await syscalls.list({ ended: true })).objects).to.have.lengthOf(0)
  })
})
