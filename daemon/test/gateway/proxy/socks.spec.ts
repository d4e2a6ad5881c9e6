import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { readGreeting, readPassword, readRequest, requestReply } from '../../../src/gateway/proxy/socks.ts'

const letters = (text: string): number[] => [...text].map(character => character.charCodeAt(0))
const CONNECT = new Uint8Array([5, 1, 0, 3, 8, ...letters('web.acme'), 0, 80])

const codeOf = (read: () => unknown): string => {
  try {
    read()
    return 'none'
  } catch (error) {
    return (error as CloudError).code
  }
}

describe('SOCKS', () => {
  it('asks for nothing where the client allows it, and takes any password where it insists', () => {
    expect(readGreeting(new Uint8Array([5, 2, 2, 0, 9]))).to.deep.equal({ value: 0, usedBytes: 4 })
    expect(readGreeting(new Uint8Array([5, 1, 2]))).to.deep.equal({ value: 2, usedBytes: 3 })
    expect(readGreeting(new Uint8Array([5, 1, 1]))).to.deep.equal({ value: 0xff, usedBytes: 3 })
    expect(readPassword(new Uint8Array([1, 1, 65, 2, 66, 67, 5]))).to.deep.equal({ value: undefined, usedBytes: 6 })
  })

  it('reads whom the client wants', () => {
    expect(readRequest(CONNECT)).to.deep.equal({ value: 'web.acme:80', usedBytes: CONNECT.length })
  })

  it('waits for what has not come, at every byte', () => {
    for (let length = 0; length < CONNECT.length; length++) {
      expect(readRequest(CONNECT.subarray(0, length)), `${length}`).to.equal(undefined)
    }
    for (const part of [[], [5], [5, 2, 0]]) expect(readGreeting(new Uint8Array(part))).to.equal(undefined)
    for (const part of [[], [1], [1, 1, 65], [1, 1, 65, 2, 66]]) {
      expect(readPassword(new Uint8Array(part))).to.equal(undefined)
    }
  })

  it('refuses what is something else', () => {
    expect(codeOf(() => readGreeting(new Uint8Array([4, 1])))).to.equal('EPROTO')
    expect(codeOf(() => readRequest(new Uint8Array([5, 2, 0, 3, 1, 65, 0, 1])))).to.equal('ENOSYS')
    for (const kind of [1, 4]) {
      expect(codeOf(() => readRequest(new Uint8Array([5, 1, 0, kind, 127, 0, 0, 1, 0, 80])))).to.equal('EACCES')
    }
    const named = new TextEncoder().encode('10.0.0.1')
    expect(codeOf(() => readRequest(new Uint8Array([5, 1, 0, 3, named.length, ...named, 0, 80])))).to.equal('EACCES')
    expect(codeOf(() => readRequest(new Uint8Array([5, 1, 0, 9, 1])))).to.equal('EPROTO')
  })

  it('says why not by a number', () => {
    expect([undefined, 'EACCES', 'ENOENT', 'ECONNREFUSED', 'EIO'].map(code => requestReply(code as never)[1]))
      .to.deep.equal([0, 2, 4, 5, 1])
  })
})
