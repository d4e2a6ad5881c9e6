import { expect } from 'chai'
import { canonicalName, domainsOf, isCloudError, isInDomain } from '../src/index.ts'

describe('names', () => {
  it('are written in one way', () => {
    for (const text of ['web.alice.acme', 'Web.Alice.ACME.', 'web.alice.acme.welkin', 'WEB.alice.acme.Welkin.']) {
      expect(canonicalName(text)).to.equal('web.alice.acme')
    }
    expect(canonicalName('2.web.acme')).to.equal('2.web.acme')
  })

  it('are DNS labels, and nothing else is one', () => {
    const strange = [
      '', '.', '..', 'a..b', '.a', 'a b', 'wéb.acme', '-a.acme', 'a-.acme', 'a_b', 'a/b', 'a\0b', '*.acme', 'welkin.',
      '🦆'
    ]
    const refused = strange.filter(text => {
      try {
        return canonicalName(text) === undefined
      } catch (error) {
        return isCloudError(error, 'EINVAL')
      }
    })
    expect(refused).to.deep.equal(strange.filter(text => text !== 'welkin.'))
    expect(() => canonicalName(`${'a'.repeat(64)}.acme`)).to.throw(/is no name/)
    expect(() => canonicalName(Array.from({ length: 128 }, () => 'ab').join('.'))).to.throw(/is no name/)
  })

  it('are in each domain to their right', () => {
    expect(domainsOf('web.alice.acme')).to.deep.equal(['web.alice.acme', 'alice.acme', 'acme'])
    expect(isInDomain('web.alice.acme', 'alice.acme')).to.equal(true)
    expect(isInDomain('alice.acme', 'alice.acme')).to.equal(true)
    expect(isInDomain('malice.acme', 'alice.acme')).to.equal(false)
  })
})
