import { expect } from 'chai'
import { isReverse, reverseName } from '../../../src/gateway/dns/reverse.ts'

describe('the name of an address', () => {
  it('is its bytes, or its digits, from behind', () => {
    expect(reverseName('1.2.3.4')).to.equal('4.3.2.1.in-addr.arpa')
    expect(reverseName('2001:db8::567:89ab'))
      .to.equal('b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa')
    expect(reverseName('::ffff:1.2.3.4')).to.equal(`4.0.3.0.2.0.1.0.f.f.f.f.${'0.'.repeat(20)}ip6.arpa`)
    expect(reverseName('::')).to.equal(`${'0.'.repeat(32)}ip6.arpa`)
  })

  it('is known by how it ends', () => {
    expect(['4.3.2.1.in-addr.arpa', 'x.ip6.arpa', 'in-addr.arpa', 'web.acme'].map(isReverse))
      .to.deep.equal([true, true, false, false])
  })
})
