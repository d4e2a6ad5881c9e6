import { expect } from 'chai'
import fc from 'fast-check'
import { cidOf, openDelegation } from '../src/delegation.ts'
import type { Grant } from '../src/grant.ts'
import { codeOf, createWorld, give, HOUR_MS, idOf, NOW_MS, ROOT, wanted, type World } from './kit.ts'

const verdict = ({ verifier }: World, chain: readonly Uint8Array[]): string => codeOf(() => verifier.verify(chain))
const cidAt = (chain: readonly Uint8Array[], at: number): string => cidOf(chain.at(at) as Uint8Array, ROOT)

describe('a chain', () => {
  it('gives what every one of its links permits', () => {
    const { verifier } = createWorld()
    const user = give([], 'root', 'alice', { grants: [{ can: ['processes.*'] }, { can: ['store.get'] }] })
    const chain = give(user, 'alice', 'bob', { grants: [{ can: ['processes.kill', 'store.*', 'cloud.read'] }] })
    const authority = verifier.verify(chain)
    expect([authority.principal, authority.holder]).to.deep.equal([idOf('bob'), idOf('bob')])
    const may = (can: string): boolean => authority.refusal(wanted({ can })) === undefined
    expect(['processes.kill', 'store.get', 'store.put', 'cloud.read', 'processes.read'].filter(may))
      .to.deep.equal(['processes.kill', 'store.get'])
  })

  it('is none when links are left out, doubled, reordered, spliced, of another parent, root or too many', () => {
    const world = createWorld()
    const whole = give(give(give([], 'root', 'a'), 'a', 'b'), 'b', 'c')
    const [one, two, three] = whole as [Uint8Array, Uint8Array, Uint8Array]
    const [other] = give([], 'root', 'a') as [Uint8Array]
    const parentless = give([], 'a', 'b')
    const tries = {
      empty: [], cut: [two, three], 'without its middle': [one, three], doubled: [one, one, two, three],
      'last doubled': [one, two, three, three], reordered: [two, one, three], 'of another parent': [other, two, three],
      parentless: [one, ...parentless], rootless: give([], 'mallory', 'c'),
      'handed on by a thief': give([one], 'mallory', 'c'),
      nothing: [new Uint8Array()], noise: [one, new Uint8Array(100)]
    }
    const expectRefused = (): void => {
      for (const [what, chain] of Object.entries(tries)) {
        expect(verdict(world, chain), what).to.be.oneOf(['EACCES', 'EPROTO'])
      }
    }
    expectRefused()
    expect(verdict(world, [one, two, three])).to.equal('none')
    // What was verified before must not make up for what is missing now.
    expectRefused()
    let long = give([], 'root', 'a')
    for (let at = 1; at < 16; at++) long = give(long, 'a', 'a')
    expect(verdict(world, long)).to.equal('none')
    expect(verdict(world, give(long, 'a', 'a'))).to.equal('EACCES')
  })

  it('is none when any bit of it is another', () => {
    const { verifier } = createWorld()
    const chain = give(give([], 'root', 'alice'), 'alice', 'bob')
    fc.assert(fc.property(fc.nat(1), fc.nat(), fc.integer({ min: 1, max: 255 }), (nth, at, flip) => {
      const changed = chain.map((wire, i) => {
        return i === nth ? wire.map((byte, j) => j === at % wire.length ? byte ^ flip : byte) : wire
      })
      expect(codeOf(() => verifier.verify(changed))).to.be.oneOf(['EACCES', 'EPROTO'])
    }), { numRuns: 300 })
  })

  it('ends with the first of its links, and has begun when the last of them has, give or take five minutes', () => {
    const world = createWorld()
    const chain = give(give([], 'root', 'a', { expiresMs: NOW_MS + 10 }), 'a', 'b')
    expect(verdict(world, chain)).to.equal('none')
    world.nowMs += 10
    expect(verdict(world, chain)).to.equal('EACCES')
    const later = give(give([], 'root', 'a'), 'a', 'b', { notBeforeMs: world.nowMs + HOUR_MS / 2 })
    expect(verdict(world, later)).to.equal('EACCES')
    world.nowMs += HOUR_MS / 2 - 5 * 60_000
    expect(verdict(world, later)).to.equal('none')
  })

  it('is revoked by any link, issuer or audience of it, at once', () => {
    const world = createWorld()
    const chain = give(give([], 'root', 'a'), 'a', 'b')
    const authority = world.verifier.verify(chain)
    for (const target of [cidAt(chain, 0), cidAt(chain, 1), idOf('a'), idOf('b')]) {
      world.revoked.add(target)
      expect(verdict(world, chain), target).to.equal('EACCES')
      expect([authority.holds, authority.isRevoked]).to.deep.equal([false, true])
      world.revoked.clear()
    }
    expect(authority.holds).to.equal(true)
  })

  it('never gives more than any beginning of it', () => {
    const { verifier } = createWorld()
    const grant: fc.Arbitrary<Grant> = fc.record({
      can: fc.constantFrom(['*'], ['processes.*'], ['processes.kill'], ['store.get']),
      on: fc.constantFrom(['own'], ['object:aa'], ['cp:*']), zone: fc.constantFrom('acme', 'acme/lyon', 'other')
    }, { requiredKeys: ['can'] })
    const link = fc.record({ grants: fc.array(grant, { minLength: 1, maxLength: 2 }), proxy: fc.boolean() })
    const owner = fc.constantFrom('p0', 'p1', 'p2').map(idOf)
    fc.assert(fc.property(fc.array(link, { minLength: 2, maxLength: 4 }), owner, (links, by) => {
      let chain: Uint8Array[] = []
      for (const [at, terms] of links.entries()) chain = give(chain, at === 0 ? 'root' : `p${at - 1}`, `p${at}`, terms)
      const resource = { owner: by, names: ['object:aa', 'cp:bb'] }
      const refusals = chain.map((_, at) => verifier.verify(chain.slice(0, at + 1)).refusal(wanted({ resource })))
      const first = refusals.findIndex(refusal => refusal !== undefined)
      if (first >= 0) for (const refusal of refusals.slice(first)) expect(refusal).not.to.equal(undefined)
    }), { numRuns: 60 })
  })

  it('makes `own` what its principal has made, through any number of proxies', () => {
    const { verifier } = createWorld()
    const user = give([], 'root', 'alice', { grants: [{ can: ['processes.*'], on: ['own'] }] })
    const proxied = give(give(user, 'alice', 'n1', { proxy: true }), 'n1', 'n2', { proxy: true })
    const authority = verifier.verify(proxied)
    expect(authority.principal).to.equal(idOf('alice'))
    const onThat = (owner: string) => authority.refusal(wanted({ resource: { owner: idOf(owner), names: [] } }))
    expect(onThat('alice')).to.equal(undefined)
    for (const other of ['n1', 'n2', 'root', 'bob']) expect(onThat(other), other).not.to.equal(undefined)
    const friend = verifier.verify(give(user, 'alice', 'bob', { grants: [{ can: ['*'], on: ['own'] }] }))
    for (const owner of ['alice', 'bob']) {
      expect(friend.refusal(wanted({ resource: { owner: idOf(owner), names: [] } })), owner).not.to.equal(undefined)
    }
  })

  it('tells which uses a call takes: of what is counted, unless something that is not permits it too', () => {
    const { verifier } = createWorld()
    const nodes = [idOf('n1')]
    const grants = [
      { can: ['processes.*'], uses: 3, nodes }, { can: ['store.get'] }, { can: ['store.*'], uses: 2, nodes }
    ]
    const user = give([], 'root', 'alice', { grants })
    const counted = (can: string, chain = user) => verifier.verify(chain).counted(wanted({ can }))
    expect(counted('processes.kill')).to.deep.equal([[{ key: `${cidAt(user, 0)}/0`, uses: 3 }]])
    expect(counted('store.get')).to.deep.equal([])
    expect(counted('store.put')).to.deep.equal([[{ key: `${cidAt(user, 0)}/2`, uses: 2 }]])
    const twice = give(user, 'alice', 'bob', { grants: [{ can: ['*'], uses: 1, nodes }] })
    expect(counted('processes.kill', twice).flat().map(({ uses }) => uses)).to.deep.equal([3, 1])
  })

  it('costs the memory of so many bytes, however many long ones somebody makes', () => {
    const { verifier } = createWorld()
    const names = Array.from({ length: 60 }, (_, i) => `name:${`${i}-`.padEnd(200, 'x')}`)
    const chain = give([], 'root', 'mallory')
    const grants = [{ can: ['*'], on: names }]
    for (let i = 0; i < 50; i++) verifier.verify(give(chain, 'mallory', 'mallory', { grants }))
    expect(codeOf(() => verifier.verify(chain))).to.equal('none')
  })

  it('says who, to whom, from when to when', () => {
    const chain = give([], 'root', 'alice', { proxy: true, notBeforeMs: 5, expiresMs: 7 })
    const { issuer, audience, proxy, notBeforeMs, expiresMs, parent } = openDelegation(chain[0] as Uint8Array, 'x')
    expect([issuer, audience, proxy, notBeforeMs, expiresMs, parent])
      .to.deep.equal([ROOT.self, idOf('alice'), true, 5, 7, undefined])
  })
})
