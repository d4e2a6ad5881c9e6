import { expect } from 'chai'
import { decode, encode, encodeCall, SYSCALL_PROTOCOL } from '@welkin/abi'
import { cidOf, parseTicket, ROLES, sealRevocation, type Grant } from '@welkin/capability'
import type { NodeId } from '@welkin/interface'
import { CLOUD_PROTOCOL, SITE_PROTOCOL, Voice, type VirtualCloud } from '@welkin/sim'
import { codeOf, eventsOf, inCloud, knowsAll, run } from './in-cloud.ts'
import { Outsider } from './outsider.ts'

const idle = ['x1', 'x2', 'x3'].map(name => ({ name, zone: 'sim/s1/r9' }))
const GUARDED = { guarded: true, nodes: 3, idle, hostile: true }
const ADMISSION_PROTOCOL = '/welkin/admission/1'
const FOREVER_MS = 1e15
const USER: readonly Grant[] = [{ can: ['node.member'] }, ...ROLES.user]
const program = { driver: 'modelled', argv: ['sleep', '1000'] }
const CP = '0'.repeat(31)

/** Somebody who is no daemon and a member of the cloud, by a certificate of the root's, and has shown it to all. */
async function member (cloud: VirtualCloud, name: NodeId, grants = USER): Promise<Outsider> {
  const one = new Outsider(cloud, name, grants)
  for (const { id } of cloud.nodes()) await present(one, id)
  return one
}

async function present (one: Outsider, to: NodeId, certificate = one.chain, zone = 'sim/s1/r9'): Promise<unknown> {
  return await one.request(to, ADMISSION_PROTOCOL, encode(['present', zone, certificate, new Uint8Array(32)]))
}

/** By the root. */
const revocationOf = (cloud: VirtualCloud, target: string): Uint8Array =>
  sealRevocation({ target, expiresMs: FOREVER_MS }, cloud.root?.key as never).wire

const chainOf = (cloud: VirtualCloud, name: NodeId): readonly Uint8Array[] =>
  cloud.node(name)?.authentication?.certificate ?? []
const linkOf = (chain: readonly Uint8Array[], { keys }: Outsider): string => cidOf(chain.at(-1) as Uint8Array, keys)

describe('tickets under attack', () => {
  const redeem = async (one: Outsider, ticket: string, to = 'n1'): Promise<unknown> => {
    const { secret } = parseTicket(ticket, one.keys)
    return await one.request(to, ADMISSION_PROTOCOL, encode(['redeem', secret, 'sim/s1/r9']))
  }

  it('let in one of two who come at once, and the same one again, also after the inviter has crashed', async () => {
    await inCloud(GUARDED, async cloud => {
      const { ticket } = await cloud.syscalls('n1').invite({})
      const [one, other] = [new Outsider(cloud, 'x1', USER), new Outsider(cloud, 'x2', USER)]
      const codes = await Promise.all([codeOf(redeem(one, ticket)), codeOf(redeem(other, ticket))])
      expect(codes).to.have.members(['none', 'EACCES'])
      const [winner, loser] = codes[0] === 'none' ? [one, other] : [other, one]
      cloud.powerOff('n1')
      await cloud.pass(1000)
      await cloud.start('n1', ['n2'])
      // Their connections of before are gone.
      for (const each of [winner, loser]) await codeOf(each.ask('n1', 'whoami', {}))
      expect(await codeOf(redeem(loser, ticket))).to.equal('EACCES')
      expect(await codeOf(redeem(winner, ticket))).to.equal('none')
      expect(await codeOf(redeem(winner, ticket, 'n2'))).to.equal('EACCES')
    })
  })

  it('are no way back for who was given a certificate by them that was revoked', async () => {
    await inCloud(GUARDED, async cloud => {
      const { ticket } = await cloud.syscalls('n1').invite({})
      const one = new Outsider(cloud, 'x1', [])
      const certificateOf = async (): Promise<Uint8Array[]> => {
        return (decode(await redeem(one, ticket) as Uint8Array) as Uint8Array[]).map(link => new Uint8Array(link))
      }
      const first = await certificateOf()
      expect(await codeOf(present(one, 'n2', first))).to.equal('none')
      await cloud.syscalls('n1').revoke({ target: linkOf(first, one) })
      await cloud.pass(2000)
      expect(await codeOf(present(one, 'n2', await certificateOf()))).to.equal('EACCES')
    })
  })
})

