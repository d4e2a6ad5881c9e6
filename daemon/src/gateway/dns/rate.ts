import { putBounded } from '@welkin/async'

export interface RateOptions {
  /** Answers a second to one network, and how many at once after a pause. */
  perSecond: number
  burst: number
  /** The same for this machine itself. */
  ownPerSecond: number
  ownBurst: number
  /** Each so-manyth answer too much is not dropped, but sends the asker to TCP. */
  slip: number
  /** Networks that are remembered. */
  networksMax: number
}

/** `slip`: only that the asker shall come by TCP. */
export type Verdict = 'answer' | 'slip' | 'drop'

interface Bucket { tokens: number, sinceMs: number, refused: number, readonly perMs: number, readonly burst: number }

/**
 * How often a network is answered by UDP, whose senders can lie about who they are, so that we do not flood whom they
 * name (the response rate limiting of BIND). A bucket of tokens for each /24, or /56 of IPv6.
 */
export class ResponseRate {
  readonly #options: RateOptions
  readonly #buckets = new Map<string, Bucket>()

  constructor (options: RateOptions) {
    this.#options = options
  }

  judge (address: string, nowMs: number): Verdict {
    const network = networkOf(address)
    let bucket = this.#buckets.get(network)
    if (bucket === undefined) {
      bucket = this.#newBucket(network, nowMs)
      putBounded(this.#buckets, network, bucket, this.#options.networksMax)
    }
    bucket.tokens = Math.min(bucket.burst, bucket.tokens + (nowMs - bucket.sinceMs) * bucket.perMs)
    bucket.sinceMs = nowMs
    if (bucket.tokens >= 1) {
      bucket.tokens--
      return 'answer'
    }
    return ++bucket.refused % this.#options.slip === 0 ? 'slip' : 'drop'
  }

  #newBucket (network: string, nowMs: number): Bucket {
    const { burst, ownBurst, ownPerSecond, perSecond } = this.#options
    const isOwn = network.startsWith('127.') || network === '::1'
    const most = isOwn ? ownBurst : burst
    return { tokens: most, sinceMs: nowMs, refused: 0, perMs: (isOwn ? ownPerSecond : perSecond) / 1000, burst: most }
  }
}

/** `1.2.3` of 1.2.3.4; of IPv6, the first seven bytes; ::1 is a network of its own. */
export function networkOf (address: string): string {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
  if (plain.includes('.')) return plain.slice(0, plain.lastIndexOf('.'))
  if (plain === '::1') return plain
  const [front = '', back = ''] = (plain.split('%')[0] ?? '').split('::')
  const head = front.split(':').filter(group => group !== '')
  const tail = back.split(':').filter(group => group !== '')
  const groups = [...head, ...Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0'), ...tail]
  const [one, two, three, four = '0'] = groups
  return [one, two, three, (Number.parseInt(four, 16) >> 8).toString(16)].join(':')
}
