import { expect } from 'chai'
import type { Keys } from '@welkin/interface'
import { openAnnouncement, sealAnnouncement, type Announcement } from '../../../src/kernel/resources/announcement.ts'

const keys = { sign: () => new Uint8Array(64), verify: () => true } as Partial<Keys> as Keys

const announcement = (record: object = {}, load: object = {}): Announcement => ({
  record: {
    id: 'n1', name: 'n1', zone: 'acme/lyon/r1', addresses: ['a'], version: '0', drivers: [],
    machine: { hostname: 'n1', os: 'linux', arch: 'x64', cpuCount: 1, memoryBytes: 1 },
    load: { memoryFreeBytes: 1, objects: 0, objectsMax: 1, cpuPromised: 0, memoryPromisedBytes: 0, ...load },
    ...record
  },
  incarnation: 1, sequence: 0, leaving: false
})

describe('an announcement', () => {
  it('is opened as it was sealed', () => {
    expect(openAnnouncement(sealAnnouncement(announcement(), keys), keys)).to.deep.equal(announcement())
  })

  it('that all others would refuse is refused by its own node, with the reason', () => {
    const refused = (unfit: Announcement, why: RegExp): unknown =>
      expect(() => sealAnnouncement(unfit, keys)).to.throw(why).with.property('code', 'EINVAL')
    refused(announcement({}, { cpuPromised: -2.8e-17 }), /record\.load\.cpuPromised/)
    refused(announcement({ name: 'x'.repeat(65) }), /record\.name/)
    const addresses = Array.from({ length: 32 }, () => '€'.repeat(256))
    refused(announcement({ addresses }), /bytes of 16384/)
  })
})
