import { cidOf, sealRevocation } from '@welkin/capability'
import {
  CloudError, ignoreFault, isCloudError, type Cancel, type Clock, type Disk, type Events, type Keys, type Logger,
  type Membership, type NodeId, type Passwords, type Random
} from '@welkin/interface'
import { askNodes, type Caller, type Calls } from '../../../dispatch/index.ts'
import type { Authentication } from '../authentication.ts'
import type { Giver } from '../factotum.ts'
import { grantsOf, signerOf } from '../giving.ts'
import { checkDomainFree, domainGrant } from '../names.ts'
import { forgetRootSeed, MEMBER_MS, rootSeed } from '../identity.ts'
import { Holder } from './holder.ts'
import { askedFor } from './holders.ts'
import { Locker } from './locker.ts'
import { openUser, type User } from './open-user.ts'
import { serveSecrets } from './secrets.ts'
import { Shelf } from './shelf.ts'
import { openUserRecord, type UserRecord } from './user-record.ts'
import { Users } from './users.ts'
import { checkUser, endOf, isTakenBack, ROOT } from './who-may-log-in.ts'

const LIST_TIMEOUT_MS = 5000
/** A user whose time is over can be given more for so long; then the key is dropped. */
const EXPIRED_KEPT_MS = 30 * 24 * 3_600_000

export interface SecstorePorts {
  authentication: Authentication
  calls: Calls
  clock: Clock
  disk: Disk
  events: Events
  keys: Keys
  log: Logger
  membership: Membership
  passwords: Passwords
  random: Random
}

/** Serves users and what keeps their keys, and looks after what this node keeps. */
export function serveSecstore (ports: SecstorePorts): Cancel[] {
  const { authentication, calls, clock, disk, events, keys, membership } = ports
  const { factotum, revocations, root, verifier } = authentication
  const random = ports.random.fork('secstore')
  const isGone = ({ chain }: UserRecord): boolean =>
    isTakenBack(chain, revocations.has, keys) || (endOf(chain, keys) ?? Infinity) + EXPIRED_KEPT_MS < clock.wallMs()
  const shelf = new Shelf({ clock, disk, keys, isGone })
  const holder = new Holder({ ...ports, random, shelf, checkUser: record => { checkUser(record, root, verifier) } })
  const locker = new Locker(disk)
  const users = new Users({ ...ports, random })

  const holdersOf = async (name: string) =>
    askedFor(name, (await membership.everyone()).nodes, keys)

  /** The user, who may do something still. */
  const open = async (name: string, password: string): Promise<User & { sinceMs: number }> => {
    const at = (id: NodeId) => calls.at(id).secret
    const user = await openUser({ ...ports, at }, await holdersOf(name), name, password).catch((error: unknown) => {
      if (isCloudError(error, 'EACCES', 'EAGAIN')) events.emit('callRefused', refusedLogin(name, keys.self, error))
      throw error
    })
    checkUser({ ...user, key: keys.fromSeed(user.seed).self }, root, verifier)
    return user
  }
  const onRevoked = (): void => {
    if (isTakenBack(factotum.session?.chain ?? [], revocations.has, keys)) factotum.lock()
    void Promise.all([shelf.sweep(), locker.sweep(revocations.has)]).catch(ignoreFault)
  }

  return [
    holder.start(),
    ...serveSecrets({ ...ports, random, factotum, locker }),
    events.subscribe(({ type }) => { if (type === 'accessRevoked') onRevoked() }),
    calls.serve('secret.holders', async ({ user }) => {
      const { holders } = await holdersOf(user)
      return { holders }
    }),
    calls.serve('user.add', async ({ name, password, ttlMs, ...given }, { caller }) => {
      const by = await authentication.orRoot(signerOf(factotum, caller, 'Making a user'))
      const seed = random.bytes(32)
      const key = keys.fromSeed(seed).self
      checkDomainFree(name)
      const own = given.grants === undefined && given.role !== 'guest' ? [domainGrant(name, authentication.cloud)] : []
      const terms = { audience: key, grants: [...own, ...grantsOf(given, 'user')], expiresMs: clock.wallMs() + ttlMs }
      const chain = factotum.extend(by, terms)
      checkUser({ name, key, chain }, root, verifier)
      const holders = await users.keep({ name, seed, chain }, password, undefined)
      return { name, key, expiresMs: endOf(chain, keys) ?? terms.expiresMs, holders }
    }),
    calls.serve('user.list', async ({ scope }, { caller, signal }) => {
      if (scope === 'node') return { users: (await shelf.all()).map(({ record }) => kept(record, keys)), silent: [] }
      const { found, silent } = await everywhere(ports, caller, signal)
      const one = (records: UserAt[]) => ({ ...kept((records[0] as UserAt).record, keys), record: undefined,
        holders: records.map(({ node }) => node) })
      return { users: found.map(one), silent }
    }),
    calls.serve('user.remove', async ({ name }, { caller, signal }) => {
      const by = signerOf(factotum, caller, 'Removing a user')
      if (name === ROOT) throw new CloudError('EPERM', 'The root cannot be removed: the cloud is its.')
      const { found } = await everywhere(ports, caller, signal)
      const meant = found.map(records => (records[0] as UserAt).record).filter(record => record.name === name)
      if (meant.length === 0) {
        throw new CloudError('ENOENT', `There is no user ${name}, or no node answers that knows; see "welkin user ls".`)
      }
      for (const record of meant) await takeBack(ports, by, record)
      return { name, key: (meant[0] as UserRecord).key }
    }),
    calls.serve('login', async ({ name, password, forMs }, { caller }) => {
      checkOwner(caller)
      const { seed, chain } = await open(name, password)
      const key = keys.fromSeed(seed)
      const untilMs = Math.min(clock.wallMs() + forMs, endOf(chain, keys) ?? Infinity)
      factotum.unlock({ name, key, chain, untilMs })
      return { name, key: key.self, untilMs }
    }),
    calls.serve('logout', async (_args, { caller }) => {
      checkOwner(caller)
      const name = factotum.session?.name
      factotum.lock()
      return name === undefined ? {} : { name }
    }),
    calls.serve('passwd', async ({ name, old, new: next }, { caller }) => {
      checkOwner(caller)
      const user = await open(name, old)
      return { name, holders: await users.keep(user, next, user) }
    }),
    calls.serve('cloud.lock', async ({ password }, { caller }) => {
      checkOwner(caller)
      const seed = await rootSeed({ disk })
      if (seed === undefined) {
        throw new CloudError('ENOENT', 'The root\'s key does not lie on this node; "welkin keys" says so of any node.')
      }
      // What an attempt has kept that was cut short is replaced: the key is the same.
      const holders = await users.keep({ name: ROOT, seed: new Uint8Array(seed), chain: [] }, password, { sinceMs: 0 })
      await forgetRootSeed({ disk })
      return { key: root, holders }
    })
  ]
}

