import { expect } from 'chai'
import fc from 'fast-check'
import { checkGrants, refusalBy, type Grant } from '../src/grant.ts'
import { codeOf, idOf, NOW_MS, wanted } from './kit.ts'

const permits = (grant: Grant, more = {}, nowMs = NOW_MS): boolean =>
  refusalBy([grant], wanted(more), 'alice', nowMs) === undefined

describe('a grant', () => {
  it('names a row, a family or everything, and no more than whole names', () => {
    for (const can of ['*', 'processes.*', 'processes.kill']) expect(permits({ can: [can] }), can).to.equal(true)
    for (const can of ['processes.kil', 'processes', 'process.*', 'processes.kill.*', 'store.*']) {
      expect(permits({ can: [can] }), can).to.equal(false)
    }
  })

  it('is for what it says: own things, ids, names and beginnings of names', () => {
    const resource = { owner: 'alice', names: ['object:0a1b', 'cp:ff00', 'name:crunch.3'] }
    for (const on of ['own', 'object:0a1b', 'object:0a*', 'cp:*', 'name:crunch.*']) {
      expect(permits({ can: ['*'], on: [on] }, { resource }), on).to.equal(true)
    }
    for (const on of ['object:0a', 'cp:0a1b', 'name:run*', 'name:crunch.33', 'object:ff*']) {
      expect(permits({ can: ['*'], on: [on] }, { resource }), on).to.equal(false)
    }
    expect(permits({ can: ['*'], on: ['own'] }, { resource: { ...resource, owner: 'bob' } })).to.equal(false)
    expect(permits({ can: ['*'], on: ['own'] }, { resource: { names: [] } })).to.equal(false)
    expect(permits({ can: ['*'], on: ['object:*'] })).to.equal(false)
    expect(permits({ can: ['*'], on: ['own'] }, { resource: 'unknown' })).to.equal(true)
  })

  it('holds only where and while it says', () => {
    expect(permits({ can: ['*'], nodes: [idOf('n1')] })).to.equal(true)
    expect(permits({ can: ['*'], nodes: [idOf('n2')] })).to.equal(false)
    expect(permits({ can: ['*'], zone: 'acme/lyon' })).to.equal(true)
    expect(permits({ can: ['*'], zone: 'acme/ly' })).to.equal(false)
    expect(permits({ can: ['*'], priceMax: 0.5 }, { price: 0.5 })).to.equal(true)
    expect(permits({ can: ['*'], priceMax: 0.5 }, { price: 0.51 })).to.equal(false)
    expect(permits({ can: ['*'], untilMs: NOW_MS + 1 })).to.equal(true)
    expect(permits({ can: ['*'], untilMs: NOW_MS })).to.equal(false)
  })

  it('that cannot be understood is refused, for it may have been meant to narrow', () => {
    const unfit = [
      [], {}, [{}], [{ can: [] }], [{ can: 'x' }], [{ can: ['Kill'] }], [{ can: ['a.*.b'] }], [{ can: ['*'], only: 1 }],
      [{ can: ['*'], on: ['mine'] }], [{ can: ['*'], on: [] }], [{ can: ['*'], uses: 3 }],
      [{ can: ['*'], uses: 0, nodes: ['n1'] }], [{ can: ['*'], uses: 1, nodes: ['n1', 'n2'] }],
      [{ can: ['*'], untilMs: Number.NaN }], [{ can: ['*'], priceMax: -1 }], [{ can: ['*'], zone: '/' }],
      [[{ can: ['*'] }]],
      Array.from({ length: 65 }, () => ({ can: ['*'] }))
    ]
    for (const grants of unfit) expect(codeOf(() => checkGrants(grants)), JSON.stringify(grants)).to.equal('EINVAL')
  })

  it('permits nothing more for a condition more', () => {
    const conditions = fc.record({
      on: fc.constantFrom(['own'], ['object:0a1b'], ['name:x*']), nodes: fc.constantFrom([idOf('n1')], [idOf('n2')]),
      zone: fc.constantFrom('acme', 'acme/lyon/r7', 'other'), priceMax: fc.constantFrom(0, 1),
      untilMs: fc.integer({ min: 0 })
    }, { requiredKeys: [] })
    const resource = fc.constantFrom(undefined, 'unknown' as const, { owner: 'alice', names: ['object:0a1b'] })
    fc.assert(fc.property(conditions, conditions, resource, fc.double({ min: 0, max: 2 }), (a, b, about, price) => {
      const both = { can: ['*'], ...a, ...b }
      const one = { can: ['*'], ...b }
      if (permits(both, { resource: about, price })) expect(permits(one, { resource: about, price })).to.equal(true)
    }))
  })
})
