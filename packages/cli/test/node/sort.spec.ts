import { expect } from 'chai'
import { NODE_SORTS, sortNodes, type NodeSort } from '../../src/node/sort.ts'
import { nodeRow } from '../kit.ts'

const GIB = 2 ** 30

const ROWS = [
  nodeRow('n10', {
    node: { zone: 'acme/nice', ageMs: 10 }, load: { cpuBusyRatio: 0.5, objects: 3 }, cost: { rttMs: 5, load: 0.5 }
  }),
  nodeRow('n2', {
    node: { zone: 'acme/lyon', state: 'down', ageMs: 90 }, load: { memoryFreeBytes: GIB }, cost: { rttMs: undefined }
  }),
  nodeRow('n1', {
    node: { zone: 'acme/paris', suspected: true, ageMs: 50 }, load: { cpuBusyRatio: 0.9, memoryFreeBytes: 2 * GIB },
    cost: { load: 0.9 }
  })
]

const namesBy = (sort: NodeSort, reversed = false): string =>
  sortNodes(ROWS, sort, reversed).map(({ node }) => node.name).join(' ')

describe('nodes', () => {
  const orders: Record<NodeSort, string> = {
    name: 'n1 n2 n10', zone: 'n2 n10 n1', state: 'n2 n1 n10', cpu: 'n1 n10 n2', memory: 'n2 n1 n10', load: 'n1 n10 n2',
    objects: 'n10 n1 n2', rtt: 'n10 n1 n2', age: 'n10 n1 n2'
  }
  for (const sort of NODE_SORTS) {
    it(`are listed by ${sort}: what asks for attention, or is best, comes first`, () => {
      expect(namesBy(sort)).to.equal(orders[sort])
    })
  }

  it('are listed the other way round, those of which nothing is known last as well', () => {
    expect(namesBy('name', true)).to.equal('n10 n2 n1')
    expect(namesBy('rtt', true)).to.equal('n1 n10 n2')
  })
})
