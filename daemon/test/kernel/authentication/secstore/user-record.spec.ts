import { expect } from 'chai'
import { createNodeKeys } from '@welkin/platform-node'
import { openUserRecord, signUserRecord } from '../../../../src/kernel/authentication/secstore/user-record.ts'

const keys = createNodeKeys(new Uint8Array(32))
const alice = keys.fromSeed(new Uint8Array(32).fill(1))
const record = signUserRecord({
  name: 'alice', chain: [new Uint8Array([1, 2])], password: 'record', sealed: new Uint8Array([3]), sinceMs: 7,
  setupDigest: 'ab'
}, alice)

describe('a user\'s record', () => {
  it('is read as it was signed', () => {
    expect(openUserRecord(record.wire, keys)).to.deep.equal(record)
    expect(record.key).to.equal(alice.self)
  })

  it('is refused when any byte of it was changed, or cut off', () => {
    for (let at = 0; at < record.wire.byteLength; at++) {
      const changed = record.wire.map((byte, i) => i === at ? byte ^ 1 : byte)
      expect(() => openUserRecord(changed, keys), `byte ${at}`).to.throw().with.property('code', 'EPROTO')
    }
    for (const length of [0, 64, 65, record.wire.byteLength - 1]) {
      expect(() => openUserRecord(record.wire.subarray(0, length), keys)).to.throw().with.property('code', 'EPROTO')
    }
  })

  it('is refused under a name that is none', () => {
    const strange = signUserRecord({ ...record, name: '../root' }, alice)
    expect(() => openUserRecord(strange.wire, keys)).to.throw(/name/)
  })
})
