import { expect } from 'chai'
import { endpointCells, formatNews, nameRows, type NameView } from '../../src/name/rows.ts'

const directory = { nameOf: (id: string) => id === 'id3' ? 'n3' : id }
const WEB = 'a'.repeat(32)
const bound = { by: 'alice', boundAtMs: 0, untilMs: 0 }
const record: NameView = {
  name: 'web.acme', rule: 'both', ttlMs: 1,
  entries: [
    { ...bound, object: WEB, node: 'id3', ports: { http: 80, chat: 0 } }, { ...bound, alias: 'www.acme', ports: {} },
    { ...bound, node: 'id3', ports: {} }
  ]
}

describe('names for people', () => {
  it('have a line for each thing they stand for', () => {
    expect(nameRows(record, directory)).to.deep.equal([
      ['web.acme', 'object', WEB, 'n3', 'http=80 chat', 'alice', '1970-01-01T00:00:00.000Z'],
      ['', 'alias', 'www.acme', '-', '-', 'alice', '1970-01-01T00:00:00.000Z'],
      ['', 'node', 'id3', 'n3', '-', 'alice', '1970-01-01T00:00:00.000Z']
    ])
  })

  it('are told of in one line when they change', () => {
    expect(formatNews(record, directory))
      .to.equal(`web.acme  object ${WEB} on n3 http=80 chat, alias www.acme, node n3`)
    expect(formatNews({ ...record, entries: [] }, directory)).to.equal('web.acme  nothing')
  })

  it('lead to endpoints, of which not all is known', () => {
    const known = { node: 'id3', nodeName: 'n3', rttMs: 1.5, addresses: ['1.2.3.4'] }
    expect(endpointCells({ object: WEB, ports: { http: 80 }, ...known }))
      .to.deep.equal([WEB, 'n3', '1.5 ms', 'http=80', '1.2.3.4'])
    expect(endpointCells({ blob: 'b', ports: {}, addresses: [] })).to.deep.equal(['b', '-', '-', '-', '-'])
  })
})