describe('who is no member', () => {
  it('is heard by no protocol but that of admission, and that of calls with a chain', async () => {
    await inCloud(GUARDED, async cloud => {
      const stranger = new Outsider(cloud, 'x1', [])
      const voice = new Voice(stranger.keys)
      const others = ['/welkin/echo/1', '/welkin/measure/1', SITE_PROTOCOL, CLOUD_PROTOCOL]
      for (const protocol of others) {
        for (const payload of [encode([1, [voice.facts(), 0], null]), encode([true, encode([[], []])]), encode([0])]) {
          const code = await codeOf(stranger.request('n1', protocol, payload))
          expect(code, protocol).to.be.oneOf(['EACCES', 'ENOSYS', 'EPROTONOSUPPORT', 'EPROTO'])
        }
      }
      const call = { name: 'nodes', args: {}, requestId: '0'.repeat(32), hops: 0, chain: [] }
      expect(await codeOf(stranger.request('n1', SYSCALL_PROTOCOL, encodeCall(call)))).to.equal('EACCES')
      expect(await codeOf(stranger.request('n1', ADMISSION_PROTOCOL, encode(['revoked'])))).to.equal('EACCES')
      await cloud.pass(5000)
      expect(cloud.node('n1')?.membership.node('x1')).to.equal(undefined)
    })
  })

  it('becomes none by a certificate of a member that may not invite', async () => {
    await inCloud(GUARDED, async cloud => {
      const inviter = await member(cloud, 'x1')
      const friend = new Outsider(cloud, 'x2', [])
      const certificate = inviter.extend(inviter.chain, { audience: 'x2', grants: USER, expiresMs: FOREVER_MS })
      expect(await codeOf(present(friend, 'n1', certificate))).to.equal('EACCES')
      const able = await member(cloud, 'x3', [...USER, { can: ['access.invite'], zone: 'sim/s1' }])
      const invited = able.extend(able.chain, { audience: 'x2', grants: USER, expiresMs: FOREVER_MS })
      expect(await codeOf(present(friend, 'n1', invited, 'sim/s2/r1'))).to.equal('EACCES')
      expect(await codeOf(present(friend, 'n1', invited))).to.equal('none')
    })
  })
})

