import { createHash, createHmac } from 'node:crypto'
import { CloudError, toHex, type Passwords, type Random } from '@welkin/interface'

const NONCE_BYTES = 12
const TAG_BYTES = 32

/**
 * Stands in for OPAQUE, at a thousandth of its cost: the same steps, and who has the right password gets the same key.
 * It hides nothing from anybody in the simulation.
 */
export function createVirtualPasswords (random: Random): Passwords {
  return {
    createSetup: async () => toHex(random.bytes(32)),
    startRegistration: async password => ({ state: 'registering', message: digestOf('asked', password) }),
    answerRegistration: async ({ setup, user, message }) => answerOf(setup, user, message),
    finishRegistration: async ({ password, answer }) => {
      const key = keyOf(password, checked(answer))
      return { record: recordOf(key), key }
    },
    startLogin: async password => ({ state: 'logging in', message: digestOf('asked', password) }),
    answerLogin: async ({ setup, user, record = digestOf('nobody', setup), message }) => {
      const answer = answerOf(setup, user, message)
      return { state: digestOf('done', record, answer), message: answer + digestOf('answered', record, answer) }
    },
    finishLogin: async ({ password, answer: both }) => {
      const answer = checked(both.slice(0, 64))
      const key = keyOf(password, answer)
      const record = recordOf(key)
      if (both.slice(64) !== digestOf('answered', record, answer)) return undefined
      return { message: digestOf('done', record, answer), key }
    },
    checkLogin: async ({ state, message }) => state === message,
    seal: (key, nonce, plain) => {
      const hidden = masked(key, nonce, plain)
      return new Uint8Array([...nonce, ...hidden, ...tagOf(key, nonce, hidden)])
    },
    open: (key, sealed) => {
      const nonce = sealed.subarray(0, NONCE_BYTES)
      const hidden = sealed.subarray(NONCE_BYTES, -TAG_BYTES)
      const isWhole = Buffer.compare(tagOf(key, nonce, hidden), sealed.subarray(-TAG_BYTES)) === 0
      return isWhole ? masked(key, nonce, hidden) : undefined
    }
  }
}

function answerOf (setup: string, user: string, message: string): string {
  return digestOf('answer', setup, user, checked(message))
}

function keyOf (password: string, answer: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`${password}\n${answer}`).digest())
}

function recordOf (key: Uint8Array): string {
  return digestOf('record', toHex(key))
}

function digestOf (...parts: string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}

function checked (text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text
  throw new CloudError('EPROTO', 'A step of a login cannot be read.')
}

function masked (key: Uint8Array, nonce: Uint8Array, bytes: Uint8Array): Uint8Array {
  const mask = createHmac('sha512', key).update(nonce).digest()
  return bytes.map((byte, at) => byte ^ (mask[at % mask.length] as number))
}

function tagOf (key: Uint8Array, nonce: Uint8Array, hidden: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(nonce).update(hidden).digest()
}
