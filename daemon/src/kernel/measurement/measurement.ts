import { CoordinateEstimator, estimate, NeighbourSet } from '@welkin/coordinates'
import {
  CloudError, isCloudError, type AbortOptions, type Cancel, type Clock, type Coordinate, type Distance,
  type Located, type Logger, type Measurement, type MetricRegister, type NodeId, type Random, type RequestOptions,
  type Service, type Transport, type Way
} from '@welkin/interface'
import { ECHO_PROTOCOL, packEcho, unpackEcho } from './echo.ts'
import { registerMetrics, type MeasurementMetrics } from './metrics.ts'
import { observedTransport, TRANSFER_BYTES_MIN } from './observed-transport.ts'
import type { MeasurementOptions } from './options.ts'
import { Ways } from './ways.ts'

/** A measured round trip of this age counts as much as an estimate by coordinates. */
const RTT_FRESH_MS = 60_000
/** Of one active probe of bandwidth, and of one of its pieces. */
const PROBE_BYTES_MAX = 16 << 20
const PIECE_BYTES = 1 << 20
const PIECES_AT_A_TIME = 4
const PROBE_TIMEOUT_MS = 30_000

interface MeasurementPorts {
  clock: Clock
  random: Random
  transport: Transport
  log: Logger
  metrics: MetricRegister
  /** Whom there is to be measured, with what they have said of where they stand. */
  peers: () => readonly Located[]
}

/** Of this node: what it measures, and its transport with all requests and transfers observed. */
export interface MeasuringNode extends Measurement, Service { readonly transport: Transport }

export function createMeasurement (ports: MeasurementPorts, options: MeasurementOptions): MeasuringNode {
  return new LatencyMeasurement(ports, options)
}

/** A node that has just started stands nowhere yet, and says so. */
function knowsNothing ({ error }: Coordinate): boolean {
  return error >= 1
}

class LatencyMeasurement implements MeasuringNode {
  readonly name = 'measurement'
  readonly transport: Transport
  readonly #ports: MeasurementPorts
  readonly #options: MeasurementOptions
  readonly #metrics: MeasurementMetrics
  readonly #estimator: CoordinateEstimator
  readonly #neighbours: NeighbourSet
  readonly #ways: Ways
  readonly #cancels: Cancel[] = []
  /** Peers to which a connection is open that has been used. */
  readonly #warm = new Set<NodeId>()
  #cancelSample: Cancel = () => {}
  #samples = 0
  #stopped = false

  constructor (ports: MeasurementPorts, options: MeasurementOptions) {
    const random = ports.random.fork('measurement')
    const { clock, transport } = ports
    this.#ports = { ...ports, random }
    this.#options = options
    this.#metrics = registerMetrics(ports.metrics)
    this.#estimator = new CoordinateEstimator(random)
    this.#neighbours = new NeighbourSet(random, { size: options.neighbours })
    this.#ways = new Ways(options.peersMax)
    this.transport = observedTransport(transport, clock, {
      request: (peer, outcome) => this.#ways.request(peer, outcome, clock.monotonicMs()),
      transfer: (peer, bytesPerSecond) => this.#ways.transfer(peer, bytesPerSecond, clock.monotonicMs())
    })
  }