describe('a member that goes too far', () => {
  it('runs, ends and reads nothing on its own account', async () => {
    await inCloud(GUARDED, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '1000'], { on: 'n2' })
      const mallory = await member(cloud, 'x1')
      const calls = {
        spawn: { program }, kill: { id }, stat: { id }, wait: { id }, signal: { id, signal: 'SIGHUP' }, remove: { id },
        host: { cp: `${CP}1`, spec: { program }, objects: [{ id: `${CP}2` }] }, reserve: { count: 1 },
        invite: {}, grant: { role: 'admin' }, revoke: { target: 'n2' }, keys: {}
      }
      for (const [name, args] of Object.entries(calls)) {
        expect(await codeOf(mallory.ask('n2', name, args, [])), name).to.equal('EACCES')
      }
      for (const name of ['nodes', 'list']) expect(await codeOf(mallory.ask('n2', name, {}, []))).to.equal('none')
    })
  })

  it('gets no administrator\'s rights for objects by a chain that everybody shows', async () => {
    await inCloud(GUARDED, async cloud => {
      const mallory = await member(cloud, 'x1')
      const host = (chain: readonly Uint8Array[]) => mallory.ask('n2', 'host', {
        cp: `${CP}1`, spec: { program, can: ['*'] }, objects: [{ id: `${CP}2` }], chain
      })
      for (const name of ['n1', 'n2']) expect(await codeOf(host(chainOf(cloud, name))), name).to.equal('EACCES')
      expect(await codeOf(host(mallory.chain))).to.equal('EACCES')
      const terms = { audience: 'n2', grants: [{ can: ['*'] }], proxy: true, expiresMs: FOREVER_MS }
      expect(await codeOf(host(mallory.extend(mallory.chain, terms)))).to.equal('none')
      const task = cloud.objectSyscalls('n2', `${CP}2`)
      expect(await codeOf(task.invite({}))).to.equal('EACCES')
      const { id } = await run(cloud.syscalls('n2'), ['sleep', '1000'], { on: 'n2' })
      expect(await codeOf(task.kill({ id }))).to.equal('EACCES')
    })
  })

  it('takes back from nobody all that he has, because it has given him something', async () => {
    await inCloud(GUARDED, async cloud => {
      const mallory = await member(cloud, 'x1')
      const chain = mallory.extend(mallory.chain, { audience: 'n1', grants: ROLES.guest, expiresMs: FOREVER_MS })
      const { wire } = sealRevocation({ target: 'n1', expiresMs: FOREVER_MS, chain }, mallory.keys)
      await mallory.request('n2', ADMISSION_PROTOCOL, encode(['revoked', wire]))
      expect(cloud.node('n2')?.authentication?.isMember('n1')).to.equal(true)
      const own = sealRevocation({ target: linkOf(chain, mallory), expiresMs: FOREVER_MS, chain }, mallory.keys)
      await mallory.request('n2', ADMISSION_PROTOCOL, encode(['revoked', own.wire]))
      expect(cloud.node('n2')?.authentication?.revocations.list()).to.have.length(1)
    })
  })

  it('keeps no revocation from being heard, by one that is refused nor by ten thousand of its own', async function () {
    this.timeout(60_000)
    await inCloud(GUARDED, async cloud => {
      const mallory = await member(cloud, 'x1')
      const revocations = cloud.node('n2')?.authentication?.revocations
      const fill = Array.from({ length: 9900 }, (_, i) =>
        sealRevocation({ target: 'x1', expiresMs: FOREVER_MS + i, chain: mallory.chain }, mallory.keys).wire)
      const free = cloud.authority.keysOf('free')
      const keyless = Array.from({ length: 100 }, (_, i) =>
        sealRevocation({ target: 'free', expiresMs: FOREVER_MS + i }, free).wire)
      expect(await revocations?.add(keyless)).to.deep.equal([])
      await revocations?.add(fill)
      expect(revocations?.list().length).to.be.within(1000, 10_000)
      const bytes = revocations?.all().reduce((sum, wire) => sum + wire.byteLength, 0)
      expect(bytes, 'they go into one message').to.be.below(4 << 20)
      const news = await revocations?.add([new Uint8Array(80), ...keyless, revocationOf(cloud, 'x2')])
      expect(news?.map(({ target }) => target)).to.deep.equal(['x2'])
      expect(revocations?.has('x2')).to.equal(true)
    })
  })

  it('is out by every way when it was removed', async () => {
    await inCloud(GUARDED, async cloud => {
      const mallory = await member(cloud, 'x1')
      const fromN1 = cloud.node('n1')?.authentication?.chainTo('x1', { kind: 'owner' }, SPAWN)
      await cloud.node('n1')?.authentication?.revoke(revocationOf(cloud, 'x1'))
      await cloud.pass(3000)
      const voice = new Voice(mallory.keys)
      for (const { id: node } of cloud.nodes()) {
        expect(await codeOf(mallory.ask(node, 'nodes', {}, [])), 'on its own account').to.equal('EACCES')
        expect(await codeOf(mallory.ask(node, 'nodes', {})), 'for its owner').to.equal('EACCES')
        expect(await codeOf(mallory.ask(node, 'spawn', { program }, fromN1)), 'for others').to.equal('EACCES')
        expect(await codeOf(present(mallory, node)), 'card').to.equal('EACCES')
        for (const protocol of [SITE_PROTOCOL, CLOUD_PROTOCOL]) {
          const news = encode([1, [voice.facts(), 0, voice.vitals(), 0], null])
          expect(await codeOf(mallory.request(node, protocol, news)), protocol).to.equal('EACCES')
        }
      }
      await cloud.pass(10_000)
      expect(cloud.node('n2')?.membership.node('x1')?.state).not.to.equal('up')
    })
  })
})

