import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { CloudError, type Passwords } from '@welkin/interface'

type Opaque = typeof import('@serenity-kit/opaque')

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Argon2id with 64 MiB and three passes, the second choice of RFC 9106: about 0.2 s for each guess. */
const STRETCHING = { keyStretching: 'memory-constrained' } as const

/** OPAQUE by opaque-ke, in WebAssembly, which is loaded when it is first needed. */
export function createNodePasswords (): Passwords {
  let loading: Promise<Opaque> | undefined
  const opaque = async (): Promise<Opaque> => await (loading ??= load())
  return {
    createSetup: async () => (await opaque()).server.createSetup(),
    startRegistration: async password => {
      const { clientRegistrationState: state, registrationRequest: message } =
        (await opaque()).client.startRegistration({ password })
      return { state, message }
    },
    answerRegistration: async ({ setup, user, message }) => {
      const { server } = await opaque()
      return reading(() => server.createRegistrationResponse(
        { serverSetup: setup, userIdentifier: user, registrationRequest: message })).registrationResponse
    },
    finishRegistration: async ({ password, state, answer }) => {
      const { client } = await opaque()
      const { registrationRecord: record, exportKey } = reading(() => client.finishRegistration(
        { password, clientRegistrationState: state, registrationResponse: answer, ...STRETCHING }))
      return { record, key: keyOf(exportKey) }
    },
    startLogin: async password => {
      const { clientLoginState: state, startLoginRequest: message } = (await opaque()).client.startLogin({ password })
      return { state, message }
    },
    answerLogin: async ({ setup, user, record, message }) => {
      const { server } = await opaque()
      const { serverLoginState: state, loginResponse } = reading(() => server.startLogin(
        { serverSetup: setup, userIdentifier: user, registrationRecord: record, startLoginRequest: message }))
      return { state, message: loginResponse }
    },
    finishLogin: async ({ password, state, answer }) => {
      const { client } = await opaque()
      const done = reading(() => client.finishLogin(
        { password, clientLoginState: state, loginResponse: answer, ...STRETCHING }))
      return done === undefined ? undefined : { message: done.finishLoginRequest, key: keyOf(done.exportKey) }
    },
    checkLogin: async ({ state, message }) => {
      const { server } = await opaque()
      try {
        server.finishLogin({ serverLoginState: state, finishLoginRequest: message })
        return true
      } catch {
        return false
      }
    },
    seal, open
  }
}

async function load (): Promise<Opaque> {
  const opaque = await import('@serenity-kit/opaque')
  await opaque.ready
  return opaque
}

/** The library throws over whatever it cannot read. */
function reading<T> (step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw new CloudError('EPROTO', 'A step of a login cannot be read; run the same version everywhere.', {
      cause: error
    })
  }
}

function keyOf (exportKey: string): Uint8Array {
  return createHash('sha256').update('welkin secstore').update(Buffer.from(exportKey, 'base64url')).digest()
}

/** The nonce, what is locked up, and the tag. */
function seal (key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonce)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function open (key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.byteLength < NONCE_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}
