import { expect } from 'chai'
import { Recorder } from '../src/recorder.ts'
import { grid } from '../src/topology/grid.ts'
import { VirtualCloud } from '../src/virtual-cloud.ts'

describe('a recorder', () => {
  it('ends a story that is too long and says so, and counts what came later', () => {
    const cloud = new VirtualCloud({ seed: 1, places: grid({ sites: 1, racks: 1, nodes: 1 }) })
    const recorder = new Recorder(() => cloud, 2)
    const emit = (type: string, about: string): void => recorder.hear({
      node: 'n1', level: 'debug', event: 'events.emitted', fields: { type, about }, atMs: 0
    })
    for (const name of ['n2', 'n3', 'n4', 'n5']) emit('nodeJoined', name)
    emit('nodeDown', 'n6')
    emit('zoneDown', 'sim/s1')
    expect(recorder.story.lines.map(({ text }) => text))
      .to.deep.equal(['nodeJoined n2', 'nodeJoined n3', 'the story ends here, for it is too long; a trace has all'])
    expect(recorder.story.linesLeftOut).to.equal(4)
    expect(recorder.story.downs).to.deep.equal({ count: 2, first: 'n1 nodeDown n6' })
  })
})