  async start (): Promise<void> {
    const { transport } = this.#ports
    this.#cancels.push(
      transport.serve(ECHO_PROTOCOL, {
        request: async () => packEcho(this.coordinate()),
        channel: async () => { throw new CloudError('EPROTO', `${ECHO_PROTOCOL} takes requests only.`) }
      }),
      transport.watch(peer => { this.#warm.delete(peer) }))
    this.#sampleIn(this.#options.settleMs)
  }

  async stop (): Promise<void> {
    this.#stopped = true
    this.#cancelSample()
    for (const cancel of this.#cancels.splice(0)) cancel()
  }

  coordinate (): Coordinate {
    return this.#estimator.coordinate
  }

  observe (peer: NodeId, coordinate: Coordinate | undefined, rttMs: number): void {
    // The first one may hold the making of the connection.
    if (!this.#warm.has(peer)) {
      this.#warm.add(peer)
      return
    }
    const nowMs = this.#ports.clock.monotonicMs()
    this.#ways.rtt(peer, rttMs, nowMs)
    this.#metrics.rtt.observe(rttMs / 1000)
    // One that does not know where it stands has nothing to say of where this node does.
    if (coordinate === undefined) return
    this.#metrics.samples.add(1, { outcome: this.#estimator.observe(peer, coordinate, rttMs) })
    this.#metrics.error.set(this.#estimator.coordinate.error)
  }

  distance (one: Located, other: Located): Distance | undefined {
    const { self } = this.#ports.transport
    if (one.id !== undefined && one.id === other.id) return { rttMs: 0, errorMs: 0, ageMs: 0 }
    const peer = one.id === self ? other.id : other.id === self ? one.id : undefined
    const measured = peer === undefined ? undefined : this.#measured(peer)
    if (measured !== undefined && measured.ageMs < RTT_FRESH_MS) return measured
    const here = one.id === self ? this.coordinate() : one.coordinate
    const there = other.id === self ? this.coordinate() : other.coordinate
    if (here === undefined || there === undefined || knowsNothing(here) || knowsNothing(there)) return measured
    const { rttMs, errorMs } = estimate(here, there)
    return { rttMs, errorMs, ageMs: Math.max(one.ageMs ?? 0, other.ageMs ?? 0) }
  }

  way (peer: NodeId): Way {
    return this.#ways.way(peer, this.#ports.clock.monotonicMs())
  }

  async probe (
    peer: NodeId, { signal, timeoutMs = this.#options.sampleTimeoutMs }: AbortOptions & { timeoutMs?: number } = {}
  ): Promise<{ rttMs: number }> {
    const { clock } = this.#ports
    if (!this.#warm.has(peer)) await this.#echo(peer, new Uint8Array(), { signal, timeoutMs })
    this.#warm.add(peer)
    const startMs = clock.monotonicMs()
    const answer = await this.#echo(peer, new Uint8Array(), { signal, timeoutMs })
    const rttMs = clock.monotonicMs() - startMs
    const coordinate = unpackEcho(answer)
    this.observe(peer, coordinate, rttMs)
    return { rttMs }
  }

  async probeBandwidth (
    peer: NodeId, bytes: number, { signal }: AbortOptions = {}
  ): Promise<{ bytesPerSecond: number }> {
    const { clock } = this.#ports
    const { rttMs } = await this.probe(peer, { signal })
    const startMs = clock.monotonicMs()
    let left = Math.min(bytes, PROBE_BYTES_MAX)
    const send = async (): Promise<void> => {
      while (left > 0) {
        const size = Math.min(left, PIECE_BYTES)
        left -= size
        await this.#echo(peer, new Uint8Array(size), { signal, timeoutMs: PROBE_TIMEOUT_MS })
      }
    }
    await Promise.all(Array.from({ length: PIECES_AT_A_TIME }, send))
    const seconds = Math.max(0.001, clock.monotonicMs() - startMs - rttMs) / 1000
    const bytesPerSecond = Math.min(bytes, PROBE_BYTES_MAX) / seconds
    if (bytes >= TRANSFER_BYTES_MIN) this.#ways.transfer(peer, bytesPerSecond, clock.monotonicMs())
    return { bytesPerSecond }
  }

  async #echo (peer: NodeId, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return await this.transport.link(peer, ECHO_PROTOCOL).request(payload, options)
  }

  #measured (peer: NodeId): Distance | undefined {
    const { rtt } = this.way(peer)
    return rtt === undefined
      ? undefined
      : { rttMs: rtt.value, errorMs: this.#ways.rttSpreadMs(peer), ageMs: rtt.ageMs }
  }

  #sampleIn (delayMs: number): void {
    const { clock, random } = this.#ports
    this.#cancelSample = clock.after(delayMs * (0.5 + random.unit()), () => { void this.#sample() })
  }

  /** One round trip to one neighbour; whether it answers is for others to judge. */
  async #sample (): Promise<void> {
    const { log, peers } = this.#ports
    const peer = this.#neighbours.next(this.#estimator.coordinate, peers)
    try {
      if (peer !== undefined) {
        await this.probe(peer)
        this.#samples++
      }
    } catch (error) {
      if (!isCloudError(error)) throw error
      this.#metrics.samples.add(1, { outcome: 'lost' })
      log.debug('measurement.sample_lost', { peer, code: error.code })
    }
    const { eagerPeriodMs, eagerSamples, samplePeriodMs } = this.#options
    if (!this.#stopped) this.#sampleIn(this.#samples < eagerSamples ? eagerPeriodMs : samplePeriodMs)
  }
}
