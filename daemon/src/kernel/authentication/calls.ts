import {
  cidOf, formatBearer, formatTicket, openDelegation, ROLES, sealRevocation, toBase64Url, type Grant
} from '@welkin/capability'
import {
  CloudError, isCloudError, type Cancel, type Clock, type Disk, type Keys, type Membership, type NodeId, type Random,
  type Transport
} from '@welkin/interface'
import type { Caller, Calls } from '../../dispatch/index.ts'
import { resolveNode } from '../../resolve-node.ts'
import type { Authentication } from './authentication.ts'
import { Factotum, type Identity } from './factotum.ts'
import { Granted } from './granted.ts'
import { forgetIdentity, MEMBER_MS, rootSeed } from './identity.ts'

export interface AuthenticationCallPorts {
  authentication: Authentication
  calls: Calls
  clock: Clock
  disk: Disk
  keys: Keys
  membership: Membership
  /** Objects of this node that have not ended. */
  objects: () => number
  random: Random
  transport: Transport
}

type Given = { role?: keyof typeof ROLES | undefined, grants?: readonly Grant[] | undefined }

/** Serves the family `access`, but for `whoami`. */
export function serveAuthentication (ports: AuthenticationCallPorts): Cancel[] {
  const { authentication, calls, clock, disk, keys, transport } = ports
  const { factotum, revocations, tickets } = authentication
  const random = ports.random.fork('authentication')
  const granted = new Granted({ clock, disk })
  return [
    calls.serve('invite', async ({ zone, uses, ttlMs, memberMs, ...given }, { caller }) => {
      const by = signerOf(authentication, caller, 'An invitation')
      const nowMs = clock.wallMs()
      const expiresMs = nowMs + ttlMs
      const memberUntilMs = nowMs + memberMs
      const grants = grantsOf(given, 'user')
      const chain = by.key.self === keys.self
        ? by.chain
        : factotum.extend(by, { audience: keys.self, grants: [{ can: ['*'] }], expiresMs: memberUntilMs })
      const secret = random.bytes(16)
      await tickets.keep(secret, { uses, expiresMs, zone, grants, memberUntilMs, chain })
      return { ticket: formatTicket({ secret, addresses: transport.addresses().slice(0, 4) }, keys), expiresMs }
    }),
    calls.serve('grant', async ({ to, ttlMs, ...given }, { caller }) => {
      const by = signerOf(authentication, caller, 'A grant')
      const expiresMs = clock.wallMs() + ttlMs
      const seed = random.bytes(32)
      const audience = to ?? keys.fromSeed(seed).self
      const chain = factotum.extend(by, { audience, grants: grantsOf(given), expiresMs, proxy: to === undefined })
      authentication.verifier.verify(chain)
      const id = cidOf(chain.at(-1) as Uint8Array, keys)
      await granted.keep(id, chain, expiresMs)
      return {
        id, expiresMs, chain: chain.map(toBase64Url),
        ...to === undefined ? { capability: formatBearer({ chain, seed }, keys) } : {}
      }
    }),
    calls.serve('revoke', async ({ target: ref }, { caller, signal }) => {
      const by = signerOf(authentication, caller, 'A revocation')
      const target = await targetOf(ports, ref, signal)
      const expiresMs = clock.wallMs() + MEMBER_MS
      const given = await granted.chainOf(target)
      // Who has given it may take it back, whatever else he may.
      const chain = given !== undefined && isGiver(by.key.self, given, keys) ? given : by.chain
      await authentication.revoke(sealRevocation({ target, expiresMs, chain }, by.key).wire)
      return { target }
    }),
    calls.serve('session', async ({ ttlMs }, { caller }) => {
      return { url: authentication.sessions.prepare(caller, ttlMs), expiresMs: clock.wallMs() + ttlMs }
    }),
    calls.serve('leave', async ({ force }) => {
      if (!force && ports.objects() > 0) {
        throw new CloudError('EBUSY', `${ports.objects()} objects run on this node; end them, or leave by force.`)
      }
      await forgetIdentity(ports)
      return { cloud: authentication.root }
    }),
    calls.serve('keys', async () => {
      const { session } = factotum
      return {
        node: keys.self,
        root: { key: authentication.root, here: await rootSeed({ disk }) !== undefined },
        revoked: revocations.list().map(({ target, issuer: by, expiresMs: untilMs }) => ({ target, by, untilMs })),
        ...session === undefined
          ? {}
          : { user: { name: session.name, key: session.key.self, untilMs: session.untilMs } }
      }
    })
  ]
}

function isGiver (key: NodeId, chain: readonly Uint8Array[], keys: Keys): boolean {
  const last = chain.at(-1) as Uint8Array
  return openDelegation(last, cidOf(last, keys)).issuer === key
}

/** Who signs for the caller here. Throws EACCES where the caller's key is elsewhere. */
function signerOf ({ factotum }: Authentication, caller: Caller, what: string): Identity {
  return caller.kind === 'owner' ? factotum.owner : Factotum.refuse(what)
}

/** Throws EINVAL where it is not said what is given. */
function grantsOf ({ role, grants }: Given, usual?: keyof typeof ROLES): readonly Grant[] {
  if (role !== undefined && grants !== undefined) {
    throw new CloudError('EINVAL', 'Give a role or grants, not both.')
  }
  const meant = role ?? usual
  if (grants !== undefined) return grants
  if (meant !== undefined) return ROLES[meant]
  throw new CloudError('EINVAL', `Say what is granted: a role (${Object.keys(ROLES).join(', ')}), or grants.`)
}

/** A delegation or a principal by its whole id, or a node by its name. */
async function targetOf ({ membership }: AuthenticationCallPorts, ref: string, signal: AbortSignal): Promise<NodeId> {
  if (/^[0-9a-f]{64}$/.test(ref)) return ref
  try {
    return resolveNode((await membership.everyone({ signal })).nodes, ref).id
  } catch (error) {
    if (!isCloudError(error, 'ENOENT') || ref.length < 12) throw error
    return ref
  }
}
