import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  clockCompliance, diskCompliance, inRealTime, keysCompliance, machineCompliance, passwordsCompliance,
  randomCompliance
} from '@welkin/port-compliance'
import {
  createNodeClock, createNodeKeys, createNodeMachine, createNodePasswords, createNodeRandom, openNodeDisk
} from '../src/index.ts'

const nothingToClose = { until: inRealTime, close: async () => {} }

describe('A real machine', () => {
  clockCompliance(async () => ({ clock: createNodeClock(), ...nothingToClose }))
  randomCompliance(async () => ({ random: createNodeRandom().fork('test'), ...nothingToClose }))
  machineCompliance(async () => ({ machine: createNodeMachine(tmpdir()), ...nothingToClose }))

  keysCompliance(async () => ({
    keys: createNodeKeys(new Uint8Array(32).fill(1)),
    others: createNodeKeys(new Uint8Array(32).fill(2)),
    ...nothingToClose
  }))

  passwordsCompliance(async () => ({ passwords: createNodePasswords(), ...nothingToClose }))

  diskCompliance(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'welkin-disk-'))
    let disk = await openNodeDisk(directory, 'n1')
    return {
      disk,
      reopen: async () => {
        await disk.close()
        disk = await openNodeDisk(directory, 'n1')
        return disk
      },
      until: inRealTime,
      close: async () => {
        await disk.close()
        await rm(directory, { recursive: true })
      }
    }
  })
})
