import { expect } from 'chai'
import { formatExplanation } from '../../src/object/explanation.ts'

const CANDIDATE = {
  node: 'id-n1', name: 'n1', zone: 'acme/lyon/r1', cost: { rttMs: 31.2, rttErrorMs: 0.6, load: 0.5, ageMs: 3000 },
  asked: 2, taken: 2
}

describe('the explanation of a placement', () => {
  it('shows the query, and what each candidate costs, was asked and took', () => {
    const refusal = 'This node has no room\nfor more.'
    const candidates = [CANDIDATE, { ...CANDIDATE, name: 'n2', taken: 0, refusal, cost: { load: 1, ageMs: 0 } }]
    const text = formatExplanation({ query: 'state = up', matched: 2, silent: [], candidates })
    expect(text.split('\n').map(line => line.replaceAll(/ {2,}/g, ' | '))).to.deep.equal([
      'Looked for: state = up',
      'CANDIDATE | ZONE | RTT | BANDWIDTH | TRANSFER | START | PRICE | LOAD | AGE | ASKED | TOOK | REFUSAL',
      'n1 | acme/lyon/r1 | 31.2 ms ± 0.6 | - | - | - | - | 50 % | 3s | 2 | 2',
      'n2 | acme/lyon/r1 | - | - | - | - | - | 100 % | 0s | 2 | 0 | This node has no room for more.'
    ])
  })

  it('tells of what it leaves out, and of who was silent', () => {
    const text = formatExplanation({ query: '', matched: 3, silent: ['acme/nice'], candidates: [CANDIDATE] })
    expect(text).to.match(/\n2 more nodes matched\.\nNo answer from acme\/nice, where there may be more\.$/)
  })
})
