import type { IncomingHttpHeaders } from 'node:http'
import { isBearer } from '@welkin/capability'
import { CloudError, type Link } from '@welkin/interface'
import type { Caller } from '../../dispatch/index.ts'
import type { Node } from '../../node.ts'
import { requireToken } from './guards.ts'

const COOKIE = 'welkin-session'
export type GatewayNode = Pick<Node, 'link' | 'dispatcher' | 'authentication'>

/** Who asks over HTTP: the owner by a token, anybody by a capability, a browser by a session. */
export class Callers {
  readonly #node: GatewayNode
  readonly #token: string
  /** Ways in, kept ready for as long as who they are for is known. */
  readonly #links = new WeakMap<Caller, Link>()

  /** `token`: what the owner shows. */
  constructor (node: GatewayNode, token: string) {
    this.#node = node
    this.#token = token
  }

  /** The caller's way in. Throws EACCES where nothing that is shown is good, EINVAL and EPROTO for what is nothing. */
  linkOf (headers: IncomingHttpHeaders): Link {
    const capability = capabilityIn(headers)
    const session = sessionIn(headers)
    const { authentication } = this.#node
    if (authentication !== undefined && capability !== undefined) {
      return this.#linkFor(authentication.callerByBearer(capability))
    }
    if (authentication !== undefined && session !== undefined && headers.authorization === undefined) {
      const caller = authentication.sessions.callerOf(session)
      if (caller !== undefined) return this.#linkFor(caller)
      throw new CloudError('EACCES', 'This session has ended; "welkin web" opens another.')
    }
    requireToken(headers, this.#token)
    return this.#node.link
  }

  /** The cookie of the session for which this code is good, once. Throws EACCES. */
  beginSession (code: string): string {
    const session = this.#node.authentication?.sessions.begin(code)
    if (session === undefined) {
      throw new CloudError('EACCES', 'This link was used, or is older than a minute; "welkin web" makes another.')
    }
    const seconds = Math.floor(session.ttlMs / 1000)
    // Strict: no page of elsewhere can have a browser show it.
    return `${COOKIE}=${session.secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${seconds}`
  }

  #linkFor (caller: Caller): Link {
    const link = this.#links.get(caller) ?? this.#node.dispatcher.link(caller)
    this.#links.set(caller, link)
    return link
  }
}

function capabilityIn ({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  const [scheme, text = ''] = authorization.split(' ')
  return scheme === 'Bearer' && isBearer(text) ? text : undefined
}

function sessionIn ({ cookie = '' }: IncomingHttpHeaders): string | undefined {
  return cookie.split(/; */).find(part => part.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1)
}
