import { CloudError } from '@welkin/interface'
import { expect } from 'chai'
import { IDEAL, linksFromMatrix, parseMatrix, type LinkQuality } from '../src/index.ts'

describe('A matrix of round-trip times', () => {
  const rttMs = [[0, 10, 20], [11, 0, 30], [21, 31, 0]]
  const names = ['oslo', 'lyon', 'Cape Town']

  for (const [form, text, named] of [
    ['values alone', '0,10,20\n11,0,30\n21,31,0\n', undefined],
    ['spaces', '  0 10  20\n11 0 30\n21 31 0', undefined],
    ['a header and names', 'city,oslo,lyon,Cape Town\noslo,0,10,20\nlyon,11,0,30\nCape Town,21,31,0\n', names],
    ['a header alone', 'oslo;lyon;Cape Town\n0;10;20\n11;0;30\n21;31;0', names],
    ['names alone, comments and empty lines',
      '# measured\n\noslo\t0\t10\t20\r\nlyon\t11\t0\t30\n"Cape Town"\t21\t31\t0\n', names]
  ] as const) {
    it(`is read from ${form}`, () => {
      const { isMeasured, ...matrix } = parseMatrix(text)
      expect(matrix).to.deep.equal({ names: named, rttMs })
      expect(isMeasured(0, 1)).to.equal(true)
    })
  }

  it('gets what is missing from the way back, else from the median', () => {
    const text = 'a,b,c,d\n0,,3,-\nNaN,0,5,-1\n,7,0,9\nnull,5,na,0'
    const { isMeasured, rttMs: filled } = parseMatrix(text)
    expect(filled).to.deep.equal([[0, 5, 3, 5], [5, 0, 5, 5], [3, 7, 0, 9], [5, 5, 9, 0]])
    expect([isMeasured(0, 2), isMeasured(0, 1)]).to.deep.equal([true, false])
  })

  it('has nothing between a place and itself, whatever was measured', () => {
    expect(parseMatrix('3,1\n2,4').rttMs).to.deep.equal([[0, 1], [2, 0]])
  })

  for (const [fault, text, says] of [
    ['nothing', ' \n', 'it is empty'],
    ['a line that is too short', '0,1,2\n1,0\n2,1,0', 'line 2 has 2 values and there are 3 rows'],
    ['a value that is no number', '# a comment\n0,1\n1,zero', '"zero" in line 3 is no number']
  ] as const) {
    it(`is refused for ${fault}`, () => {
      expect(() => parseMatrix(text)).to.throw(CloudError, says).with.property('code', 'EINVAL')
    })
  }

  it('gives links whose two ways make the round trip, and leaves others to others', () => {
    const rows = new Map(names.map((name, row) => [name, row]))
    const others = (): LinkQuality => IDEAL
    const links = linksFromMatrix(rttMs, { indexOf: node => rows.get(node), others })
    expect(links('oslo', 'Cape Town').latencyMs).to.equal(10)
    expect(links('Cape Town', 'oslo').latencyMs).to.equal(10.5)
    expect(links('oslo', 'nowhere')).to.equal(IDEAL)
  })
})
