import { expect } from 'chai'
import { formatQuery, parseQuery } from '@welkin/query'
import { composeQuery, type Wishes } from '../../src/node/wishes.ts'

const conflict = (problem: string): never => { throw new Error(problem) }

const textOf = (wishes: Wishes): string | undefined => {
  const query = composeQuery(wishes, conflict)
  return query && formatQuery(query)
}

describe('wishes for nodes', () => {
  const composed: Array<[wishes: Wishes, text: string | undefined]> = [
    [{}, undefined],
    [{ where: undefined, near: undefined }, undefined],
    [{ where: parseQuery('cpu.free > 2') }, 'cpu.free > 2'],
    [{ spread: 'rack' }, 'spread rack'],
    [{ near: ['n3', 'local/site2'] }, 'order by cost near (n3, local/site2)'],
    [{ prefer: { latency: 2, load: 1 } }, 'order by cost(latency=2, load=1)'],
    [{ near: ['n3'], prefer: { load: 1 } }, 'order by cost(load=1) near n3'],
    [{ within: [{ ms: 20, target: 'n3' }] }, 'rtt(n3) <= 20ms'],
    [
      {
        where: parseQuery('arch = x64 or os = linux order by load spread site'),
        within: [{ ms: 20, target: 'n3' }, { ms: 1500, target: 'greet' }]
      },
      '(arch = x64 or os = linux) and rtt(n3) <= 20ms and rtt(greet) <= 1.5s order by load spread site'
    ]
  ]
  for (const [wishes, text] of composed) {
    it(`become ${text === undefined ? 'no query where there are none' : `the query ${text}`}`, () => {
      expect(textOf(wishes)).to.equal(text)
    })
  }

  const refused: Array<[why: string, wishes: Wishes, problem: RegExp]> = [
    ['a limit', { where: parseQuery('limit 3') }, /--count/],
    ['two orders', { where: parseQuery('order by load'), near: ['n1'] }, /leave out --near and --prefer/],
    ['two orders by weights', { where: parseQuery('order by load'), prefer: { load: 1 } }, /an order of its own/],
    ['two ways to be spread', { where: parseQuery('spread rack'), spread: 'site' }, /leave out --spread/],
    ['too many places to be near to', { near: Array.from({ length: 9 }, (_, at) => `n${at}`) }, /at most 8/]
  ]
  for (const [why, wishes, problem] of refused) {
    it(`cannot be ${why}`, () => {
      expect(() => composeQuery(wishes, conflict)).to.throw(problem)
    })
  }
})
