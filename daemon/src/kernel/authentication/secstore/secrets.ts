import { decode, encode } from '@welkin/abi'
import { mapConcurrently } from '@welkin/async'
import {
  CloudError, ignoreFault, isCloudError, type Cancel, type Clock, type Keys, type Membership, type NodeId,
  type Passwords, type Random, type SigningKey
} from '@welkin/interface'
import type { Caller, Calls } from '../../../dispatch/index.ts'
import type { Factotum, Session } from '../factotum.ts'
import { HOLDERS, inOrderFor } from './holders.ts'
import type { Locker } from './locker.ts'
import { noting } from './open-user.ts'

const SIZE_BYTES_MAX = 64 * 1024
/** What locking adds. */
const LOCK_BYTES_MAX = 256
const TIMEOUT_MS = 5000
/** Nodes that are asked beside the holders, since the cloud may have changed. */
const OTHERS_ASKED = 3
const NONCE_BYTES = 12
/** What a user signs to get the key of its secrets, which nobody else can. */
const PURPOSE = new TextEncoder().encode('wks1 the key of my secrets')

export interface SecretsPorts {
  calls: Calls
  clock: Clock
  factotum: Factotum
  keys: Keys
  locker: Locker
  membership: Membership
  passwords: Passwords
  random: Random
}

/** A secret as one holder has it. `bytes` undefined: it was forgotten. */
interface Kept { bytes: Uint8Array | undefined, sinceMs: number, sealed: Uint8Array }

/**
 * Serves secrets: for whoever has this node by the user who has logged in, under that user's key; for users who ask
 * from elsewhere by keeping what they have locked.
 */
export function serveSecrets (ports: SecretsPorts): Cancel[] {
  const { calls, clock, keys, locker, passwords, random } = ports
  return [
    calls.serve('secret.keep', async ({ name, bytes = undefined }, { caller }) => {
      checkSize(bytes, caller)
      if (caller.kind === 'principal') {
        await locker.put(caller.id, name, bytes ?? new Uint8Array())
        return { name, holders: [keys.self] }
      }
      const { key } = sessionOf(ports, caller)
      const plain = encode([name, clock.wallMs(), bytes ?? null])
      const sealed = passwords.seal(lockOf(key, keys), random.bytes(NONCE_BYTES), plain)
      const { holders } = await placesOf(ports, key)
      return { name, holders: await spread(ports, { caller, key, name, sealed }, holders) }
    }),
    calls.serve('secret.fetch', async ({ name }, { caller }) => {
      if (caller.kind === 'principal') return { bytes: await locker.get(caller.id, name) ?? lacking(name) }
      const { key } = sessionOf(ports, caller)
      const { holders, others } = await placesOf(ports, key)
      const found = new Map<NodeId, Kept | undefined>()
      await mapConcurrently([...holders, ...others], HOLDERS + OTHERS_ASKED, async id => {
        found.set(id, await fetchFrom(ports, { caller, key, name }, id))
      })
      const [newest] = [...found.values()].filter(kept => kept !== undefined).toSorted((a, b) => b.sinceMs - a.sinceMs)
      if (newest === undefined) return lacking(name)
      const late = holders.filter(id => found.get(id)?.sinceMs !== newest.sinceMs)
      if (late.length > 0) await spread(ports, { caller, key, name, sealed: newest.sealed }, late).catch(ignoreFault)
      return { bytes: newest.bytes ?? lacking(name) }
    })
  ]
}

interface Secret { caller: Caller, key: SigningKey, name: string }

/** Resolves with the nodes that keep it now. Rejects with the first fault where none does. */
async function spread (
  { calls, keys, locker }: SecretsPorts, { caller, key, name, sealed }: Secret & { sealed: Uint8Array },
  nodes: readonly NodeId[]
): Promise<NodeId[]> {
  const failures: CloudError[] = []
  const kept = await mapConcurrently(nodes, HOLDERS, async id => await noting(failures, async () => {
    if (id === keys.self) await locker.put(key.self, name, sealed)
    else await calls.at(id, caller).secret.keep({ name, bytes: sealed }, { timeoutMs: TIMEOUT_MS })
    return id
  }))
  if (failures.length === nodes.length) throw failures[0]
  return kept.filter(id => id !== undefined)
}

/** What the node has of it that the user has locked under that name. */
async function fetchFrom (
  { calls, keys, locker, passwords }: SecretsPorts, { caller, key, name }: Secret, id: NodeId
): Promise<Kept | undefined> {
  try {
    const sealed = id === keys.self
      ? await locker.get(key.self, name)
      : (await calls.at(id, caller).secret.fetch({ name }, { timeoutMs: TIMEOUT_MS })).bytes
    const plain = sealed === undefined ? undefined : passwords.open(lockOf(key, keys), sealed)
    if (sealed === undefined || plain === undefined) return undefined
    const [of, sinceMs, bytes] = decode(plain) as [string, number, Uint8Array | null]
    return of === name ? { bytes: bytes === null ? undefined : new Uint8Array(bytes), sinceMs, sealed } : undefined
  } catch (error) {
    if (!isCloudError(error)) throw error
    return undefined
  }
}

/** Who holds what is this user's, and who else may. */
async function placesOf (
  { keys, membership }: SecretsPorts, { self }: SigningKey
): Promise<{ holders: NodeId[], others: NodeId[] }> {
  const up = (await membership.everyone()).nodes.filter(({ state }) => state === 'up')
  const ids = inOrderFor(self, up, keys).map(({ id }) => id)
  return { holders: ids.slice(0, HOLDERS), others: ids.slice(HOLDERS, HOLDERS + OTHERS_ASKED) }
}

function sessionOf ({ factotum: { session } }: SecretsPorts, caller: Caller): Session {
  if (caller.kind === 'owner' && session !== undefined) return session
  throw new CloudError('EACCES', 'Secrets are a user\'s, and nobody has logged in here; "welkin login NAME" does.')
}

/** The same at each login, since signatures of Ed25519 are. */
function lockOf (key: SigningKey, keys: Keys): Uint8Array {
  return keys.digest().update(key.sign(PURPOSE)).done()
}

function checkSize (bytes: Uint8Array | undefined, caller: Caller): void {
  const sizeBytesMax = caller.kind === 'principal' ? SIZE_BYTES_MAX + LOCK_BYTES_MAX : SIZE_BYTES_MAX
  if (bytes === undefined || bytes.byteLength <= sizeBytesMax) return
  throw new CloudError('E2BIG', 'A secret has at most 64 KiB; keep larger things as blobs, locked by a secret.')
}

function lacking (name: string): never {
  throw new CloudError('ENOENT', `There is no secret ${name}, or none of the nodes answers that keep it.`)
}
