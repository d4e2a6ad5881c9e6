import type { Resource } from '@welkin/capability'
import { domainsOf, type CloudProcessId, type NodeId, type ObjectId } from '@welkin/interface'
import type { Row } from '@welkin/abi'
import type { Caller } from './calls.ts'

/** A row of the table, with its name. */
export interface Asked { name: string, row: Row }

/** What of an object decides who may do what with it, and what it may do itself. */
export interface ObjectRights {
  id: ObjectId
  cp: CloudProcessId
  name: string | undefined
  /** Whose it is; undefined: it was made when the cloud was open. */
  owner: string | undefined
  /** What it was given beside itself. */
  can: readonly string[]
  /** The chain by which its node acts for it. */
  chain: readonly Uint8Array[]
}

/** Who may do what. In an open cloud everybody may do everything, and nothing is shown. */
export interface Access {
  /** Who asks: a peer by itself, or by a chain that it shows. Throws EACCES, EPROTO. */
  callerOf (peer: NodeId, chain: readonly Uint8Array[]): Caller
  /**
   * Throws EACCES unless the caller may make the call. `resource`: what it is about, where that is known; `unknown`
   * where somebody else will look again.
   */
  check (caller: Caller, asked: Asked, resource?: Resource | 'unknown'): Promise<void>
  /** Takes a use of what is counted; the call is executed then. Rejects EACCES where it is used up, EIO, ENOSPC. */
  spend (caller: Caller, asked: Asked, resource?: Resource | 'unknown'): Promise<void>
  /** Throws EACCES where what permitted a call was taken back while it was being answered. */
  checkNotRevoked (caller: Caller): void
  /** Keeps a record of a call that is worth one. */
  audit (caller: Caller, asked: Asked, outcome: string): void
  /** The same for one thing among others that a reply would tell of. */
  maySee (caller: Caller, can: string, resource: Resource): boolean
  /** What shows to `node` that this one asks for the caller, and for that call alone where it is to act on by it. */
  chainTo (node: NodeId, caller: Caller, asked: Asked): readonly Uint8Array[]
  /** By which `node` will act for objects that the caller starts there; they may do what `can` lists, and no more. */
  chainOfObjects (node: NodeId, caller: Caller, cp: CloudProcessId, can: readonly string[]): readonly Uint8Array[]
  /**
   * Whose the objects will be that the caller starts here, and by what this node acts for them; undefined in an open
   * cloud. Throws EACCES for a chain that is not the caller's and for this node.
   */
  ownerOf (
    caller: Caller, chain: readonly Uint8Array[]
  ): { owner: string, chain: readonly Uint8Array[] } | undefined
  /** By which `node` will act for an object that goes there from this one. */
  chainHandedOn (node: NodeId, rights: ObjectRights): readonly Uint8Array[]
  /** The same there: whose the object is. Throws EACCES for a chain that is not for this node. */
  ownerBy (chain: readonly Uint8Array[]): string | undefined
  /** By what this node binds names for the caller; empty in an open cloud. */
  chainOfNames (caller: Caller): readonly Uint8Array[]
  /** Who binds `name` by a chain that ends at `signer`, and for how long at most. Throws EACCES, EPROTO. */
  binderOf (signer: NodeId, chain: readonly Uint8Array[], name: string): { principal: string, untilMs: number }
  /** The domain that is the chain's principal's own; undefined: none but the cloud's. */
  homeOf (chain: readonly Uint8Array[]): string | undefined
}

/** What a name is to whoever may bind it: each domain that it is in. */
export function nameResource (name: string): Resource {
  return { names: domainsOf(name).map(domain => `domain:${domain}`) }
}

/** By what an object is known to whoever may do something with it. */
export function resourceNames ({ id, cp, name }: Pick<ObjectRights, 'id' | 'cp' | 'name'>): string[] {
  return [`object:${id}`, `cp:${cp}`, ...name === undefined ? [] : [`name:${name}`]]
}
