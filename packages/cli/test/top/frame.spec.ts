import { stripVTControlCharacters } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import { formatFrame, formatOnce } from '../../src/top/frame.ts'
import type { Picture } from '../../src/top/picture.ts'
import { FIRST_VIEW, type View } from '../../src/top/view.ts'
import { nodeRow, objectInfo } from '../kit.ts'

const SIZE = { columns: 80, rows: 24 }

const PICTURE: Picture = {
  nodes: [
    nodeRow('n1', { load: { objects: 2, cpuBusyRatio: 0.5 }, cost: { rttMs: 0 } }),
    nodeRow('n2', { node: { suspected: true }, cost: { rttMs: 31.2 } }),
    nodeRow('n3', { node: { state: 'down', zone: 'acme/nice' }, load: { objects: 7 }, cost: { rttMs: undefined } })
  ],
  objects: [
    objectInfo('a'.repeat(32), { name: 'greet', usage: { cpuSeconds: 1.5, memoryBytes: 3 << 20 } }),
    objectInfo('b'.repeat(32), { nodeName: 'n2', usage: { cpuSeconds: 80 } }),
    objectInfo('c'.repeat(32), { state: 'backing-off' })
  ],
  moreObjects: false,
  silent: [],
  atMs: 60_000
}

const OBJECTS: View = { ...FIRST_VIEW, subject: 'objects' }

/** The lines of a frame as words, without colours. */
const linesOf = (view: View, picture = PICTURE, size = SIZE, problem?: string): string[] =>
  formatFrame(picture, view, size, problem)
    .map(line => stripVTControlCharacters(line).trimEnd().replaceAll(/ {2,}/g, ' | '))

describe('a frame of top', () => {
  it('shows the nodes, and how they are together', () => {
    expect(linesOf(FIRST_VIEW).filter(line => line !== '')).to.deep.equal([
      'welkin | 00:01:00 | 3 nodes (1 up, 1 suspected, 1 down) | 2 objects | CPU 25 % of 8',
      'NAME | ZONE | STATE | RTT | LOAD | CPU | MEMORY | OBJECTS | AGE',
      'n1 | acme/lyon/r1 | up | 0 ms | 25 % | 50 % | 25 % | 2 | 1s',
      'n2 | acme/lyon/r1 | suspected | 31.2 ms | 25 % | 0 % | 25 % | 0 | 1s',
      'n3 | acme/nice | down | - | 25 % | 0 % | 25 % | 7 | 1s',
      'Tab objects | / filter | q quit | [name] cpu memory objects rtt | 1-3 of 3'
    ])
  })

  it('shows the objects, those that use most first', () => {
    expect(linesOf(OBJECTS).filter(line => line !== '').slice(1)).to.deep.equal([
      'OBJECT | NODE | STATE | CPU | MEMORY | AGE | PROGRAM',
      'bbbbbbbbbbbb | n2 | running | 80.0 s | - | 60s | sleep 60',
      'greet | n1 | running | 1.50 s | 3.0 MiB | 60s | sleep 60',
      'cccccccccccc | n1 | backing-off | - | - | 60s | sleep 60',
      'Tab nodes | / filter | q quit | name [cpu] memory | 1-3 of 3'
    ])
  })

  it('shows what the filter lets through, and says so', () => {
    const lines = linesOf({ ...FIRST_VIEW, filter: 'NICE', reversed: true })
    expect(lines[1]).to.equal('Only with "NICE".')
    expect(lines[3]).to.match(/^n3 /)
    expect(lines.at(-1)).to.match(/\[-name\].* \| 1-1 of 1$/)
    expect(linesOf({ ...OBJECTS, filter: 'nothing' }).at(-1)).to.match(/\| none$/)
    expect(linesOf({ ...OBJECTS, filter: 'no', typing: true }).at(-1)).to.equal('Filter: no')
  })

  it('tells of what is missing, and of what went wrong', () => {
    const picture = { ...PICTURE, silent: ['acme/oslo', 'n3'], moreObjects: true }
    expect(linesOf(OBJECTS, picture, SIZE, 'It took too long.')[1])
      .to.equal('It took too long. No answer from acme/oslo, n3. There are more objects.')
  })

  it('shows the last page where it is scrolled past the end', () => {
    const lines = linesOf({ ...FIRST_VIEW, first: 99 }, PICTURE, { columns: 80, rows: 6 })
    expect(lines.slice(3)).to.have.lengthOf(3)
    expect(lines[4]).to.match(/^n3 /)
    expect(lines[5]).to.match(/2-3 of 3$/)
  })

  it('has as many lines as the terminal, and none that is longer, whatever its size', () => {
    const size = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) })
    const view = fc.record({
      subject: fc.constantFrom('nodes' as const, 'objects' as const), filter: fc.constantFrom('', 'n', 'none'),
      typing: fc.boolean(), first: fc.nat(100)
    })
    fc.assert(fc.property(size, view, (terminal, changes) => {
      const lines = formatFrame(PICTURE, { ...FIRST_VIEW, ...changes }, terminal)
      expect(lines.length).to.equal(terminal.rows)
      for (const line of lines) {
        expect(stripVTControlCharacters(line).length).to.be.at.most(terminal.columns)
      }
    }))
  })

  it('keeps every colour that it cuts in two', () => {
    const picture = { ...PICTURE, silent: ['\u001b[31mred'.repeat(40)] }
    const line = formatFrame(picture, FIRST_VIEW, { columns: 20, rows: 24 })[1] ?? ''
    expect(line).to.not.include('\u001b[31m')
    expect(line.split('\u001b[').length - 1).to.be.oneOf([0, 2])
  })

  it('is all rows, as wide as they are, where there is no terminal', () => {
    const text = stripVTControlCharacters(formatOnce(PICTURE, FIRST_VIEW))
    expect(text.split('\n').map(line => line.split('  ')[0]))
      .to.deep.equal(['welkin', '', 'NAME', 'n1', 'n2', 'n3', ''])
    expect(text).to.not.include('q quit')
  })
})
