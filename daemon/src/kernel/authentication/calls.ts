import {
  cidOf, formatBearer, formatTicket, openDelegation, sealRevocation, toBase64Url
} from '@welkin/capability'
import { CloudError, isCloudError, type Cancel, type Keys, type NodeId, type Transport } from '@welkin/interface'
import { resolveNode } from '../../resolve-node.ts'
import { grantsOf, signerOf } from './giving.ts'
import { Granted } from './granted.ts'
import { forgetIdentity, MEMBER_MS, renewTicket, rootSeed } from './identity.ts'
import { serveSecstore, type SecstorePorts } from './secstore/index.ts'

export interface AuthenticationCallPorts extends SecstorePorts {
  /** Objects of this node that have not ended. */
  objects: () => number
  transport: Transport
}

/** Serves the family `access`, but for `whoami`. */
export function serveAuthentication (ports: AuthenticationCallPorts): Cancel[] {
  const { authentication, calls, clock, disk, keys, transport } = ports
  const { factotum, revocations, tickets } = authentication
  const random = ports.random.fork('authentication')
  const granted = new Granted({ clock, disk })
  return [
    ...serveSecstore(ports),
    calls.serve('invite', async ({ zone, uses, ttlMs, memberMs, ...given }, { caller }) => {
      const by = await authentication.orRoot(signerOf(factotum, caller, 'An invitation'))
      const nowMs = clock.wallMs()
      const expiresMs = nowMs + ttlMs
      const memberUntilMs = nowMs + memberMs
      const grants = grantsOf(given, 'user')
      const chain = by.key.self === keys.self || by.key.self === authentication.root
        ? by.chain
        : factotum.extend(by, { audience: keys.self, grants: [{ can: ['*'] }], expiresMs: memberUntilMs })
      const secret = await tickets.issue({ uses, expiresMs, zone, grants, memberUntilMs, chain, replaces: [] })
      return { ticket: formatTicket({ secret, addresses: transport.addresses().slice(0, 4) }, keys), expiresMs }
    }),
    calls.serve('grant', async ({ to, ttlMs, ...given }, { caller }) => {
      const by = signerOf(factotum, caller, 'A grant')
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
      const by = signerOf(factotum, caller, 'A revocation')
      const target = await targetOf(ports, granted, ref, signal)
      const expiresMs = clock.wallMs() + MEMBER_MS
      const given = (await granted.find(target))[0]?.chain
      // Who has given it may take it back, whatever else he may.
      const chain = given !== undefined && isGiver(by.key.self, given, keys) ? given : by.chain
      await authentication.revoke(sealRevocation({ target, expiresMs, chain }, by.key).wire)
      return { target }
    }),
    calls.serve('session', async ({ ttlMs }, { caller }) => {
      return { url: authentication.sessions.prepare(caller, ttlMs), expiresMs: clock.wallMs() + ttlMs }
    }),
    calls.serve('rotate', async () => ({ ticket: await renewTicket(ports, authentication.doors) })),
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

const CID = /^[0-9a-f]{64}$/
const ID_START = /^[0-9a-f]{8,63}$/
/** No name of a node has as many. */
const KEY_CHARACTERS_MIN = 40

/**
 * A delegation by its id, or the beginning of one that was granted here; a node by its name or id; any principal by its
 * key. Rejects ENOENT, EINVAL (several), EHOSTDOWN (it may be a node that does not answer).
 */
async function targetOf (
  { membership }: AuthenticationCallPorts, granted: Granted, ref: string, signal: AbortSignal
): Promise<string> {
  if (CID.test(ref)) return ref
  const [first, second] = ID_START.test(ref) ? await granted.find(ref) : []
  if (second !== undefined) throw new CloudError('EINVAL', `Several grants begin with ${ref}; give more of the id.`)
  if (first !== undefined) return first.id
  try {
    return resolveNode(await membership.everyone({ signal }), ref).id
  } catch (error) {
    if (!isCloudError(error, 'ENOENT', 'EHOSTDOWN')) throw error
    if (ref.length >= KEY_CHARACTERS_MIN) return ref
    if (error.code === 'EHOSTDOWN') throw error
    const message = `No grant of this node and no node of the cloud goes by "${ref}"; give the whole id. Users are ` +
      'removed by "welkin user rm".'
    throw new CloudError('ENOENT', message, { cause: error })
  }
}
