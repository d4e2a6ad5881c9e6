import { expect } from 'chai'
import { execFile, spawnSync } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Connection } from '@welkin/syscalls/connect'
import type { RunningDaemon } from '@welkin/daemon/real'
import { Daemons } from './daemons.ts'

const run = promisify(execFile)
const PATIENCE_MS = 15_000
const hasDig = spawnSync('dig', ['-v']).status === 0

/** A resolver of Node's that asks this daemon alone (c-ares). */
function resolverOf ({ info }: RunningDaemon): Resolver {
  const resolver = new Resolver({ timeout: 3000, tries: 2 })
  resolver.setServers([info.dns as string])
  return resolver
}

/** Asks until `holds` of the answer; what fails is asked again. */
async function until<T> (ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  let last: T | undefined
  for (const endMs = Date.now() + PATIENCE_MS; Date.now() < endMs; await sleep(100)) {
    last = await ask().catch(() => undefined)
    if (last !== undefined && holds(last)) return last
  }
  throw new Error(`It did not come to that; last: ${JSON.stringify(last)}`)
}

async function codeOf (asked: Promise<unknown>): Promise<unknown> {
  return await asked.then(() => 'answered', (error: NodeJS.ErrnoException) => error.code)
}

describe('DNS of real daemons', function () {
  this.timeout(60_000)
  const daemons = new Daemons()
  let one: RunningDaemon
  let two: RunningDaemon
  let cloud: Connection

  before(async () => {
    one = await daemons.start({ zone: 'acme/lyon/r1' })
    two = await daemons.start({ name: 'n2', zone: 'acme/lyon/r2', join: one.info.addresses })
    cloud = await daemons.connect(one)
    await until(async () => (await cloud.syscalls.nodes({})).nodes, nodes => nodes.length === 2)
    await cloud.syscalls.name.bind({ name: 'box.acme', to: { node: two.info.id }, ports: { ssh: 22 }, ttlMs: 1000 })
  })
  after(async () => { await daemons.end() })

  it('finds what was bound, at any node', async () => {
    for (const daemon of [one, two]) {
      const resolver = resolverOf(daemon)
      expect(await until(() => resolver.resolve4('box.acme.welkin'), found => found.length > 0))
        .to.deep.equal(['127.0.0.1'])
      expect(await resolver.resolveSrv('_ssh._tcp.box.acme.welkin'))
        .to.deep.equal([{ name: 'n2.node.acme.welkin', port: 22, priority: 0, weight: 1 }])
      expect(await resolver.resolveTxt('box.acme.welkin')).to.deep.equal([['node=n2', 'ssh=22']])
      expect(await resolver.resolve4('n1.node.acme.welkin')).to.deep.equal(['127.0.0.1'])
    }
  })

  it('finds nodes by their addresses', async () => {
    const names = await until(() => resolverOf(one).resolvePtr('1.0.0.127.in-addr.arpa'), found => found.length === 2)
    expect(names.toSorted()).to.deep.equal(['n1.node.acme.welkin', 'n2.node.acme.welkin'])
  })

  it('says what is not there, and refuses what is not ours', async () => {
    const resolver = resolverOf(one)
    expect(await codeOf(resolver.resolve4('gone.acme.welkin'))).to.equal('ENOTFOUND')
    expect(await codeOf(resolver.resolve6('box.acme.welkin'))).to.equal('ENODATA')
    expect(await codeOf(resolver.resolve4('example.org'))).to.equal('EREFUSED')
  })

  it('follows a name that is bound anew within its TTL', async () => {
    await cloud.syscalls.name.bind({ name: 'box.acme', to: { node: one.info.id }, ports: { ssh: 23 }, ttlMs: 1000 })
    const resolver = resolverOf(two)
    await until(() => resolver.resolveSrv('box.acme.welkin'), ([found]) => found?.port === 23)
  })

  it('does as dig likes it', async function () {
    if (!hasDig) return this.skip()
    const [host = '', port = ''] = one.info.dns?.split(':') ?? []
    const dig = async (...args: string[]): Promise<string> =>
      (await run('dig', [`@${host}`, '-p', port, ...args])).stdout
    const udp = await dig('BOX.acme.welkin', 'SRV')
    expect(udp).to.match(/status: NOERROR/).and.match(/flags: qr aa rd;/).and.match(/udp: 1232/)
    expect(udp).to.match(/BOX\.acme\.welkin\.\s+\d+\s+IN\s+SRV\s+0 1 23 n1\.node\.acme\.welkin\./)
    expect(await dig('+tcp', '+keepopen', 'box.acme.welkin', 'A', 'n1.node.acme.welkin', 'A', '+short'))
      .to.equal('127.0.0.1\n127.0.0.1\n')
    expect(await dig('gone.acme.welkin')).to.match(/status: NXDOMAIN/).and.match(/\sSOA\s/)
    expect(await dig('box.acme.welkin', 'ANY', '+notcp', '+short')).to.equal('"RFC8482" ""\n')
    expect(await dig('version.bind', 'TXT', 'CH')).to.match(/status: NOTIMP/)
    expect(await dig('box.acme.welkin', '+edns=1', '+noednsneg')).to.match(/status: BADVERS/)
    expect(await dig('box.acme.welkin', '+opcode=notify')).to.match(/status: NOTIMP/)
    expect(await dig('example.org')).to.match(/status: REFUSED/)
    expect(udp).not.to.match(/WARNING: (?!recursion)|malformed/i)
  })

  it('does not name a node that is down', async () => {
    const resolver = resolverOf(one)
    await cloud.syscalls.name.bind({ name: 'both.acme', to: { node: one.info.id }, rule: 'both', ttlMs: 1000 })
    await cloud.syscalls.name.bind({ name: 'both.acme', to: { node: two.info.id }, rule: 'both', ttlMs: 1000 })
    await until(() => resolver.resolveTxt('both.acme.welkin'), found => found.length === 2)
    await daemons.stop(two)
    const left = await until(() => resolver.resolveTxt('both.acme.welkin'), found => found.length === 1)
    expect(left).to.deep.equal([['node=n1']])
  })
})

describe('a daemon that serves no DNS', () => {
  const daemons = new Daemons()
  after(async () => { await daemons.end() })

  it('says so, and one that cannot serve it where it is told to does not start', async () => {
    const { info } = await daemons.start({ dns: false })
    expect(info.dns).to.equal(null)
    for (const [dns, code] of [['nowhere:53', 'EINVAL'], ['192.0.2.1:0', 'EINVAL']] as const) {
      expect(await codeOf(daemons.start({ dns }))).to.equal(code)
    }
  })
})
