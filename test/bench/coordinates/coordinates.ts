import { createVirtualRandom } from '@welkin/platform-virtual'
import { bench, type Figures, type Target } from '../bench.ts'
import { readMatrices, type NamedMatrix } from './matrices.ts'
import { judge, nearestPenaltyMs, ourMethod, plainMethod } from './race.ts'

const PROBES = 5

/** What was asked of the median, by the beginning of the matrix's name. */
const MEDIAN_MAX: Readonly<Record<string, number>> = { planetlab: 0.09, wondernetwork: 0.08 }

/** How well nodes know how far others are, after so many round trips each, beside plain Vivaldi. */
export const coordinates = bench('Errors of network coordinates on measured matrices, beside plain Vivaldi', {
  samples: { about: 'after how many samples of each node to look', usual: [50, 100, 200, 400], quick: [10, 20] },
  trials: { about: 'choices of the nearest of ten', usual: 4000, quick: 50 },
  seed: { about: 'of all chance', usual: 1, quick: 1 }
}, async ({ samples, trials, seed }, _stage, files) => {
  const matrices = readMatrices(files)
  const figures: Record<string, Figures> = {}
  const rivals: Record<string, Figures> = {}
  for (const matrix of matrices) {
    figures[matrix.name] = follow(matrix, 'ours', { samples, trials, seed })
    rivals[`plain Vivaldi, ${matrix.name}`] = follow(matrix, 'plain', { samples, trials, seed })
  }
  return {
    figures,
    rivals,
    lines: { ...figures, ...rivals },
    targets: Object.entries(figures).flatMap(([name, of]) => targetsOf(name, of, samples)),
    notes: matrices.length === 0
      ? ['No matrix was found: name files, or set WELKIN_DATA to the folder that has them.']
      : ['Shares of the true round trip, over all pairs; penalties in ms. All nodes start together and know nothing.']
  }
}, { files: 'matrices of round trips in ms (.csv, .csv.gz); left out: those of WELKIN_DATA' })

interface Race { samples: readonly number[], trials: number, seed: number }

function follow (matrix: NamedMatrix, who: 'ours' | 'plain', { samples, trials, seed }: Race): Figures {
  const random = createVirtualRandom(seed).fork(`${matrix.name} ${who}`)
  const method = who === 'ours' ? ourMethod(matrix, random) : plainMethod(matrix, random)
  const figures: Record<string, number> = {}
  let takenMs = 0
  for (let round = 1; round <= Math.max(...samples); round++) {
    const roundMs = performance.now()
    method.round()
    takenMs += performance.now() - roundMs
    if (!samples.includes(round)) continue
    const { median, p90, within } = judge(matrix, method)
    Object.assign(figures, { [`median${round}`]: median, [`p90${round}`]: p90 })
    if (who === 'ours') figures['withinBar'] = within
  }
  figures['nearestMs'] = nearestPenaltyMs(matrix, method, random, { trials, probes: 0 })
  figures['probedMs'] = nearestPenaltyMs(matrix, method, random, { trials, probes: PROBES })
  figures['usPerSample'] = takenMs * 1000 / matrix.size / Math.max(...samples)
  return figures
}

function targetsOf (name: string, of: Figures, samples: readonly number[]): Target[] {
  const last = Math.max(...samples)
  const medianMax = Object.entries(MEDIAN_MAX).find(([prefix]) => name.startsWith(prefix))?.[1]
  return [
    ...medianMax === undefined ? [] : [{
      what: `${name}: median after ${last} samples`, value: of[`median${last}`] as number, atMost: medianMax
    }],
    ...samples.includes(50)
      ? [{ what: `${name}: median after 50 samples`, value: of['median50'] as number, atMost: 0.15 }]
      : [],
    { what: `${name}: 90th percentile after ${last} samples`, value: of[`p90${last}`] as number, atMost: 0.4 },
    {
      what: `${name}: ms over the true nearest of ten, with ${PROBES} probes`,
      value: of['probedMs'] as number,
      atMost: 3
    }
  ]
}
