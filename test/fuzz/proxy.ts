import { connect } from 'node:net'
import { readGreeting, readHead, readPassword, readRequest } from '@welkin/daemon/kernel'
import { Accepted, type Target } from './fuzz.ts'
import { mutateBytes, type Chance } from './mutator.ts'

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, character => character.charCodeAt(0))

const HEADS = [
  'GET http://web.acme.welkin/a?b=c HTTP/1.1\r\nHost: web.acme.welkin\r\nConnection: keep-alive, x-own\r\n' +
    'X-Own: 1\r\n\r\n',
  'CONNECT web.acme.welkin:443 HTTP/1.1\r\nHost: web.acme.welkin:443\r\nProxy-Authorization: Basic eDp5\r\n\r\n',
  'POST http://web:8080/ HTTP/1.0\r\nContent-Length: 3\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc'
].map(latin1)
const SOCKS = [
  new Uint8Array([5, 2, 0, 2]), new Uint8Array([1, 2, 97, 98, 1, 99]),
  new Uint8Array([5, 1, 0, 3, 3, 119, 101, 98, 0, 80]), new Uint8Array([5, 1, 0, 1, 127, 0, 0, 1, 0, 80]),
  new Uint8Array([5, 1, 0, 4, ...Array.from({ length: 16 }, () => 0), 0, 80])
]

/** Heads and messages that no client has sent, to what reads them. */
export const PROXY: Target = {
  name: 'proxy',
  share: 2,
  refuses: ['EPROTO', 'EINVAL', 'ENOSYS', 'EACCES'],
  attack (chance) {
    if (chance.below(2) === 0) {
      const bytes = mutateBytes(chance.one(HEADS), chance, HEADS)
      const head = readHead(bytes)
      if (head === undefined) return
      const onward = String.fromCharCode(...head.onward ?? latin1('\r\n\r\n'))
      const isOne = onward.indexOf('\r\n\r\n') === onward.length - 4 && !/[^\r]\n|\r[^\n]/.test(onward)
      if (!/^[^:[\]]+:\d{1,5}$/.test(head.target) || head.usedBytes > bytes.length || !isOne) throw new Accepted()
      return
    }
    const bytes = mutateBytes(chance.one(SOCKS), chance, SOCKS)
    const read = chance.one([readGreeting, readPassword, readRequest])(bytes)
    if (read !== undefined && read.usedBytes > bytes.length) throw new Accepted()
  }
}

/** The same to a real proxy, which leads to nothing: it must answer or end, and go on. */
export function proxyTarget (address: string): Target {
  return {
    name: 'proxy-port',
    share: 0.005,
    refuses: [],
    async attack (chance: Chance) {
      const messages = Array.from({ length: 1 + chance.below(3) }, () => {
        return chance.one([HEADS, SOCKS])
      }).map(some => mutateBytes(chance.one(some), chance, some))
      await new Promise<void>(resolve => {
        const [host, port] = address.split(':')
        const socket = connect(Number(port), host)
        socket.on('error', () => { /* broken off, as it may be */ })
        socket.on('close', () => resolve())
        socket.resume()
        for (const message of messages) socket.write(message)
        socket.end()
      })
    }
  }
}
