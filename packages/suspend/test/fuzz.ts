/**
 * Draws modules and compares each with itself, suspended:
 *
 *     node packages/suspend/dist/test/fuzz.js [FIRST SEED] [COUNT]
 */
import { fuzzOne } from './kit/fuzz.ts'

const [first = 1, count = 1000] = process.argv.slice(2).map(Number)
let hops = 0
for (let seed = first; seed < first + count; seed++) hops += fuzzOne(seed)
process.stdout.write(`${count} modules from seed ${first}, ${hops} suspensions: all the same\n`)