interface UserAt { node: string, record: UserRecord }

/** Every user's records, as the nodes tell that answer, by user; in order of the names. */
async function everywhere (
  { calls, keys, log, membership }: SecstorePorts, caller: Caller, signal: AbortSignal
): Promise<{ found: UserAt[][], silent: string[] }> {
  const { nodes, silent: silentSites } = await membership.everyone({ signal })
  const up = nodes.filter(({ state }) => state === 'up')
  const { answers, silent } = await askNodes(up, async ({ id, name }, options) => {
    const { users } = await calls.at(id, caller).user.list({ scope: 'node' }, options)
    return users.flatMap(({ record }) => record === undefined
      ? []
      : [{ node: name, record: openUserRecord(record, keys) }])
  }, { log, signal, timeoutMs: LIST_TIMEOUT_MS })
  return { found: byUser(answers.flat()), silent: [...silentSites, ...silent.map(({ name }) => name)] }
}

function byUser (records: readonly UserAt[]): UserAt[][] {
  const found = new Map<string, UserAt[]>()
  for (const one of records) {
    const user = `${one.record.name} ${one.record.key}`
    found.set(user, [...found.get(user) ?? [], one])
  }
  return [...found].toSorted(([a], [b]) => a < b ? -1 : 1).map(([, theirs]) => theirs)
}

function kept ({ name, key, sinceMs, chain, wire }: UserRecord, keys: Keys) {
  const expiresMs = endOf(chain, keys)
  return { name, key, sinceMs, ...expiresMs === undefined ? {} : { expiresMs }, holders: [keys.self], record: wire }
}

function refusedLogin (user: string, principal: string, { message }: CloudError) {
  return { call: 'login', user, principal, reason: message }
}

/** Keys are unlocked for whoever has this node. */
function checkOwner (caller: Caller): void {
  if (caller.kind === 'owner') return
  throw new CloudError('EACCES', 'Users log in by the daemon\'s own socket alone, on the machine where they are.')
}

/** All that the user has, by whoever may; what was given to the user, by who has given it. Rejects EACCES. */
async function takeBack (
  { authentication, clock, keys }: SecstorePorts, by: Giver, { key, chain }: UserRecord
): Promise<void> {
  const expiresMs = clock.wallMs() + MEMBER_MS
  try {
    await authentication.revoke(sealRevocation({ target: key, expiresMs, chain: by.chain }, by.key).wire)
  } catch (error) {
    if (!isCloudError(error, 'EACCES')) throw error
    const target = cidOf(chain.at(-1) as Uint8Array, keys)
    await authentication.revoke(sealRevocation({ target, expiresMs, chain }, by.key).wire)
  }
}
