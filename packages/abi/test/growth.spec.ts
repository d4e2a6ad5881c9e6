import { expect } from 'chai'
import { growthFaults, publishedRows } from '../src/index.ts'

const string = { type: 'string' }

const rowOf = (reply: object, rest: object = {}): Record<string, unknown> =>
  ({ look: { number: 1, errors: ['ENOENT'], request: { type: 'object', properties: {} }, reply, ...rest } })

const published = rowOf({
  type: 'object', properties: { id: string, load: { type: 'object', properties: { free: string } } }, required: ['id']
})
const faultsOf = (reply: object, rest?: object): string[] => growthFaults(published, rowOf(reply, rest))

describe('a published row', () => {
  it('may stay as it is', () => {
    const rows = JSON.parse(JSON.stringify(publishedRows())) as Record<string, unknown>
    expect(growthFaults(rows, structuredClone(rows))).to.deep.equal([])
  })

  it('may gain optional fields anywhere, whatever their names, beside new rows', () => {
    const load = { type: 'object', properties: { busy: string, toString: string, free: string, required: string } }
    const reply = { type: 'object', properties: { more: string, id: string, load }, required: ['id'] }
    const request = { type: 'object', properties: { properties: string } }
    expect(growthFaults(published, { other: {}, ...rowOf(reply, { request }) })).to.deep.equal([])
  })

  it('gains no required field', () => {
    const properties = { id: string, more: string, load: { type: 'object', properties: { free: string } } }
    expect(faultsOf({ type: 'object', properties, required: ['id', 'more'] }))
      .to.deep.equal(['look.reply.more is new and required; make it optional.'])
  })

  it('loses no field, and none changes its type or whether it is required', () => {
    const load = { type: 'object', properties: { free: { type: 'number' } } }
    expect(faultsOf({ type: 'object', properties: { load }, required: ['load'] })).to.deep.equal([
      'look.reply.id is gone.',
      'look.reply.load is required now.',
      'look.reply.load.free.type was "string" and is "number".'
    ])
    const properties = { id: string, load: { type: 'object', properties: { free: string } } }
    expect(faultsOf({ type: 'object', properties })).to.deep.equal(['look.reply.id is no longer required.'])
  })

  it('changes in nothing else, and does not go', () => {
    const { reply } = published['look'] as { reply: object }
    expect(faultsOf({ ...reply, additionalProperties: false }, { number: 2, errors: ['ENOENT', 'EBUSY'] }))
      .to.deep.equal([
        'look.number was 1 and is 2.',
        'look.errors.1 was not there and is "EBUSY".',
        'look.reply.additionalProperties was not there and is false.'
      ])
    expect(faultsOf(string).join(' ')).to.include('look.reply.type was "object" and is "string".')
    expect(growthFaults(published, {})).to.deep.equal(['look is gone.'])
  })
})
