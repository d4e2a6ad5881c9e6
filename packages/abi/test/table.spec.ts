import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import {
  callManual, checkArgs, checkReply, errorManual, growthFaults, openApi, publishedRows, rowOf, syscallManual, TABLE
} from '../src/index.ts'

const root = new URL('../../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

describe('the system call table', () => {
  it('gives every row a number of its own', () => {
    const numbers = Object.values(TABLE).map(({ number }) => number)
    expect(new Set(numbers).size).to.equal(numbers.length)
  })

  it('only grows since it was published, and is published as it is (npm run docs -- --publish)', () => {
    const published = JSON.parse(read('packages/abi/test/published-rows.json')) as Record<string, unknown>
    const rows = JSON.parse(JSON.stringify(publishedRows())) as Record<string, unknown>
    expect(growthFaults(published, rows)).to.deep.equal([])
    expect(rows).to.deep.equal(published)
  })

  it('has examples that its own rows take', () => {
    for (const [name, row] of Object.entries(TABLE)) {
      expect(() => checkArgs(name, row, row.example), name).not.to.throw()
    }
  })

  it('is what docs/syscalls.md and docs/errors.md say (npm run docs)', () => {
    expect(read('docs/syscalls.md')).to.equal(syscallManual())
    expect(read('docs/errors.md')).to.equal(errorManual())
  })

  it('is described by a valid OpenAPI 3.1 document', async () => {
    const result = await new Validator().validate(openApi('1.2.3'))
    expect(result.errors).to.equal(undefined)
    expect(result.valid).to.equal(true)
  })

  it('explains a call for the terminal, and says nothing of one that is not there', () => {
    expect(callManual('kill')).to.include('graceMs?').and.include('default 5000')
    expect(callManual('toString')).to.equal(undefined)
    expect(rowOf('toString')).to.equal(undefined)
  })
})

describe('arguments', () => {
  const spawn = rowOf('spawn') as NonNullable<ReturnType<typeof rowOf>>

  it('get their defaults', () => {
    expect(checkArgs('spawn', spawn, { program: { argv: ['true'] } })).to.deep.include({
      count: 1, files: [], restart: { policy: 'never', firstMs: 500, maxMs: 60_000 }
    })
  })

  const refused: Array<[why: string, args: unknown, problem: RegExp]> = [
    ['an unknown field', { program: { argv: ['true'] }, foo: 1 }, /foo/],
    ['no program', {}, /program/],
    ['an empty command', { program: { argv: [] } }, /program\.argv/],
    ['a count of none', { program: { argv: ['true'] }, count: 0 }, /count/],
    [
      'a file that leaves the directory',
      { program: { argv: ['true'] }, files: [{ path: '../x', blob: '0'.repeat(64) }] },
      /files\.0\.path/
    ],
    ['text', 'echo', /object/],
    ['null', { program: null }, /program/]
  ]
  for (const [why, args, problem] of refused) {
    it(`with ${why} are refused with the place of the problem`, () => {
      expect(() => checkArgs('spawn', spawn, args)).to.throw(problem).with.property('code', 'EINVAL')
    })
  }

  it('report every problem at once', () => {
    expect(() => checkArgs('spawn', spawn, { program: { argv: [] }, count: 0, name: 'A B' })).to.throw()
      .with.nested.property('fields.problems').with.lengthOf(3)
  })
})

describe('replies', () => {
  const wait = rowOf('wait') as NonNullable<ReturnType<typeof rowOf>>
  const reply = { id: '0'.repeat(32), exit: { kind: 'exited', code: 0 }, outputs: [{ path: 'a' }] }

  it('are read without the fields that a newer node has added, wherever they stand', () => {
    const newer = {
      ...reply, colour: 'red', exit: { ...reply.exit, mood: 'well' }, outputs: [{ path: 'a', owner: 1, group: 2 }]
    }
    expect(checkReply('wait', wait, newer)).to.deep.equal(reply)
  })

  it('are refused with EPROTO and the place of the problem where they lack what the row promises', () => {
    const broken = { ...reply, exit: { kind: 'exited', status: 0 }, colour: 'red' }
    expect(() => checkReply('wait', wait, broken)).to.throw(/exit\.code/).with.property('code', 'EPROTO')
  })
})
