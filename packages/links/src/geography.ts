import { siteOf, type NodeId, type Zone } from '@welkin/interface'
import { commonPart, DATACENTER_LINKS } from './by-zone.ts'
import { unitOf } from './hash.ts'
import { GIGABIT, type LinkQuality, type LinksBetween } from './quality.ts'

/** Where sites may stand: anywhere within a circle on the globe. */
export interface Continent {
  name: string
  /** Degrees, north. */
  latitude: number
  /** Degrees, east. */
  longitude: number
  radiusKm: number
}

export interface Geography {
  zoneOf: (node: NodeId) => Zone
  /** Another seed is another map with the same names on it. Default: none. */
  seed?: string | undefined
  /** Default: the six that people live on. */
  continents?: readonly Continent[] | undefined
  /** Which continent a site stands on, by its name. Default: drawn, each as likely as the others. */
  continentOf?: ((site: Zone) => string) | undefined
  /** The time by which latencies drift, up to a tenth either way within some minutes. Default: they do not. */
  nowMs?: (() => number) | undefined
}

const CONTINENTS: readonly Continent[] = [
  { name: 'africa', latitude: 2, longitude: 21, radiusKm: 2800 },
  { name: 'asia', latitude: 28, longitude: 100, radiusKm: 3200 },
  { name: 'europe', latitude: 50, longitude: 12, radiusKm: 1500 },
  { name: 'north-america', latitude: 39, longitude: -97, radiusKm: 2000 },
  { name: 'oceania', latitude: -29, longitude: 147, radiusKm: 1800 },
  { name: 'south-america', latitude: -15, longitude: -58, radiusKm: 2000 }
]

const EARTH_RADIUS_KM = 6371
const RADIANS = Math.PI / 180

/** Light in glass goes at two thirds of its speed in nothing. */
const FIBRE_KM_PER_MS = 200

/** What lines to a site, exchanges and queues add one way, and what operators let pass before they lay another line. */
const LATENCY_MS_MIN = 10
const LATENCY_MS_MAX = 120

/** Routes are so much longer than the straight line, and one in ten goes by somewhere else altogether. */
const STRETCH = { min: 1.1, max: 1.6 }
const DETOUR = { share: 0.1, min: 1.6, max: 2.6 }

/** The two ways between a pair may differ by so much from their mean. */
const ASYMMETRY_RATIO = 0.1

const DRIFT_RATIO = 0.1
const DRIFT_PERIOD_MS = { min: 300_000, max: 1_200_000 }

/** One direction between two sites, and how it drifts. */
interface Route { quality: LinkQuality, driftPeriodMs: number, driftPhase: number }

/**
 * Links as geography makes them. Sites stand on continents, and the latency between two follows from their distance
 * at the speed of light in glass times what the route adds, which is drawn for each pair and way: so links are
 * asymmetric, and a way over a third site may be shorter than the direct one. From 10 to 120 ms one way between sites;
 * within one, links are those of a data centre. The same seed and zones give the same links, whoever asks and whenever.
 */
export function generateLinks ({ zoneOf, seed = '', nowMs, ...map }: Geography): LinksBetween {
  const draw = (what: string): number => unitOf(`${seed}\n${what}`)
  const { continents = CONTINENTS, continentOf } = map
  const locate = memoized((site: Zone) => {
    const drawn = continents[Math.floor(draw(`continent of ${site}`) * continents.length)]
    const continent = continentOf === undefined ? drawn : continents.find(({ name }) => name === continentOf(site))
    if (continent === undefined) throw new RangeError(`There is no continent for ${site}.`)
    return placeOn(continent, draw(`distance of ${site}`), draw(`direction of ${site}`))
  })
  const routesFrom = memoized((from: Zone) => memoized((to: Zone) =>
    drawRoute(from, to, distanceKm(locate(from), locate(to)), draw)))
  return (from, to) => {
    const [here, there] = [zoneOf(from), zoneOf(to)]
    const common = commonPart(here, there)
    if (common !== 'cloud') return DATACENTER_LINKS[common]
    const route = routesFrom(siteOf(here))(siteOf(there))
    return nowMs === undefined ? route.quality : drifted(route, nowMs())
  }
}

function drawRoute (from: Zone, to: Zone, km: number, draw: (what: string) => number): Route {
  const pair = [from, to].toSorted().join(' ')
  const way = `${from} to ${to}`
  const { min, max } = draw(`detour ${pair}`) < DETOUR.share ? DETOUR : STRETCH
  const stretch = min + draw(`stretch ${pair}`) * (max - min)
  const skew = 1 + ASYMMETRY_RATIO * (2 * draw(`skew ${way}`) - 1)
  const latencyMs = bounded(LATENCY_MS_MIN + km / FIBRE_KM_PER_MS * stretch * skew)
  return {
    quality: {
      latencyMs,
      // Both have long tails: most links are steady, a few are not.
      jitterMs: latencyMs * logUniform(0.005, 0.1, draw(`jitter ${way}`)),
      lossRatio: logUniform(0.00001, 0.001, draw(`loss ${way}`)),
      bytesPerSecond: GIGABIT
    },
    driftPeriodMs: DRIFT_PERIOD_MS.min + draw(`period ${way}`) * (DRIFT_PERIOD_MS.max - DRIFT_PERIOD_MS.min),
    driftPhase: draw(`phase ${way}`)
  }
}

function drifted ({ quality, driftPeriodMs, driftPhase }: Route, nowMs: number): LinkQuality {
  const drift = Math.sin(2 * Math.PI * (nowMs / driftPeriodMs + driftPhase))
  return { ...quality, latencyMs: bounded(quality.latencyMs * (1 + DRIFT_RATIO * drift)) }
}

function bounded (latencyMs: number): number {
  return Math.min(LATENCY_MS_MAX, Math.max(LATENCY_MS_MIN, latencyMs))
}

/** From `least` to `most`, each power of ten between them as likely as the others. */
function logUniform (least: number, most: number, unit: number): number {
  return least * (most / least) ** unit
}

interface Point { latitude: number, longitude: number }

/** A point of the circle, as likely here as there; near enough where the globe is not flat. */
function placeOn ({ latitude, longitude, radiusKm }: Continent, distance: number, direction: number): Point {
  const angle = radiusKm * Math.sqrt(distance) / EARTH_RADIUS_KM / RADIANS
  const north = latitude + angle * Math.cos(2 * Math.PI * direction)
  const east = angle * Math.sin(2 * Math.PI * direction) / Math.cos(latitude * RADIANS)
  return { latitude: north, longitude: longitude + east }
}

/** Along the great circle, by the haversine formula. */
function distanceKm (here: Point, there: Point): number {
  const north = Math.sin((there.latitude - here.latitude) * RADIANS / 2)
  const east = Math.sin((there.longitude - here.longitude) * RADIANS / 2)
  const chord = north ** 2 + Math.cos(here.latitude * RADIANS) * Math.cos(there.latitude * RADIANS) * east ** 2
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, chord)))
}

function memoized<T> (make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>()
  return key => {
    const known = made.get(key)
    if (known !== undefined) return known
    const fresh = make(key)
    made.set(key, fresh)
    return fresh
  }
}
