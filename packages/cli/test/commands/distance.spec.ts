import { expect } from 'chai'
import { formatDistance } from '../../src/commands/distance.ts'
import { nodeRow } from '../kit.ts'

const endOf = (name: string, state: 'up' | 'down' = 'up') =>
  ({ ref: name, node: nodeRow(name, { node: { state } }).node })
const figure = (value: number, samples: number) => ({ value, ageMs: 3000, samples })

describe('a distance', () => {
  it('is told in one line with all that was seen of the way', () => {
    const way = { rtt: figure(31.2, 8), loss: figure(0, 120), bandwidth: figure(94 * 2 ** 20, 2) }
    expect(formatDistance(endOf('n1'), endOf('n4'), { rttMs: 31.2, errorMs: 0.6, ageMs: 3000, way })).to.equal(
      'n1 - n4: 31.2 ms ± 0.6 (measured 3s ago); loss 0 % of 120 requests; 94 MiB/s')
  })

  it('says where it is estimated', () => {
    const zone = { ref: 'acme/nice', node: undefined }
    expect(formatDistance(endOf('n1'), zone, { rttMs: 4, errorMs: 12, ageMs: 300_000, way: { rtt: figure(3, 1) } }))
      .to.equal('n1 - acme/nice: 4.0 ms ± 12.0 (estimated 5m ago)')
  })

  it('says why it is unknown', () => {
    expect(formatDistance(endOf('n1'), endOf('n2', 'down'), { way: { loss: figure(1, 3) } })).to.equal(
      'n1 - n2: unknown, since n2 is down; loss 100 % of 3 requests')
    expect(formatDistance(endOf('n1'), endOf('n2'), {})).to.equal('n1 - n2: unknown, since nothing was measured yet')
  })
})
