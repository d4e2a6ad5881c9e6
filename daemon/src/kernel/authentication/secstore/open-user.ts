import type { Syscalls } from '@welkin/abi'
import { CloudError, isCloudError, type Keys, type NodeId, type Passwords } from '@welkin/interface'
import { silence, wrongPassword } from './errors.ts'
import { openUserRecord } from './user-record.ts'

export const STEP_TIMEOUT_MS = 5000
const SEED_BYTES = 32

/** Somebody with the secret of the key. */
export interface User { name: string, seed: Uint8Array, chain: readonly Uint8Array[] }

export interface OpenUserPorts {
  keys: Keys
  passwords: Passwords
  /** The way to a holder. */
  at: (holder: NodeId) => Pick<Syscalls['secret'], 'begin' | 'open'>
}

/**
 * Opens the user's key by asking one holder after the other: the password and the key stay here. Rejects EACCES for a
 * wrong name or password, EAGAIN after too many, EHOSTDOWN where no holder answers.
 */
export async function openUser (
  ports: OpenUserPorts, { holders, keepers }: { holders: readonly NodeId[], keepers: readonly string[] },
  name: string, password: string
): Promise<User & { sinceMs: number }> {
  const failures: CloudError[] = []
  let isRefused = false
  for (const id of holders) {
    const opened = await noting(failures, async () => await openAt(ports, id, name, password))
    if (opened === 'wrong') isRefused = true
    else if (opened !== undefined) return opened
  }
  if (isRefused) throw wrongPassword()
  throw failures.find(({ code }) => code === 'EAGAIN') ?? silence(name, keepers)
}

async function openAt (
  { at, keys, passwords }: OpenUserPorts, id: NodeId, name: string, password: string
): Promise<User & { sinceMs: number } | 'wrong'> {
  const patience = { timeoutMs: STEP_TIMEOUT_MS }
  const { state, message } = await passwords.startLogin(password)
  const { login, answer } = await at(id).begin({ user: name, message }, patience)
  const done = await passwords.finishLogin({ password, state, answer })
  if (done === undefined) return 'wrong'
  const { record: wire } = await at(id).open({ login, message: done.message }, patience)
  const record = openUserRecord(wire, keys)
  const seed = passwords.open(done.key, record.sealed)
  if (record.name === name && seed?.byteLength === SEED_BYTES && keys.fromSeed(seed).self === record.key) {
    return { name, seed, chain: record.chain, sinceMs: record.sinceMs }
  }
  throw new CloudError('EPROTO', `Node ${id} keeps another key than it should for ${name}.`)
}

/** What `work` gives; undefined where it failed by a fault of the world, which is put with the others. */
export async function noting<T> (failures: CloudError[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!isCloudError(error)) throw error
    failures.push(error)
    return undefined
  }
}
