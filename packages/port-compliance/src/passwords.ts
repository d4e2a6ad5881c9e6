import { expect } from 'chai'
import { toHex, type Passwords } from '@welkin/interface'
import { rejects } from './rejects.ts'
import { factsIn, type Setup } from './world.ts'

const USER = 'alice'
const PASSWORD = 'correct horse battery staple'

export function passwordsCompliance (setup: Setup<{ passwords: Passwords }>): void {
  describe('as Passwords', () => {
    const fact = factsIn(setup)

    fact('give the key of the registration to whoever has the password, and prove it to the holder', async ({
      passwords
    }) => {
      const { key, ...held } = await register(passwords, PASSWORD)
      expect(key.byteLength).to.equal(32)
      for (let again = 0; again < 2; again++) {
        const login = await tryIt(passwords, PASSWORD, held)
        expect(login.key === undefined ? '' : toHex(login.key)).to.equal(toHex(key))
        expect(await passwords.checkLogin({ state: login.state, message: login.message })).to.equal(true)
      }
    })

    fact('give nothing to whoever has another password, and prove nothing', async ({ passwords }) => {
      const held = await register(passwords, PASSWORD)
      const { key, state } = await tryIt(passwords, 'guess', held)
      expect(key).to.equal(undefined)
      for (const message of ['', 'guess']) expect(await passwords.checkLogin({ state, message })).to.equal(false)
    })

    fact('answer for nobody as for somebody of another password', async ({ passwords }) => {
      const { setup: holder, record } = await register(passwords, PASSWORD)
      const known = await tryIt(passwords, 'guess', { setup: holder, record })
      const unknown = await tryIt(passwords, 'guess', { setup: holder, record: undefined })
      expect(unknown.key).to.equal(undefined)
      expect(unknown.answer.length).to.equal(known.answer.length)
    })

    fact('give another key by every holder, and none by a record at the wrong one', async ({ passwords }) => {
      const one = await register(passwords, PASSWORD)
      const two = await register(passwords, PASSWORD)
      expect(toHex(one.key)).not.to.equal(toHex(two.key))
      expect((await tryIt(passwords, PASSWORD, { setup: one.setup, record: two.record })).key).to.equal(undefined)
    })

    fact('reject EPROTO for what cannot be read', async ({ passwords }) => {
      const { setup: holder, record } = await register(passwords, PASSWORD)
      await rejects(passwords.answerRegistration({ setup: holder, user: USER, message: 'nonsense' }), 'EPROTO')
      await rejects(passwords.answerLogin({ setup: holder, user: USER, record, message: 'nonsense' }), 'EPROTO')
      const { state } = await passwords.startLogin(PASSWORD)
      await rejects(passwords.finishLogin({ password: PASSWORD, state, answer: 'nonsense' }), 'EPROTO')
    })

    fact('lock bytes up for one key alone', async ({ passwords }) => {
      const key = new Uint8Array(32).fill(1)
      const plain = new TextEncoder().encode('a secret of some length, as secrets are')
      const sealed = passwords.seal(key, new Uint8Array(12).fill(2), plain)
      expect(new Uint8Array(passwords.open(key, sealed) ?? [])).to.deep.equal(plain)
      expect(passwords.open(new Uint8Array(32).fill(3), sealed)).to.equal(undefined)
      for (const at of [0, 12, sealed.byteLength - 1]) {
        const changed = sealed.map((byte, i) => i === at ? byte ^ 1 : byte)
        expect(passwords.open(key, changed), `byte ${at}`).to.equal(undefined)
      }
      expect(passwords.open(key, sealed.subarray(0, 20))).to.equal(undefined)
    })
  })
}

async function register (passwords: Passwords, password: string): Promise<{
  setup: string, record: string, key: Uint8Array
}> {
  const setup = await passwords.createSetup()
  const { state, message } = await passwords.startRegistration(password)
  const answer = await passwords.answerRegistration({ setup, user: USER, message })
  return { setup, ...await passwords.finishRegistration({ password, state, answer }) }
}

/** Logs in as far as it goes. `state`: the holder's. */
async function tryIt (
  passwords: Passwords, password: string, { setup, record }: { setup: string, record: string | undefined }
): Promise<{ state: string, answer: string, message: string, key: Uint8Array | undefined }> {
  const started = await passwords.startLogin(password)
  const { state, message: answer } = await passwords.answerLogin({
    setup, user: USER, record, message: started.message
  })
  const done = await passwords.finishLogin({ password, state: started.state, answer })
  return { state, answer, message: done?.message ?? '', key: done?.key }
}
