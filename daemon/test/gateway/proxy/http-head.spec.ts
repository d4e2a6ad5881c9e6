import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { readHead, refusal } from '../../../src/gateway/proxy/http-head.ts'

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, character => character.charCodeAt(0))
const textOf = (bytes: Uint8Array | undefined): string => String.fromCharCode(...bytes ?? [])
const codeOf = (text: string): string => {
  try {
    readHead(bytesOf(text))
    return 'none'
  } catch (error) {
    return (error as CloudError).code
  }
}

describe('the head of a request to a proxy', () => {
  it('goes on in origin form, without what is between client and proxy alone', () => {
    const head = 'POST http://web.acme.welkin/a?b HTTP/1.1\r\nHost: web.acme.welkin\r\n' +
      'Proxy-Connection: keep-alive\r\nConnection: keep-alive, X-Own\r\nX-Own: 1\r\nContent-Length: 3\r\n\r\n'
    const read = readHead(bytesOf(`${head}abc`))
    expect(read).to.include({ target: 'web.acme.welkin:80', usedBytes: head.length })
    expect(textOf(read?.onward)).to.equal(
      'POST /a?b HTTP/1.1\r\nHost: web.acme.welkin\r\nContent-Length: 3\r\nConnection: close\r\n\r\n')
  })

  it('names a host and a port with CONNECT, and nothing goes on', () => {
    expect(readHead(bytesOf('CONNECT web:443 HTTP/1.1\r\n\r\n'))).to.deep.equal({
      target: 'web:443', onward: undefined, usedBytes: 28
    })
  })

  it('lets an upgrade pass', () => {
    const head = 'GET http://web:8080 HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    expect(textOf(readHead(bytesOf(head))?.onward)).to.equal(
      'GET / HTTP/1.1\r\nUpgrade: websocket\r\nHost: web:8080\r\nConnection: Upgrade\r\n\r\n')
  })

  it('is waited for until it is whole', () => {
    expect(readHead(bytesOf('GET http://web/ HTTP/1.1\r\nHost: web\r\n'))).to.equal(undefined)
  })

  for (const [text, code] of [
    ['GET / HTTP/1.1\r\n\r\n', 'EINVAL'], ['GET https://web/ HTTP/1.1\r\n\r\n', 'EINVAL'],
    ['GET http://me@web/ HTTP/1.1\r\n\r\n', 'EINVAL'], ['GET http://[::1]/ HTTP/1.1\r\n\r\n', 'EACCES'],
    ['GET http://[web]/ HTTP/1.1\r\n\r\n', 'EINVAL'], ['CONNECT 10.0.0.1:22 HTTP/1.1\r\n\r\n', 'EACCES'],
    ['CONNECT web HTTP/1.1\r\n\r\n', 'EINVAL'], ['GET http://web/ HTTP/2\r\n\r\n', 'EPROTO'],
    ['GET  http://web/ HTTP/1.1\r\n\r\n', 'EPROTO'], ['GET http://web/ HTTP/1.1\r\nno field\r\n\r\n', 'EPROTO'],
    ['GET http://web/ HTTP/1.1\r\nA: b\nC: d\r\n\r\n', 'EPROTO']
  ] as const) {
    it(`is refused with ${code}: ${JSON.stringify(text)}`, () => { expect(codeOf(text)).to.equal(code) })
  }

  it('is answered with a whole answer that says why not', () => {
    expect(textOf(refusal({ code: 'ENOENT', message: 'No.' }))).to.match(/^HTTP\/1.1 404 .*\r\n\r\nNo\. \(ENOENT\)\n$/s)
  })
})
