import { expect } from 'chai'
import { networkOf, ResponseRate } from '../../../src/gateway/dns/rate.ts'

const OPTIONS = { perSecond: 10, burst: 5, ownPerSecond: 1000, ownBurst: 100, slip: 2, networksMax: 3 }

function verdicts (rate: ResponseRate, address: string, count: number, nowMs: number): string[] {
  return Array.from({ length: count }, () => rate.judge(address, nowMs))
}

describe('the rate of answers', () => {
  it('is a burst, then so many a second; what is too much is dropped, or every second time sent to TCP', () => {
    const rate = new ResponseRate(OPTIONS)
    expect(verdicts(rate, '1.2.3.4', 9, 0)).to.deep.equal(
      ['answer', 'answer', 'answer', 'answer', 'answer', 'drop', 'slip', 'drop', 'slip'])
    expect(verdicts(rate, '1.2.3.4', 3, 200)).to.deep.equal(['answer', 'answer', 'drop'])
  })

  it('is counted by network, so that neighbours share it and others do not', () => {
    const rate = new ResponseRate(OPTIONS)
    verdicts(rate, '1.2.3.4', 5, 0)
    expect(rate.judge('1.2.3.99', 0)).to.equal('drop')
    expect(rate.judge('1.2.4.4', 0)).to.equal('answer')
  })

  it('is larger for this machine, and bounded', () => {
    const rate = new ResponseRate(OPTIONS)
    expect(verdicts(rate, '127.0.0.1', 101, 0).filter(verdict => verdict === 'answer')).to.have.length(100)
    expect(rate.judge('::1', 0)).to.equal('answer')
  })

  it('remembers a bounded number of networks', () => {
    const rate = new ResponseRate(OPTIONS)
    verdicts(rate, '1.0.0.1', 5, 0)
    for (const address of ['2.0.0.1', '3.0.0.1', '4.0.0.1']) rate.judge(address, 0)
    expect(rate.judge('1.0.0.1', 0)).to.equal('answer')
  })

  it('takes a /24 or a /56 for a network', () => {
    const addresses = [
      '1.2.3.4', '::ffff:1.2.3.4', '2001:db8:1:2ff::1', '2001:db8:1:200:1:2:3:4', '::1', 'fe80::1%eth0'
    ]
    expect(addresses.map(networkOf))
      .to.deep.equal(['1.2.3', '1.2.3', '2001:db8:1:2', '2001:db8:1:2', '::1', 'fe80:0:0:0'])
  })
})
