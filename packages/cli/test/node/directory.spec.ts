import { expect } from 'chai'
import { NodeDirectory, type Concern } from '../../src/node/directory.ts'
import { nodeRow } from '../kit.ts'

const directoryOf = (...names: string[]): NodeDirectory =>
  new NodeDirectory(names.map((name, at) => nodeRow(name, { node: { zone: `acme/site${at + 1}/r1` } }).node))

const eventOf = (node: string, fields: Record<string, string | number>, type = 'nodeDown') => ({ type, node, fields })

describe('a directory of nodes', () => {
  it('finds one by its name, its id and the beginning of its id', () => {
    const directory = directoryOf('n1', 'other')
    expect(['n1', 'id-n1', 'id-o'].map(ref => directory.find(ref))).to.deep.equal(['id-n1', 'id-n1', 'id-other'])
  })

  it('says which may have been meant where there is none, and what to do where there are several', () => {
    const directory = directoryOf('lyon1', 'lyon2')
    expect(() => directory.find('lion1')).to.throw('There is no node lion1. Did you mean lyon1')
      .with.property('code', 'ENOENT')
    expect(() => directory.find('id-')).to.throw('any of 2 nodes').with.property('code', 'EINVAL')
  })

  it('learns from events who comes', () => {
    const directory = directoryOf('n1')
    directory.learn(eventOf('id-n2', { name: 'n2', zone: 'acme/site2' }, 'nodeStarted'))
    directory.learn(eventOf('id-n1', { about: 'id-n3', name: 'n3', zone: 'acme/site3' }, 'nodeJoined'))
    directory.learn(eventOf('id-n1', { object: 'o', name: 'greet' }, 'objectSpawned'))
    expect(['id-n1', 'id-n2', 'id-n3', 'id-n4'].map(id => directory.nameOf(id)))
      .to.deep.equal(['n1', 'n2', 'n3', 'id-n4'])
  })

  const told = eventOf('id-n1', { about: 'id-n2', zone: 'acme/site2/r1' })
  const zone = eventOf('id-n1', { zone: 'acme/site2' }, 'zoneDown')
  for (const [what, event, concern, expected] of [
    ['everybody, where nobody is meant', told, {}, true],
    ['who tells it', told, { node: 'id-n1' }, true],
    ['whom it tells of', told, { node: 'id-n2' }, true],
    ['no other', told, { node: 'id-n3' }, false],
    ['the zone of who tells it', told, { zone: 'acme/site1' }, true],
    ['the zone of whom it tells of', told, { zone: 'acme/site2/r1' }, true],
    ['no other zone', told, { zone: 'acme/site3' }, false],
    ['who is in that zone as well', told, { node: 'id-n2', zone: 'acme/site2' }, true],
    ['nobody who is elsewhere', told, { node: 'id-n2', zone: 'acme/site1' }, false],
    ['a zone that is lost', zone, { zone: 'acme/site2' }, true],
    ['a rack of a site that is lost', zone, { zone: 'acme/site2/r1' }, true],
    ['no zone that is not lost', zone, { zone: 'acme/site3' }, false],
    ['no node, where a zone is lost', zone, { node: 'id-n2' }, false]
  ] as Array<[string, typeof told, Concern, boolean]>) {
    it(`knows that an event concerns ${what}`, () => {
      expect(directoryOf('n1', 'n2', 'n3').concerns(event, concern)).to.equal(expected)
    })
  }
})
