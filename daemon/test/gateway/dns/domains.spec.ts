import { expect } from 'chai'
import { Domains } from '../../../src/gateway/dns/domains.ts'
import { HandClock, PlayedNames } from './kit.ts'

function setUp () {
  const names = new PlayedNames()
  const clock = new HandClock()
  return { names, clock, domains: new Domains({ names: names.asNaming(), clock }, 'acme') }
}

describe('domains', () => {
  it('are found by asking once, and remembered for a minute', async () => {
    const { names, clock, domains } = setUp()
    expect([await domains.has('alice.acme'), await domains.has('alice.acme')]).to.deep.equal([true, true])
    expect(names.listed).to.deep.equal(['alice.acme'])
    clock.nowMs += 61_000
    await domains.has('alice.acme')
    expect(names.listed).to.have.length(2)
  })

  it('are known by a name that is in them', async () => {
    const { names, domains } = setUp()
    domains.note('a.b.c.acme')
    expect([await domains.has('b.c.acme'), await domains.has('c.acme')]).to.deep.equal([true, true])
    expect(names.listed).to.deep.equal([])
  })

  it('are asked for no more than once a second, after a few', async () => {
    const { names, clock, domains } = setUp()
    for (let nth = 0; nth < 20; nth++) await domains.has(`x${nth}.acme`)
    expect(names.listed).to.have.length(5)
    clock.nowMs += 1000
    for (let nth = 0; nth < 20; nth++) await domains.has(`x${nth}.acme`)
    expect(names.listed).to.have.length(6)
  })

  it('are not there where nobody can say', async () => {
    const { names, domains } = setUp()
    names.listFails = true
    expect(await domains.has('alice.acme')).to.equal(false)
  })

  it('of the cloud itself need no asking', async () => {
    const { names, domains } = setUp()
    expect([await domains.has('node.acme'), await domains.has('n9.node.acme')]).to.deep.equal([true, false])
    expect(names.listed).to.deep.equal([])
  })
})
