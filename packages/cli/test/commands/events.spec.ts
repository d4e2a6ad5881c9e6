import { expect } from 'chai'
import { formatEvent } from '../../src/commands/events.ts'
import { NodeDirectory } from '../../src/node/directory.ts'
import { nodeRow } from '../kit.ts'

const directory = new NodeDirectory([nodeRow('n1').node, nodeRow('n3').node])

const lineOf = (type: string, fields: Record<string, string | number>): string =>
  formatEvent({ sequence: 1, type, node: 'id-n1', atMs: 0, fields }, directory)

describe('a line of events', () => {
  it('names the node that tells, and the one it tells of', () => {
    expect(lineOf('nodeSuspected', { about: 'id-n3', name: 'n3', zone: 'acme/lyon' })).to.equal(
      '1970-01-01T00:00:00.000Z n1 nodeSuspected about=n3 zone=acme/lyon')
  })

  it('tells of zones, and of what it does not know, as it comes', () => {
    expect(lineOf('zoneDown', { zone: 'acme/nice', nodes: 2 })).to.match(/ n1 zoneDown zone=acme\/nice nodes=2$/)
    expect(lineOf('moonRisen\n', { phase: 'a b\u001b' })).to.match(/ n1 moonRisen {2}'phase=a b '$/)
  })
})