const SPAWN = { name: 'spawn', row: { capability: 'processes.spawn', actsOn: true } as never }

describe('a node that was handed a chain', () => {
  it('does by it that one thing, for ten minutes, and nothing else', async () => {
    await inCloud(GUARDED, async cloud => {
      const mallory = await member(cloud, 'x1')
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '10000'], { on: 'n2' })
      const handed = cloud.node('n1')?.authentication?.chainTo('x1', { kind: 'owner' }, SPAWN) ?? []
      expect(await codeOf(mallory.ask('n2', 'kill', { id }, handed))).to.equal('EACCES')
      expect(await codeOf(mallory.ask('n2', 'invite', {}, handed))).to.equal('EACCES')
      const terms = { audience: 'n2', grants: [{ can: ['*'] }], proxy: true, expiresMs: FOREVER_MS }
      expect(await codeOf(mallory.ask('n2', 'kill', { id }, mallory.extend(handed, terms)))).to.equal('EACCES')
      expect(await codeOf(mallory.ask('n2', 'spawn', { program }, mallory.extend(handed, terms)))).to.equal('none')
      await cloud.pass(600_000)
      expect(await codeOf(mallory.ask('n2', 'spawn', { program }, mallory.extend(handed, terms)))).to.equal('EACCES')
    })
  })

  it('is told by it no reply that was given to another for something else', async () => {
    await inCloud(GUARDED, async cloud => {
      const mallory = await member(cloud, 'x1')
      const alice = new Outsider(cloud, 'x2', [{ can: ['*'] }])
      const requestId = 'd'.repeat(32)
      const reserved = { count: 1, driver: 'modelled' }
      expect(await codeOf(alice.ask('n2', 'reserve', reserved, alice.chain, { requestId }))).to.equal('none')
      const handed = alice.extend(alice.chain, {
        audience: 'x1', grants: [{ can: ['store.get'] }], proxy: true, expiresMs: FOREVER_MS
      })
      expect(await codeOf(mallory.ask('n2', 'reserve', reserved, handed, { requestId }))).to.equal('EACCES')
    })
  })

  it('cannot use one that was handed to another, nor one that it only saw', async () => {
    await inCloud(GUARDED, async cloud => {
      const mallory = await member(cloud, 'x1')
      const toN3 = cloud.node('n1')?.authentication?.chainTo('n3', { kind: 'owner' }, SPAWN) ?? []
      for (const chain of [toN3, chainOf(cloud, 'n1'), chainOf(cloud, 'n2'), cloud.root?.give('n3') ?? []]) {
        expect(await codeOf(mallory.ask('n2', 'spawn', { program }, chain))).to.equal('EACCES')
      }
    })
  })

  it('does with its objects\' chain what they may do, and no more', async () => {
    await inCloud(GUARDED, async cloud => {
      const mallory = await member(cloud, 'x1')
      const ours = await run(cloud.syscalls('n1'), ['sleep', '10000'], { on: 'n2' })
      const theirs = await cloud.syscalls('n1').stat({ id: ours.id })
      const chain = cloud.node('n1')?.authentication?.chainOfObjects('x1', { kind: 'owner' }, theirs.cp, []) ?? []
      expect(await codeOf(mallory.ask('n2', 'stat', { id: ours.id }, chain))).to.equal('none')
      const other = await run(cloud.syscalls('n1'), ['sleep', '10000'], { on: 'n2' })
      expect(await codeOf(mallory.ask('n2', 'stat', { id: other.id }, chain))).to.equal('EACCES')
      for (const [name, args] of Object.entries({ spawn: { program }, nodes: {}, invite: {}, keys: {} })) {
        expect(await codeOf(mallory.ask('n2', name, args, chain)), name).to.equal('EACCES')
      }
    })
  })

  it('lets an object do to its siblings elsewhere no more than at home', async () => {
    await inCloud(GUARDED, async cloud => {
      const { objects } = await cloud.syscalls('n1').spawn({ program, count: 3, query: { spread: 'node' } as never })
      const [one, ...others] = objects as Array<{ id: string, node: string }>
      const task = cloud.objectSyscalls(one?.node as string, one?.id as string)
      for (const { id } of others) expect(await codeOf(task.kill({ id }))).to.equal('EACCES')
      expect(await codeOf(task.stat({ id: one?.id as string }))).to.equal('none')
    })
  })
})

