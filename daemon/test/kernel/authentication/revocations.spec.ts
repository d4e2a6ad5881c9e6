import { expect } from 'chai'
import fc from 'fast-check'
import { cidOf, sealRevocation } from '@welkin/capability'
import { CloudError } from '@welkin/interface'
import { Revocations } from '../../../src/kernel/authentication/revocations.ts'
import { createPorts, FOREVER_MS, give, keysOf } from './kit.ts'

const USER = [{ can: ['access.self', 'processes.*'] }]
const idOf = (name: string): string => keysOf(name).self
const ROOT = keysOf('root')

const admin = give([], 'root', 'admin')
const deputy = give(admin, 'admin', 'deputy')
const user = give(deputy, 'deputy', 'user', USER)
const friend = give(user, 'user', 'friend', USER)
const CHAINS: Record<string, readonly Uint8Array[]> = { root: [], admin, deputy, user, friend }

const cidIn = (chain: readonly Uint8Array[]): string => cidOf(chain.at(-1) as Uint8Array, ROOT)
const revoke = (by: string, target: string, chain = CHAINS[by] ?? [], expiresMs = FOREVER_MS): Uint8Array =>
  sealRevocation({ target, expiresMs, chain }, keysOf(by)).wire

describe('revocations', () => {
  it('come from the root, from who may revoke, from who has given it, and from whom they are about', async () => {
    const may: Array<[string, Uint8Array]> = [
      ['the root', revoke('root', idOf('user'))], ['who may revoke', revoke('deputy', idOf('admin'))],
      ['who has given it', revoke('user', cidIn(friend), friend)],
      ['who has given what it comes from', revoke('deputy', cidIn(friend), friend)],
      ['whom it is about', revoke('user', idOf('user'))]
    ]
    for (const [what, wire] of may) {
      const revocations = new Revocations(createPorts())
      revocations.check(wire)
      expect(await revocations.add([wire]), what).to.have.length(1)
    }
  })

  it('come from nobody else', async () => {
    const stray = give([], 'mallory', 'admin')
    const tries: Array<[string, Uint8Array]> = [
      ['the root is nobody\'s to revoke', revoke('admin', idOf('root'))],
      ['a user revokes no other', revoke('user', idOf('deputy'))],
      ['what was given to me by him', revoke('friend', cidIn(user), friend)],
      ['all of somebody, for having given him something', revoke('user', idOf('friend'), friend)],
      ['by a chain that is somebody else\'s', revoke('user', idOf('friend'), admin)],
      ['by a chain of no root', revoke('mallory', cidIn(stray), stray)],
      ['of oneself, by a key of no cloud', revoke('mallory', idOf('mallory'), [])]
    ]
    for (const [what, wire] of tries) {
      const revocations = new Revocations(createPorts())
      expect(() => { revocations.check(wire) }, what).to.throw().with.property('code', 'EACCES')
      expect(await revocations.add([wire]), what).to.deep.equal([])
    }
  })

  it('by whom was revoked nearer to the root count for nothing', async () => {
    const revocations = new Revocations(createPorts())
    await revocations.add([revoke('deputy', idOf('admin')), revoke('deputy', idOf('user'))])
    expect([idOf('admin'), idOf('user')].map(revocations.has)).to.deep.equal([true, true])
    await revocations.add([revoke('admin', idOf('deputy'))])
    expect([idOf('admin'), idOf('user'), idOf('deputy')].map(revocations.has)).to.deep.equal([false, false, true])
  })

  it('mean the same in whatever order and parts they come, also after another start', async () => {
    const names = ['root', 'admin', 'deputy', 'user']
    const pool = names.flatMap(by => [
      ...['admin', 'deputy', 'user', 'friend'].map(target => revoke(by, idOf(target))),
      ...[deputy, user, friend].map(chain => revoke(by, cidIn(chain), chain))
    ])
    const targets = [...names, 'friend'].map(idOf).concat([admin, deputy, user, friend].map(cidIn))
    await fc.assert(fc.asyncProperty(fc.shuffledSubarray(pool, { minLength: 1 }), fc.nat(9), async (wires, cut) => {
      const [one, other] = [createPorts(), createPorts()]
      const [at, there] = [new Revocations(one), new Revocations(other)]
      await at.add(wires.slice(0, cut))
      await at.add(wires)
      for (const wire of wires.toReversed()) await there.add([wire])
      const later = new Revocations(one)
      await later.load()
      for (const each of [there, later]) {
        expect(targets.filter(each.has)).to.deep.equal(targets.filter(at.has))
        expect(each.digest).to.deep.equal(at.digest)
      }
    }), { numRuns: 40 })
  })

  it('are heard by who hears of them after their issuer\'s chain has expired', async () => {
    const passing = give(admin, 'admin', 'temp', [{ can: ['access.revoke'] }], 5)
    const revocations = new Revocations(createPorts())
    const wires = [revoke('temp', idOf('user'), passing), revoke('root', idOf('friend'))]
    expect(await revocations.add(wires)).to.have.length(2)
    expect(revocations.has(idOf('user'))).to.equal(true)
  })

  it('count though the disk refuses them', async () => {
    const ports = createPorts()
    ports.fail(new CloudError('EIO', 'The disk fails.'))
    const revocations = new Revocations(ports)
    await revocations.add([revoke('root', idOf('user'))])
    expect(revocations.has(idOf('user'))).to.equal(true)
  })
})
