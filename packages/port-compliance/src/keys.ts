import { expect } from 'chai'
import { toHex, type Keys } from '@welkin/interface'
import { factsIn, type Setup } from './world.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** `keys` and `others` belong to two nodes of one cloud. */
export function keysCompliance (setup: Setup<{ keys: Keys, others: Keys }>): void {
  describe('as Keys', () => {
    const fact = factsIn(setup)
    const message = bytesOf('to whom it may concern')

    fact('signs with 64 bytes that every node can verify', async ({ keys, others }) => {
      const signature = keys.sign(message)
      expect(signature.byteLength).to.equal(64)
      expect(keys.verify(keys.self, message, signature)).to.equal(true)
      expect(others.verify(keys.self, message, signature)).to.equal(true)
    })

    fact('refuses a signature with any byte changed, of another signer or message', async ({ keys, others }) => {
      const signature = keys.sign(message)
      expect(others.verify(others.self, message, signature)).to.equal(false)
      expect(others.verify(keys.self, bytesOf('to someone else'), signature)).to.equal(false)
      for (let i = 0; i < 64; i++) {
        const forged = signature.slice()
        forged[i] = (forged[i] as number) ^ 1
        expect(others.verify(keys.self, message, forged)).to.equal(false)
      }
    })

    fact('never throws over what is not well formed', async ({ keys }) => {
      const signature = keys.sign(message)
      for (const size of [0, 63, 65]) expect(keys.verify(keys.self, message, new Uint8Array(size))).to.equal(false)
      for (const signer of ['', 'nobody', `${keys.self}x`, keys.self.slice(1), '12D3KooW']) {
        expect(keys.verify(signer, message, signature)).to.equal(false)
      }
    })

    fact('makes the same key of the same secret, which others can verify', async ({ keys, others }) => {
      const seed = new Uint8Array(32).fill(7)
      const key = keys.fromSeed(seed)
      expect(others.fromSeed(seed).self).to.equal(key.self)
      expect(keys.fromSeed(new Uint8Array(32).fill(8)).self).not.to.equal(key.self)
      expect(others.verify(key.self, message, key.sign(message))).to.equal(true)
      expect(others.verify(keys.self, message, key.sign(message))).to.equal(false)
    })

    fact('digests by SHA-256, in pieces as in one', async ({ keys }) => {
      const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
      expect(toHex(keys.digest().update(bytesOf('abc')).done())).to.equal(abc)
      expect(toHex(keys.digest().update(bytesOf('a')).update(bytesOf('')).update(bytesOf('bc')).done())).to.equal(abc)
    })
  })
}
