import { expect } from 'chai'
import { parseDialTarget } from '../src/index.ts'

describe('a dial target', () => {
  it('is a name and perhaps a port, by name', () => {
    expect(parseDialTarget('web.alice.acme:http')).to.deep.equal({ name: 'web.alice.acme', port: 'http' })
    expect(parseDialTarget('Web.Alice.Acme.welkin.:HTTP')).to.deep.equal({ name: 'web.alice.acme', port: 'http' })
    expect(parseDialTarget('web')).to.deep.equal({ name: 'web', port: undefined })
  })

  it('is refused, with what to do, where there is no name or no port', () => {
    for (const text of ['', ':http', 'web:', 'web:a b', 'we b', 'web..acme', '-web', 'web_1', 'web:http:2', 'ẃeb']) {
      expect(() => parseDialTarget(text), text).to.throw(/use letters, digits|letters, digits and hyphens/)
        .with.property('code', 'EINVAL')
    }
  })
})