describe('who has granted something', () => {
  it('takes it back without being let to revoke anything else', async () => {
    await inCloud(GUARDED, async cloud => {
      const { ticket } = await cloud.syscalls('n1').invite({})
      await cloud.start('x1', [], { by: 'ticket', ticket })
      const user = cloud.syscalls('x1')
      const { id, chain } = await user.grant({ to: 'x2', role: 'guest' })
      const friend = new Outsider(cloud, 'x2', [])
      const links = chain.map(link => new Uint8Array(Buffer.from(link, 'base64url')))
      expect(await codeOf(friend.ask('n2', 'nodes', {}, links))).to.equal('none')
      expect(await codeOf(user.revoke({ target: 'n2' }))).to.equal('EACCES')
      cloud.powerOff('x1')
      await cloud.pass(1000)
      await cloud.start('x1', ['n1'], { by: 'record' })
      expect(await codeOf(cloud.syscalls('x1').revoke({ target: id }))).to.equal('none')
      await cloud.pass(3000)
      expect(await codeOf(friend.ask('n2', 'nodes', {}, links))).to.equal('EACCES')
    })
  })
})

describe('time and cuts', () => {
  it('expiry is by the clock of whoever answers, though it be ten minutes wrong', async () => {
    await inCloud(GUARDED, async cloud => {
      const startMs = Date.UTC(2026, 0) + cloud.timeline.nowMs
      const user = new Outsider(cloud, 'x1', ROLES.guest, startMs + 300_000)
      const at = (node: NodeId): Promise<string> => codeOf(user.ask(node, 'nodes', {}))
      cloud.machines.get('n2')?.quartz.stepWall(600_000)
      cloud.machines.get('n3')?.quartz.stepWall(-600_000)
      expect([await at('n1'), await at('n2'), await at('n3')]).to.deep.equal(['none', 'EACCES', 'none'])
      await cloud.pass(310_000)
      expect([await at('n1'), await at('n2'), await at('n3')]).to.deep.equal(['EACCES', 'EACCES', 'none'])
      await cloud.pass(600_000)
      expect(await at('n3')).to.equal('EACCES')
    })
  })

  it('what was revoked is refused within seconds of a cut being mended, and by who was off meanwhile', async () => {
    await inCloud({ ...GUARDED, nodes: 6 }, async cloud => {
      const user = new Outsider(cloud, 'x1', ROLES.guest)
      const short = await member(cloud, 'x2')
      const passing = short.extend(short.chain, { audience: 'x3', grants: ROLES.guest, expiresMs: Date.UTC(2026, 0) })
      cloud.network.partition([['n1', 'n2', 'n3', 'x1', 'x2'], ['n4', 'n5', 'n6']])
      cloud.powerOff('n3')
      // A refused or expired one among them keeps off none.
      const own = sealRevocation({ target: linkOf(passing, short), expiresMs: FOREVER_MS, chain: passing }, short.keys)
      await short.request('n1', ADMISSION_PROTOCOL, encode(['revoked', own.wire]))
      await cloud.node('n1')?.authentication?.revoke(revocationOf(cloud, 'x1'))
      await cloud.pass(20_000)
      cloud.network.heal()
      await cloud.start('n3', ['n1'])
      await knowsAll(cloud)
      await cloud.pass(6000)
      for (const { id } of cloud.nodes()) expect(await codeOf(user.ask(id, 'nodes', {})), id).to.equal('EACCES')
    })
  })

  it('a stream ends when what permitted it is revoked', async () => {
    await inCloud(GUARDED, async cloud => {
      const user = new Outsider(cloud, 'x1', [{ can: ['*'] }])
      const requestId = 'e'.repeat(32)
      const payload = encodeCall({ name: 'events', args: { follow: true }, requestId, hops: 0, chain: user.chain })
      const channel = user.transport.link('n2', SYSCALL_PROTOCOL).open(payload)
      const reading = codeOf((async () => { for await (const _ of channel) { /* to its end */ } })())
      await cloud.pass(1000)
      await cloud.node('n2')?.authentication?.revoke(revocationOf(cloud, 'x1'))
      await run(cloud.syscalls('n2'), ['exit', '0'], { on: 'n2' })
      await cloud.pass(2000)
      expect(await Promise.race([reading, cloud.pass(10_000).then(() => 'still open')])).to.equal('EACCES')
      expect(eventsOf(cloud, 'nodeDown')).to.deep.equal([])
    })
  })
})

