import { createHash } from 'node:crypto'
import type { Passwords } from '@welkin/interface'
import type { client } from '@serenity-kit/opaque'
import { open, seal } from './seal.ts'
import { stretch } from './stretch.ts'
import { unreadable } from './unreadable.ts'

type Opaque = typeof import('@serenity-kit/opaque')

type Registered = ReturnType<typeof client.finishRegistration>
type LoggedIn = ReturnType<typeof client.finishLogin>

/** OPAQUE (RFC 9807) by opaque-ke, in WebAssembly, which is loaded when it is first needed. */
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
      const given = { password, clientRegistrationState: state, registrationResponse: answer }
      const { registrationRecord: record, exportKey } = await stretch<Registered>({ step: 'finishRegistration', given })
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
      const given = { password, clientLoginState: state, loginResponse: answer }
      const done = await stretch<LoggedIn>({ step: 'finishLogin', given })
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
    throw unreadable(error)
  }
}

function keyOf (exportKey: string): Uint8Array {
  return createHash('sha256').update('welkin secstore').update(Buffer.from(exportKey, 'base64url')).digest()
}
