import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { attributeManual, parseQuery } from '../src/index.ts'

const manual = readFileSync(new URL('../../../../docs/find.md', import.meta.url), 'utf8')

describe('docs/find.md', () => {
  it('has the table of attributes ("npm run docs" writes it)', () => {
    expect(manual).to.include(attributeManual())
  })

  it('has examples that can all be read', () => {
    const examples = Array.from(manual.matchAll(/^welkin find '(.*)'$/gm), ([, query]) => query as string)
    expect(examples).to.have.length.above(5)
    for (const query of examples) expect(() => parseQuery(query), query).to.not.throw()
  })

  it('shows the message for a wrong query as it is', () => {
    let message = ''
    try {
      parseQuery('cpu.fre >= 2')
    } catch (error) {
      ({ message } = error as Error)
    }
    expect(manual).to.include(message.replaceAll(/^/gm, '      '))
  })
})
