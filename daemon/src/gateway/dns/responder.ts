import type { Logger } from '@welkin/interface'
import type { Authority } from './authority.ts'
import { RCODE, PLAIN_BYTES_MAX, UDP_BYTES_MAX } from './codes.ts'
import type { DnsMetrics } from './metrics.ts'
import type { Query } from './query.ts'
import { bareAnswer, composeReply, type Answer } from './reply.ts'

export interface Said { reply: Buffer, keepMs: number }

export interface ResponderPorts { authority: Pick<Authority, 'answer'>, log: Logger, metrics: DnsMetrics }

/** Makes a message of a query, whichever way it came. */
export class Responder {
  readonly #ports: ResponderPorts

  constructor (ports: ResponderPorts) {
    this.#ports = ports
  }

  /** `bytesMax`: of the way back. Never rejects: a bug is logged, and the asker told that we failed. */
  async respond (query: Query, bytesMax: number): Promise<Said> {
    const { log, metrics } = this.#ports
    let answer: Answer
    try {
      answer = await this.#answerTo(query)
    } catch (error) {
      log.error('dns.request_failed', { error })
      answer = bareAnswer(RCODE.failed)
    }
    metrics.answers.add(1, { code: String(answer.rcode) })
    return { reply: composeReply(query, answer, bytesMax), keepMs: answer.keepMs }
  }

  async #answerTo ({ fault, question }: Query): Promise<Answer> {
    if (fault !== undefined || question === undefined) return bareAnswer(fault ?? RCODE.malformed)
    return await this.#ports.authority.answer(question)
  }
}

/** How much the asker takes by UDP. */
export function udpBytesMax ({ edns }: Query): number {
  return Math.min(UDP_BYTES_MAX, edns?.bytesMax ?? PLAIN_BYTES_MAX)
}
