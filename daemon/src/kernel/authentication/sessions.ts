import { putBounded } from '@welkin/async'
import { CloudError, toHex, type Clock, type Random } from '@welkin/interface'
import type { Caller } from '../../dispatch/index.ts'

/** A code must be used within this time. */
const CODE_MS = 60_000
const OPEN_MAX = 1000

interface Session { caller: Caller, principal: string, endsMs: number }

/**
 * Sessions of programs that keep no keys, browsers above all: somebody who may call gets a code, which is good for one
 * session and for a minute; who shows the session's own secret then asks in the name of whoever asked for the code.
 */
export class Sessions {
  /** The HTTP gateway of this node, where there is one. */
  gateway: string | undefined
  readonly #clock: Clock
  readonly #random: Random
  readonly #principalOf: (caller: Caller) => string
  /** By code, those that are not begun. */
  readonly #coming = new Map<string, Session & { codeEndsMs: number }>()
  /** By secret. */
  readonly #open = new Map<string, Session>()

  constructor (
    { clock, random, principalOf }: { clock: Clock, random: Random, principalOf: (caller: Caller) => string }
  ) {
    this.#clock = clock
    this.#random = random.fork('sessions')
    this.#principalOf = principalOf
  }

  /** The link that opens a session of `ttlMs`. Throws ENOSYS where there is no gateway. */
  prepare (caller: Caller, ttlMs: number): string {
    if (this.gateway === undefined) {
      throw new CloudError('ENOSYS', 'This node has no HTTP gateway; start its daemon with --http 0.')
    }
    const nowMs = this.#clock.monotonicMs()
    const code = toHex(this.#random.bytes(16))
    const principal = this.#principalOf(caller)
    const coming = { caller, principal, endsMs: nowMs + ttlMs, codeEndsMs: nowMs + CODE_MS }
    putBounded(this.#coming, code, coming, OPEN_MAX)
    return `${this.gateway}/session/${code}`
  }

  /** The secret of the session for which the code is, once; undefined for what is none, or none any more. */
  begin (code: string): { secret: string, ttlMs: number } | undefined {
    const nowMs = this.#clock.monotonicMs()
    const session = this.#coming.get(code)
    this.#coming.delete(code)
    if (session === undefined || nowMs >= session.codeEndsMs) return undefined
    const secret = toHex(this.#random.bytes(32))
    putBounded(this.#open, secret, session, OPEN_MAX)
    return { secret, ttlMs: session.endsMs - nowMs }
  }

  /** Who asks by this secret; it ends when whoever it is for asks as somebody else: a user who has logged out. */
  callerOf (secret: string): Caller | undefined {
    const session = this.#open.get(secret)
    if (session === undefined) return undefined
    const { caller, endsMs, principal } = session
    if (this.#clock.monotonicMs() < endsMs && this.#principalOf(caller) === principal) return caller
    this.#open.delete(secret)
    return undefined
  }
}
