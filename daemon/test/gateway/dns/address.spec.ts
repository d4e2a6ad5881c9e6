import { expect } from 'chai'
import { parseDnsAddress } from '../../../src/gateway/dns/index.ts'

describe('where DNS is served', () => {
  it('is a port of loopback, or an address and a port', () => {
    expect(['0', '5353', '10.0.0.1:53', '[::1]:53'].map(parseDnsAddress)).to.deep.equal([
      { host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: 5353 }, { host: '10.0.0.1', port: 53 },
      { host: '::1', port: 53 }
    ])
  })

  it('is nothing else', () => {
    for (const text of ['', 'x', '65536', '-1', 'localhost:53', '::1:53', '10.0.0.1', '10.0.0.1:']) {
      expect(() => parseDnsAddress(text), text).to.throw(/give a port/).with.property('code', 'EINVAL')
    }
  })
})