describe('counted grants', () => {
  const grants: Grant[] = [{ can: ['resources.read'], uses: 3, nodes: ['n2'] }]

  it('are good for so many calls, all at once or one by one, whatever befalls the node that counts', async () => {
    await inCloud(GUARDED, async cloud => {
      const user = new Outsider(cloud, 'x1', grants)
      expect(await codeOf(user.ask('n1', 'nodes', {}))).to.equal('EACCES')
      expect(await codeOf(user.ask('n2', 'nodes', {}))).to.equal('none')
      cloud.powerOff('n2')
      await cloud.pass(1000)
      await cloud.start('n2', ['n1'])
      await codeOf(user.ask('n2', 'whoami', {})) // the connection of before is gone
      const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(user.ask('n2', 'nodes', {}))))
      expect(codes.filter(code => code === 'none')).to.have.length(2)
      expect(await codeOf(user.ask('n2', 'nodes', {}))).to.equal('EACCES')
    })
  })

  it('are counted together for all to whom they were handed on', async () => {
    await inCloud(GUARDED, async cloud => {
      const user = new Outsider(cloud, 'x1', grants)
      const friends = ['x2', 'x3'].map(name => new Outsider(cloud, name, []))
      const codes: string[] = []
      for (const friend of [...friends, ...friends]) {
        const terms = { audience: friend.name, grants: [{ can: ['*'] }], expiresMs: FOREVER_MS }
        const chain = user.extend(user.chain, terms)
        codes.push(await codeOf(friend.ask('n2', 'nodes', {}, chain)))
      }
      expect(codes).to.deep.equal(['none', 'none', 'none', 'EACCES'])
    })
  })

  it('are not used up by what is refused, nor by a repeat of a call that is done once', async () => {
    await inCloud(GUARDED, async cloud => {
      const spawning: Grant[] = [{ can: ['processes.spawn'], uses: 1, nodes: ['n2'] }]
      const user = new Outsider(cloud, 'x1', spawning)
      expect(await codeOf(user.ask('n2', 'kill', { id: '0'.repeat(32) }))).to.equal('EACCES')
      const reserve = async (requestId: string): Promise<string> =>
        await codeOf(user.ask('n2', 'reserve', { count: 1, driver: 'modelled' }, user.chain, { requestId }))
      const codes = [await reserve('a'.repeat(32)), await reserve('a'.repeat(32)), await reserve('b'.repeat(32))]
      expect(codes).to.deep.equal(['none', 'none', 'EACCES'])
    })
  })
})
