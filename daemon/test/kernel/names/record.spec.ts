import { expect } from 'chai'
import { CloudError, isCloudError } from '@welkin/interface'
import { encode } from '@welkin/abi'
import { openEntry } from '../../../src/kernel/names/entry.ts'
import { encodeEntries, ENTRIES_MAX, mergeEntries, NameRecords } from '../../../src/kernel/names/record.ts'
import { keysOf, said } from './kit.ts'

const NOW_MS = 50_000

function records (untilOf: (signer: string) => number | undefined = () => Infinity): NameRecords {
  return new NameRecords({
    clock: { wallMs: () => NOW_MS }, keys: keysOf('n9'), cloud: 'acme', changed: () => {},
    access: {
      binderOf: signer => {
        const untilMs = untilOf(signer)
        if (untilMs === undefined) throw new CloudError('EACCES', 'This was revoked.')
        return { principal: signer, untilMs }
      }
    }
  })
}

function codeOf (check: () => unknown): string {
  try {
    check()
    return 'none'
  } catch (error) {
    return isCloudError(error) ? error.code : 'bug'
  }
}

describe('what is kept under a name', () => {
  it('is what its signer said and may say', () => {
    const record = encodeEntries([said()])
    expect(records().check('web.acme', record)).to.equal(record)
    expect(records().open(record)[0]).to.deep.include({ name: 'web.acme', rule: 'both', signer: 'n1' })
    expect(records().untilMs('web.acme', record)).to.equal(100_000)
  })

  it('is refused when it is forged, another\'s, of another cloud, from the future, too long or over', () => {
    const kind = records()
    const { wire } = said()
    for (let at = 0; at < wire.length; at += 3) {
      const forged = wire.map((byte, index) => index === at ? byte ^ 4 : byte)
      const code = codeOf(() => kind.check('web.acme', encode([forged])))
      expect(code, `byte ${at}`).to.be.oneOf(['EACCES', 'EPROTO', 'EINVAL'])
    }
    expect(codeOf(() => kind.check('mail.acme', encodeEntries([said()])))).to.equal('EPROTO')
    const elsewhere = said({ name: 'web.other' })
    expect(codeOf(() => kind.check('web.other', encodeEntries([elsewhere])))).to.equal('EINVAL')
    const early = said({ stampMs: NOW_MS + 3_600_000, untilMs: NOW_MS + 3_700_000 })
    expect(codeOf(() => kind.check('web.acme', encodeEntries([early])))).to.equal('EINVAL')
    const long = said({ untilMs: NOW_MS + 90 * 86_400_000 })
    expect(codeOf(() => kind.check('web.acme', encodeEntries([long])))).to.equal('EINVAL')
    expect(codeOf(() => kind.check('web.acme', encodeEntries([said({ untilMs: NOW_MS })])))).to.equal('EACCES')
    expect(codeOf(() => records(() => 60_000).check('web.acme', encodeEntries([said()])))).to.equal('EACCES')
  })

  it('loses what was revoked or is over, and nothing else', () => {
    const [good, revoked, over] = [said({ id: 'aa' }), said({ id: 'bb', by: 'n2' }), said({ id: 'cc', untilMs: 10 })]
    const kind = records(signer => signer === 'n2' ? undefined : Infinity)
    const left = kind.check('web.acme', encodeEntries([good, revoked, over]))
    expect(kind.open(left).map(({ subject }) => subject.id)).to.deep.equal(['aa'])
    expect(codeOf(() => kind.check('web.acme', encodeEntries([revoked, over])))).to.equal('EACCES')
  })

  it('is the newest of each subject, and of too many the newest', () => {
    const [old, fresh] = [said({ stampMs: 1 }), said({ stampMs: 2, ports: { http: 81 } })]
    expect(mergeEntries([fresh], [old]).map(({ ports }) => ports.http)).to.deep.equal([81])
    const many = Array.from({ length: ENTRIES_MAX + 10 }, (_, at) => said({ id: `o${at}`, stampMs: at }))
    const kept = mergeEntries(many, [])
    expect(kept.length).to.equal(ENTRIES_MAX)
    expect(Math.min(...kept.map(({ stampMs }) => stampMs))).to.equal(10)
  })

  it('is held as it is when there is nothing new', () => {
    const kind = records()
    const held = encodeEntries([said({ stampMs: 2 })])
    kind.check('web.acme', held)
    expect(kind.merge('web.acme', held, encodeEntries([said({ stampMs: 1 })]))).to.equal(held)
  })

  it('is refused, not crashed by, when it is no record', () => {
    const kind = records()
    const strange = [new Uint8Array(), encode(5), encode([5]), encode([new Uint8Array(70)]), encode(Array(500).fill(0))]
    for (const bytes of strange) expect(codeOf(() => kind.check('web.acme', bytes))).to.equal('EPROTO')
    expect(codeOf(() => openEntry(undefined))).to.equal('EPROTO')
  })
})
