import { expect } from 'chai'
import { ipAddressesOf } from '../src/addresses.ts'

describe('the IP addresses of a node', () => {
  it('have those first that others reach, each once', () => {
    expect(ipAddressesOf([
      '/ip4/127.0.0.1/tcp/1', '/ip4/192.168.1.2/tcp/1', '/ip6/fe80::1/tcp/1', '/ip4/9.8.7.6/tcp/1',
      '/ip4/9.8.7.6/tcp/2', '/ip6/2001:db8::5/tcp/1', '/ip6/fd00::1/tcp/1'
    ])).to.deep.equal(['9.8.7.6', '2001:db8::5', '192.168.1.2', 'fd00::1'])
  })

  it('are those of loopback where there are no others, and never what stands for all of a machine', () => {
    expect(ipAddressesOf(['/ip4/0.0.0.0/tcp/1', '/ip6/::1/tcp/1', '/ip4/127.0.0.1/tcp/1'])).to
      .deep.equal(['::1', '127.0.0.1'])
  })

  it('are none where a node is reached otherwise', () => {
    expect(ipAddressesOf(['n1', '/dns4/example.org/tcp/1'])).to.deep.equal([])
  })
})
