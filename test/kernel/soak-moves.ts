import { tell as say } from '../bench/progress.ts'
import { tellFollowing } from './following.ts'
import { tellKept } from './keeping.ts'
import { drawStory, FAULTS, tellMove, type MoveStory } from './moving.ts'

/**
 * Moves while things fail. `node test/dist/kernel/soak-moves.js every [objects]` strikes at every moment of a move,
 * each kind of fault alone; `… random COUNT [FIRST]` draws several for each seed; `… seed SEED` tells one of these
 * again; `… kept COUNT [FIRST]` has an object gone on with from its checkpoints, by faults and moves that are drawn;
 * `… follow COUNT [FIRST]` moves a topic twenty times while somebody talks to it and connections break.
 */
const [how = 'every', first = '1', second = '1'] = process.argv.slice(2)
let [told, broken] = [0, 0]

if (how === 'every') await strikeAtEvery(Number(first) === 2 ? 2 : 1)
else if (how === 'seed') await tell(drawStory(first))
else if (how === 'kept') await keep(Number(first), Number(second))
else if (how === 'follow') await follow(Number(first), Number(second))
else for (let at = 0; at < Number(first); at++) await tell(drawStory(`move-${Number(second) + at}`))
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

async function follow (count: number, from: number): Promise<void> {
  for (let at = from; at < from + count; at++) {
    const outcome = await tellFollowing({ seed: `follow-${at}`, moves: 20, lines: 300, faults: true })
    told += outcome.moves
    if (outcome.broken.length === 0) continue
    broken++
    console.log(`follow-${at}`, outcome.broken.slice(0, 5))
  }
}

async function keep (count: number, from: number): Promise<void> {
  for (let at = from; at < from + count; at++) {
    const faults = await tellKept(`kept-${at}`)
    told++
    if (faults.length > 0) broken++
    if (faults.length > 0) console.log(`kept-${at}`, faults.slice(0, 5))
  }
}

async function tell (story: MoveStory): Promise<void> {
  const outcome = await tellMove(story)
  if (++told % 100 === 0) say(`${told} moves, ${broken} broken`)
  if (outcome.broken.length === 0) return
  broken++
  console.log(JSON.stringify(story), outcome.broken.slice(0, 5))
}
