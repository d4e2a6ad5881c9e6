import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { CloudPicture } from '../../../../src/kernel/resources/cloud/cloud-picture.ts'
import type { SpokenSummary } from '../../../../src/kernel/resources/cloud/summary.ts'

interface Said { speaker?: string, incarnation?: number, sequence?: number, up?: number, delegates?: string[] }

function said (site: string, more: Said = {}): SpokenSummary {
  const { speaker = `${site}-1`, incarnation = 1, sequence = 0, up = 1, delegates = [speaker] } = more
  return {
    wire: new TextEncoder().encode(`${site} ${speaker} ${sequence}`), speaker, incarnation, sequence,
    summary: {
      site, up, down: 0, numbers: {}, words: {}, delegates: delegates.map(id => ({ id, addresses: [`test:${id}`] }))
    }
  }
}

describe('the picture of the cloud', () => {
  it('has the latest of what each site says, with its age, in the order of the sites', () => {
    const picture = new CloudPicture(10)
    expect(picture.hear(said('b'), 0)).to.equal(true)
    expect(picture.hear(said('a'), 100)).to.equal(true)
    expect(picture.hear(said('b', { sequence: 1, up: 7 }), 200)).to.equal(true)
    expect(picture.hear(said('b', { sequence: 1, up: 8 }), 900)).to.equal(false)
    expect(picture.hear(said('b', { sequence: 0 }), 900)).to.equal(false)
    expect(picture.summaries(1000).map(({ site, up, ageMs }) => [site, up, ageMs]))
      .to.deep.equal([['a', 1, 900], ['b', 7, 800]])
    expect(picture.size).to.equal(2)
  })

  it('takes the later of what two delegates say, and of one the later life', () => {
    const picture = new CloudPicture(10)
    picture.hear(said('a', { speaker: 'x', sequence: 9 }), 500)
    expect(picture.hear(said('a', { speaker: 'y', sequence: 0 }), 500)).to.equal(false)
    expect(picture.hear(said('a', { speaker: 'y', sequence: 0 }), 501)).to.equal(true)
    expect(picture.hear(said('a', { speaker: 'y', sequence: 0, incarnation: 2 }), 400)).to.equal(true)
    expect(picture.hear(said('a', { speaker: 'y', sequence: 9, incarnation: 1 }), 900)).to.equal(false)
  })

  it('passes on what was said as it came, with its age', () => {
    const picture = new CloudPicture(10)
    const spoken = said('a')
    picture.hear(spoken, 100)
    expect(picture.spoken(350)).to.deep.equal([{ wire: spoken.wire, ageMs: 250 }])
  })

  it('knows whom to ask in each site', () => {
    const picture = new CloudPicture(10)
    picture.hear(said('a', { delegates: ['x', 'y'] }), 0)
    picture.hear(said('b', { delegates: ['z'] }), 0)
    expect(picture.delegates()).to.deep.equal([
      { site: 'a', id: 'x', addresses: ['test:x'] }, { site: 'a', id: 'y', addresses: ['test:y'] },
      { site: 'b', id: 'z', addresses: ['test:z'] }
    ])
  })

  it('drops sites of which nothing was said for long', () => {
    const picture = new CloudPicture(10)
    picture.hear(said('a'), 0)
    picture.hear(said('b'), 500)
    expect(picture.expire(999, 1000)).to.deep.equal([])
    expect(picture.expire(1000, 1000).map(({ site, ageMs }) => [site, ageMs])).to.deep.equal([['a', 1000]])
    expect(picture.summaries(1000).map(({ site }) => site)).to.deep.equal(['b'])
  })

  it('has no more sites than it may, and those that it has are heard', () => {
    const picture = new CloudPicture(100)
    const news = Array.from({ length: 10_000 }, (_, i) => picture.hear(said(`s${i}`), i))
    expect(news.filter(Boolean)).to.have.lengthOf(100)
    expect(picture.size).to.equal(100)
    expect(picture.hear(said('s7', { sequence: 1 }), 20_000)).to.equal(true)
  })

  it('lets nobody speak for two sites, but for a new one in a new life', () => {
    const picture = new CloudPicture(10)
    picture.hear(said('a', { speaker: 'x' }), 0)
    expect(() => picture.hear(said('b', { speaker: 'x' }), 100)).to.throw(CloudError).with.property('code', 'EPROTO')
    expect(picture.hear(said('b', { speaker: 'x', incarnation: 0 }), 100)).to.equal(false)
    expect(picture.size).to.equal(1)
    expect(picture.hear(said('b', { speaker: 'x', incarnation: 2 }), 100)).to.equal(true)
    expect(picture.summaries(100).map(({ site }) => site)).to.deep.equal(['b'])
  })
})
