import { request } from 'node:http'
import { formatBearer, sealDelegation } from '@welkin/capability'
import { ERRORS, isErrorCode } from '@welkin/interface'
import { TABLE } from '@welkin/abi'
import { Accepted, type Target } from './fuzz.ts'
import { mutateBytes, mutateValue, type Chance } from './mutator.ts'
import { ALICE, FOREVER_MS, ROOT } from './signed.ts'

const KINDS = ['application/json', 'application/octet-stream', 'text/plain', '']
const NAMES = Object.keys(TABLE)
const FORGED = formatBearer({
  seed: new Uint8Array(32).fill(1),
  chain: [sealDelegation({ audience: ALICE.self, grants: [{ can: ['*'] }], expiresMs: FOREVER_MS }, {
    signer: ROOT, parent: undefined, nonce: new Uint8Array(8)
  }, ROOT)]
}, ROOT)

const text = (value: string, chance: Chance): string => new TextDecoder('latin1').decode(
  mutateBytes(new TextEncoder().encode(value), chance, [new Uint8Array(8)])).replaceAll(/[^\u0021-\u007e]/g, '_')

/** Requests to a real gateway by somebody who has neither the token nor a capability of this cloud. */
export function httpTarget (url: string): Target {
  return {
    name: 'http',
    share: 0.005,
    refuses: [],
    async attack (chance) {
      const name = chance.one(NAMES)
      const path = chance.below(3) === 0 ? text(`/v1/${name}?node=n1`, chance) : `/v1/${name}`
      const authorization = chance.one(['', 'Bearer ', 'Basic x', `Bearer ${FORGED}`, `Bearer ${text(FORGED, chance)}`,
        `Bearer ${text('a'.repeat(64), chance)}`])
      const example: unknown = TABLE[name as keyof typeof TABLE].example
      const body = JSON.stringify(mutateValue(example, chance, [example]), (_, inner: unknown) =>
        typeof inner === 'bigint' ? `${inner}` : inner) ?? ''
      const headers = {
        ...authorization === '' ? {} : { authorization }, 'x-request-id': text('a'.repeat(32), chance),
        'x-timeout-ms': chance.one(['1', '-1', 'x', '1e999', '5']), connection: 'close',
        'content-type': chance.one([...KINDS, text('a/b', chance)]),
        ...chance.below(8) === 0 ? { host: text('127.0.0.1', chance) } : {}
      }
      const { status, reply } = await ask(`${url}`, path.startsWith('/') ? path : `/${path}`, headers, body)
      if (path.startsWith('/v1/') && status < 300) throw new Accepted(`${status} ${path}`)
      if (status >= 500 && status !== ERRORS.ENOSYS.http) throw new Error(`${status} ${path} ${reply}`)
      if (status === 400 && !reply.startsWith('{"code"')) return
      if (path.startsWith('/v1/') && !isErrorCode((JSON.parse(reply) as { code: unknown }).code)) throw new Error(reply)
    }
  }
}

async function ask (
  url: string, path: string, headers: Record<string, string>, body: string
): Promise<{ status: number, reply: string }> {
  return await new Promise((resolve, reject) => {
    const asking = request(new URL(url), { method: 'POST', path, headers }, response => {
      let reply = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => { reply += chunk })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, reply }))
      response.on('error', reject)
    })
    asking.on('error', reject)
    asking.end(body)
  })
}
