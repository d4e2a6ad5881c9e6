import { drawInteger, drawOne, type Random } from '@welkin/interface'
import { createVirtualRandom } from '@welkin/platform-virtual'
import { FAULTS, tellMove, type MoveStory } from './moving.ts'

/**
 * Moves while things fail: `node test/dist/kernel/soak-moves.js every [objects]` strikes at every moment of a move,
 * each kind of fault alone; `… random COUNT [FIRST]` draws several for each seed; `… seed SEED` tells one again.
 */
const [how = 'every', first = '1', second = '1'] = process.argv.slice(2)
let [told, broken] = [0, 0]

if (how === 'every') await strikeAtEvery(Number(first) === 2 ? 2 : 1)
else if (how === 'seed') await tell(draw(first))
else for (let at = 0; at < Number(first); at++) await tell(draw(`move-${Number(second) + at}`))
console.log(`${told} moves, ${broken} broken`)
process.exitCode = broken > 0 ? 1 : 0

async function strikeAtEvery (objects: 1 | 2): Promise<void> {
  const { momentsMs } = await tellMove({ seed: 'every', objects, faults: [] })
  const moments = [...new Set(momentsMs)]
  // Between two messages something is written, perhaps.
  const between = moments.flatMap((at, index) => index === 0 ? [] : (at + (moments[index - 1] as number)) / 2)
  for (const what of FAULTS) {
    for (const atMs of [...moments, ...between]) {
      await tell({ seed: 'every', objects, faults: [{ what, atMs, forMs: 3000 }] })
    }
  }
}

async function tell (story: MoveStory): Promise<void> {
  const outcome = await tellMove(story)
  told++
  if (outcome.broken.length === 0) return
  broken++
  console.log(JSON.stringify(story), outcome.broken.slice(0, 5))
}

function draw (seed: string): MoveStory {
  const random: Random = createVirtualRandom(seed)
  const faults = Array.from({ length: 1 + drawInteger(random, 3) }, () => ({
    what: drawOne(random, FAULTS) as (typeof FAULTS)[number],
    atMs: random.unit() ** 3 * 3000,
    forMs: 20 + random.unit() ** 3 * 25_000
  }))
  return { seed, objects: random.unit() < 0.5 ? 1 : 2, faults }
}
